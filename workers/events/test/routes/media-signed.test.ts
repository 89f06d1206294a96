import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, newOrganizer, problemOf } from "../helpers.ts";
import { listed, photo, readEvent, uploaded } from "../media-support.ts";
import { ownApp } from "../own-app.ts";

describe("signed addresses", () => {
  const query = (url: string) => new URL(url).search;

  test("open a draft's media to who was given them, for a while, and are kept by nobody else", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    const { cover } = await readEvent(event, organizer);
    expect(cover?.url).toBe(media.url);
    const response = await call("GET", `/v1/media/${media.id}${query(media.url)}`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([
      200,
      `private, max-age=${limits.mediaUrlKeptSeconds}`,
    ]);
    await response.arrayBuffer();
    const published = await call("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    expect((await published.json<EventView>()).cover?.url).toBe(`http://localhost:8787/v1/media/${media.id}`);
  });

  test("expired, forged, cut or for other media they open nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user, photo(900, 1));
    const other = await uploaded(event.id, organizer.user, photo(900, 2));
    const params = new URL(media.url).searchParams;
    const [expires, signature] = [Number(params.get("expires")), params.get("signature") ?? ""];
    const at = (id: string, end: number | string, signed: string) =>
      call("GET", `/v1/media/${id}?expires=${end}&signature=${signed}`);
    expect((await at(media.id, expires, signature)).status).toBe(200);
    const forged = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    for (const [id, end, signed] of [
      [other.id, expires, signature],
      [media.id, expires + 1, signature],
      [media.id, expires - 3_600, signature],
      [media.id, expires, forged],
    ] as const)
      expect([(await at(id, end, signed)).status, id]).toEqual([404, id]);
    expect((await call("GET", `/v1/media/${media.id}?expires=${expires}`)).status).toBe(404);
    expect((await at(media.id, expires, signature.slice(1))).status).toBe(422);
    const path = `/v1/media/${media.id}?expires=${expires}&signature=${signature}`;
    for (const [nowMs, status] of [
      [expires * 1_000 - 1, 200],
      [expires * 1_000, 404],
    ] as const) {
      const deps = ownApp().deps;
      const { createMediaAddresses } = await import("../../src/clients/media-addresses.ts");
      const mediaAddresses = createMediaAddresses(env.EVENT_ACCESS_SECRET, deps.publicUrl, () => nowMs);
      expect((await ownApp(() => ({ mediaAddresses })).fetch("GET", path)).status).toBe(status);
    }
  });

  test.each(["private", "password"])(
    "are all that opens media of a %s event, and end when it is gated anew",
    async (visibility) => {
      const organizer = await newOrganizer();
      const event = await createPublished(organizer);
      const media = await uploaded(event.id, organizer.user);
      await env.EVENTS_DB.prepare("UPDATE events SET visibility = ?2 WHERE id = ?1").bind(event.id, visibility).run();
      expect((await call("GET", `/v1/media/${media.id}`)).status).toBe(404);
      expect((await call("GET", `/v1/media/${media.id}`, { user: (await newOrganizer()).user })).status).toBe(404);
      const member = await call("GET", `/v1/media/${media.id}`, { user: organizer.user });
      expect([member.status, member.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
      const [gated] = await listed(event, organizer);
      const signed = `/v1/media/${media.id}${query(gated?.url ?? media.url)}`;
      expect((await call("GET", signed)).status).toBe(200);
      await env.EVENTS_DB.prepare("UPDATE events SET access_version = access_version + 1 WHERE id = ?1")
        .bind(event.id)
        .run();
      expect((await call("GET", signed)).status).toBe(404);
    },
  );

  test("of a media that does not exist say nothing", async () => {
    const response = await call("GET", `/v1/media/${newId("media", 1)}?expires=1&signature=${"A".repeat(43)}`);
    expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.media_not_found"]);
  });
});
