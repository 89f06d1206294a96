import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { XMLParser } from "fast-xml-parser";
import ICAL from "ical.js";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  move,
  newOrganizer,
  problemOf,
  type TestOrganizer,
} from "../helpers.ts";
import { ownApp } from "../own-app.ts";

const at = (days: number): string => new Date(Date.now() + days * dayMs).toISOString();
const minutes = "public, max-age=300";
const meeting = { kind: "online", url: "https://meet.example/secret" } as const;

/** Ids of the events in a calendar, and the state of each, in order. */
async function entriesOf(response: Response): Promise<[string, string][]> {
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  const root = new ICAL.Component(ICAL.parse(await response.text()));
  return root.getAllSubcomponents("vevent").map((event) => {
    return [
      String(event.getFirstPropertyValue("uid")).split("@")[0] ?? "",
      String(event.getFirstPropertyValue("status")),
    ];
  });
}

async function idsOfFeed(path: string): Promise<string[]> {
  const response = await call("GET", path);
  expect(response.status).toBe(200);
  if (path.includes("feed.json")) {
    expect(response.headers.get("content-type")).toBe("application/feed+json; charset=utf-8");
    const feed: { items: { id: string }[] } = await response.json();
    return feed.items.map(({ id }) => id.split("/").at(-1) ?? "");
  }
  expect(response.headers.get("content-type")).toBe("application/rss+xml; charset=utf-8");
  const feed = new XMLParser({ isArray: (name) => name === "item" }).parse(await response.text());
  return (feed.rss.channel.item ?? []).map(({ guid }: { guid: string }) => guid);
}

async function setStatus(event: EventView, status: string): Promise<void> {
  await env.EVENTS_DB.prepare("UPDATE events SET status = ?2 WHERE id = ?1").bind(event.id, status).run();
}

describe("an event's calendar", () => {
  test("is for whoever may read the event, under its id and its slug, and does not say where to join", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { title: `Night ${crypto.randomUUID()}`, location: meeting });
    for (const address of [event.id, event.slug]) {
      const response = await call("GET", `/v1/events/${address}/calendar.ics`);
      expect(response.headers.get("cache-control")).toBe(minutes);
      expect(response.headers.get("cache-tag")).toBe(`event:${event.id}`);
      expect(response.headers.get("vary")).toBe("authorization, x-event-access");
      expect(response.headers.get("content-disposition")).toBe(`inline; filename="${event.slug}.ics"`);
      expect(await response.clone().text()).not.toContain("meet.example");
      expect(await entriesOf(response)).toEqual([[event.id, "CONFIRMED"]]);
    }
    const member = await call("GET", `/v1/events/${event.id}/calendar.ics`, { user: organizer.user });
    expect(member.headers.get("cache-control")).toBe("private, no-store");
    expect(await member.text()).not.toContain("meet.example");
  });

  test("of an unlisted event is for whoever has its address, and kept without asking by nobody", async () => {
    const event = await createPublished(await newOrganizer(), { visibility: "unlisted" });
    const response = await call("GET", `/v1/events/${event.id}/calendar.ics`);
    expect(response.headers.get("cache-control")).toBe("public, no-cache");
    expect(await entriesOf(response)).toEqual([[event.id, "CONFIRMED"]]);
  });

  test("of a draft is its organization's alone; what has no date has none", async () => {
    const organizer = await newOrganizer();
    const draft = await createDraft(organizer);
    const path = `/v1/events/${draft.id}/calendar.ics`;
    expect((await call("GET", path)).status).toBe(404);
    expect((await call("GET", path, { user: await newTestUser() })).status).toBe(404);
    for (const token of Object.values(await badTokens()))
      expect((await call("GET", path, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    expect(await entriesOf(await call("GET", path, { user: organizer.user }))).toEqual([[draft.id, "TENTATIVE"]]);
    const undated = await createDraft(organizer, { startsAt: null, endsAt: null });
    const refused = await call("GET", `/v1/events/${undated.id}/calendar.ics`, { user: organizer.user });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.undated"]);
    for (const absent of [newId("event", 1), "no-such-event", "Not%20A%20Slug", "evt_1"])
      expect((await call("GET", `/v1/events/${absent}/calendar.ics`)).status).toBe(404);
  });

  test("is sent once: by its tag, else by its date, it is known to be had already", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const path = `/v1/events/${event.id}/calendar.ics`;
    const whole = await call("GET", path);
    const etag = whole.headers.get("etag") ?? "";
    const date = whole.headers.get("last-modified") ?? "";
    const status = async (headers: Record<string, string>) => (await call("GET", path, { headers })).status;
    expect(await status({ "if-none-match": etag })).toBe(304);
    expect(await status({ "if-none-match": `"other", W/${etag}` })).toBe(304);
    expect(await status({ "if-modified-since": date })).toBe(304);
    expect(await status({ "if-modified-since": new Date(Date.parse(date) - 1_000).toUTCString() })).toBe(200);
    expect(await status({ "if-modified-since": "yesterday" })).toBe(200);
    // The tag decides where there is one.
    expect(await status({ "if-none-match": '"other"', "if-modified-since": date })).toBe(200);
    const nothing = await call("GET", path, { headers: { "if-none-match": etag } });
    expect([await nothing.text(), nothing.headers.get("etag")]).toEqual(["", etag]);
    const head = await call("HEAD", path);
    expect([head.status, await head.text(), head.headers.get("etag")]).toEqual([200, "", etag]);
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Another" } });
    expect(await status({ "if-none-match": etag })).toBe(200);
  });
});

/** One event in each state that a calendar or feed must tell apart. */
async function everyKind(organizer: TestOrganizer) {
  const coming = await createPublished(organizer, { startsAt: at(40), endsAt: at(41), location: meeting });
  const sooner = await createPublished(organizer, { startsAt: at(20), endsAt: at(21) });
  const cancelled = await createPublished(organizer, { startsAt: at(25), endsAt: at(26) });
  await setStatus(cancelled, "cancelled");
  const postponed = await createPublished(organizer, { startsAt: at(30), endsAt: at(31) });
  await setStatus(postponed, "postponed");
  await createDraft(organizer);
  await move(organizer, await createDraft(organizer), "cancel");
  await createPublished(organizer, { visibility: "unlisted" });
  for (const visibility of ["password", "private"]) {
    const gated = await createPublished(organizer);
    await env.EVENTS_DB.prepare("UPDATE events SET visibility = ?2 WHERE id = ?1").bind(gated.id, visibility).run();
  }
  return { coming, sooner, cancelled, postponed };
}

describe("an organizer's calendar", () => {
  test("holds what is public, what was cancelled or postponed, and the last ninety days", async () => {
    const organizer = await newOrganizer();
    const { coming, sooner, cancelled, postponed } = await everyKind(organizer);
    const path = `/v1/organizations/${organizer.organizationId}/calendar.ics`;
    const expected = [
      [sooner.id, "CONFIRMED"],
      [cancelled.id, "CANCELLED"],
      [postponed.id, "TENTATIVE"],
      [coming.id, "CONFIRMED"],
    ];
    const response = await call("GET", path);
    expect(response.headers.get("cache-control")).toBe(minutes);
    expect(response.headers.get("cache-tag")).toBe(`organization:${organizer.organizationId}`);
    expect(await response.clone().text()).not.toContain("meet.example");
    expect(await entriesOf(response)).toEqual(expected);
    // A member gets the same: it is a page for subscribers.
    expect(await entriesOf(await call("GET", path, { user: organizer.user }))).toEqual(expected);
    const slug = `organization-${organizer.organizationId.slice(-4)}`;
    expect(await entriesOf(await call("GET", `/v1/organizations/${slug}/calendar.ics`))).toEqual(expected);

    await setStatus(sooner, "completed");
    const later = (days: number) =>
      ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + days * dayMs } })).fetch("GET", path);
    expect((await entriesOf(await later(110))).map(([id]) => id)).toContain(sooner.id);
    expect((await entriesOf(await later(112))).map(([id]) => id)).not.toContain(sooner.id);
  });

  test("still holds what began long ago and has not ended", async () => {
    const organizer = await newOrganizer();
    const exhibition = await createPublished(organizer, { startsAt: at(1), endsAt: at(300) });
    const app = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 250 * dayMs } }));
    const response = await app.fetch("GET", `/v1/organizations/${organizer.organizationId}/calendar.ics`);
    expect(await entriesOf(response)).toEqual([[exhibition.id, "CONFIRMED"]]);
  });

  test("holds five hundred events at most, the soonest", async () => {
    const organizer = await newOrganizer();
    const model = await createPublished(organizer, { startsAt: at(1), endsAt: at(2) });
    const columns = `organization_id, organization_name, status, version, title, summary, description, timezone, location, tags,
      visibility, created_at_ms, updated_at_ms, published_at_ms`;
    const copies = Array.from({ length: limits.calendarEventsMax }, (_, index) => ({
      id: newId("event", Date.now()),
      startsAtMs: Date.now() + (10 + index) * dayMs,
    }));
    await env.EVENTS_DB.prepare(
      `INSERT INTO events (id, slug, starts_at_ms, ends_at_ms, ${columns})
       SELECT value ->> 'id', lower(value ->> 'id'), value ->> 'startsAtMs', (value ->> 'startsAtMs') + 1000, ${columns}
       FROM json_each(?2), events WHERE events.id = ?1`,
    )
      .bind(model.id, JSON.stringify(copies))
      .run();
    for (const path of [
      `/v1/organizations/${organizer.organizationId}/calendar.ics`,
      `/v1/events/calendar.ics?organizationId=${organizer.organizationId}`,
    ]) {
      const ids = (await entriesOf(await call("GET", path))).map(([id]) => id);
      expect(ids).toEqual([model.id, ...copies.map(({ id }) => id)].slice(0, limits.calendarEventsMax));
    }
    const feed = await idsOfFeed(`/v1/organizations/${organizer.organizationId}/feed.json`);
    expect(feed).toHaveLength(limits.feedItemsMax);
  });

  test.each(["calendar.ics", "feed.json", "feed.xml"])("there is no %s of nobody", async (name) => {
    for (const absent of [newId("organization", 1), "no-such-organization"]) {
      const response = await call("GET", `/v1/organizations/${absent}/${name}`);
      expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.organization_not_found"]);
    }
    for (const malformed of ["A", "org_1", "a%2Fb", "a".repeat(61), "%00"])
      expect((await call("GET", `/v1/organizations/${malformed}/${name}`)).status).toBe(404);
  });

  test("says so when users does not answer", async () => {
    const organizer = await newOrganizer();
    const unavailable = { ok: false, error: { code: "platform.unavailable", detail: "Down." } } as const;
    const app = ownApp((deps) => ({ users: { ...deps.users, findOrganization: async () => unavailable } }));
    const response = await app.fetch("GET", `/v1/organizations/${organizer.organizationId}/calendar.ics`);
    expect(response.status).toBe(503);
  });
});

describe("a saved search", () => {
  test("is a calendar of what the list shows, and of what of it is called off", async () => {
    const organizer = await newOrganizer();
    const { coming, sooner, cancelled, postponed } = await everyKind(organizer);
    const mine = `organizationId=${organizer.organizationId}`;
    const search = async (query: string) => {
      const response = await call("GET", `/v1/events/calendar.ics?${mine}&${query}`);
      expect(response.headers.get("cache-control")).toBe(minutes);
      return (await entriesOf(response)).map(([id]) => id);
    };
    expect(await search("")).toEqual([sooner.id, cancelled.id, postponed.id, coming.id]);
    expect(await search("online=true")).toEqual([coming.id]);
    expect(await search("city=bErLiN")).toEqual([sooner.id, cancelled.id, postponed.id]);
    expect(await search(`from=${at(28)}&to=${at(35)}`)).toEqual([postponed.id]);
    expect(await search("categoryId=cat_00000000000000000000000012")).toEqual([]);
  });

  test("is a feed of it, what was made public last first", async () => {
    const organizer = await newOrganizer();
    const { coming, sooner } = await everyKind(organizer);
    await env.EVENTS_DB.prepare("UPDATE events SET published_at_ms = published_at_ms + 60000 WHERE id = ?1")
      .bind(coming.id)
      .run();
    const mine = `organizationId=${organizer.organizationId}`;
    for (const kind of ["json", "xml"]) {
      expect(await idsOfFeed(`/v1/events/feed.${kind}?${mine}`)).toEqual([coming.id, sooner.id]);
      expect(await idsOfFeed(`/v1/events/feed.${kind}?${mine}&online=false`)).toEqual([sooner.id]);
      expect(await idsOfFeed(`/v1/organizations/${organizer.organizationId}/feed.${kind}`)).toEqual([
        coming.id,
        sooner.id,
      ]);
      const response = await call("GET", `/v1/events/feed.${kind}?${mine}`);
      expect(response.headers.get("cache-control")).toBe(minutes);
      expect(response.headers.get("cache-tag")).toBe(`organization:${organizer.organizationId}`);
      const etag = response.headers.get("etag") ?? "";
      const again = await call("GET", `/v1/events/feed.${kind}?${mine}`, { headers: { "if-none-match": etag } });
      expect(again.status).toBe(304);
      expect(await response.text()).not.toContain("meet.example");
    }
    expect((await call("GET", "/v1/events/feed.json")).headers.get("cache-tag")).toBe("events");
  });

  test.each(["calendar.ics", "feed.json", "feed.xml"])(
    "of %s takes what a list takes, and nothing else",
    async (name) => {
      for (const [query, path] of [
        ["status=draft", "query.status"],
        ["visibility=private", "query.visibility"],
        ["limit=5", "query.limit"],
        ["online=maybe", "query.online"],
        ["from=today", "query.from"],
        ["venueId=1", "query.venueId"],
        [`city=${"a".repeat(121)}`, "query.city"],
        ["x=1", "query.x"],
      ]) {
        const response = await call("GET", `/v1/events/${name}?${query}`);
        expect([query, response.status]).toEqual([query, 422]);
        expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
      }
    },
  );

  test("its own address in a feed is made of what was understood, so nothing is planted there", async () => {
    const response = await call("GET", `/v1/events/feed.xml?city=${encodeURIComponent('"><script>&')}`);
    const text = await response.text();
    expect(text).not.toContain("<script");
    expect(text).toContain("/v1/events/feed.xml?city=%22%3E%3Cscript%3E%26");
  });
});
