import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { limits } from "@foyer/kernel/limits";
import { expect, test, vi } from "vitest";
import { call, createPublished, newOrganizer } from "../helpers.ts";

/** What a published edit may take until every anonymous reader sees it. */
const seenWithinMs = 2_000;

/** How long a cache in front of the platform may show an answer; anything that would let it do so for longer fails the test. */
function sharedForMs(response: Response): number {
  const directives = (response.headers.get("cache-control") ?? "").split(/,\s*/);
  expect(directives.filter((name) => !/^(?:public|max-age=0|s-maxage=\d+)$/.test(name))).toEqual([]);
  const seconds = directives.find((name) => name.startsWith("s-maxage="))?.split("=")[1];
  return Number(seconds) * 1_000;
}

test("isolate, gateway and shared caches together show an edit within two seconds", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const page = await call("GET", `/v1/events/${event.id}`);
  expect(limits.eventPageFreshMs + limits.edgeAnswerKeptMs + sharedForMs(page)).toBeLessThanOrEqual(seenWithinMs);
  const list = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`);
  expect(limits.edgeAnswerKeptMs + sharedForMs(list)).toBeLessThanOrEqual(seenWithinMs);
});

test("an edit made in another isolate is seen here within half a second, and in lists at once", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const title = async (): Promise<string> => {
    const seen: EventView = await (await call("GET", `/v1/events/${event.id}`)).json();
    return seen.title;
  };
  expect(await title()).toBe("Summer Night");
  // Written behind this isolate's back: only time can tell it.
  await env.EVENTS_DB.prepare("UPDATE events SET title = 'Elsewhere' WHERE id = ?1").bind(event.id).run();
  const sinceMs = Date.now();
  const list: { data: EventView[] } = await (
    await call("GET", `/v1/events?organizationId=${organizer.organizationId}`)
  ).json();
  expect(list.data.map((listed) => listed.title)).toEqual(["Elsewhere"]);
  await vi.waitFor(async () => expect(await title()).toBe("Elsewhere"), { timeout: 3_000, interval: 20 });
  expect(Date.now() - sinceMs).toBeLessThan(limits.eventPageFreshMs + 250);
});
