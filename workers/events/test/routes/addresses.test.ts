import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  eventBody,
  freshTitle,
  move,
  newOrganizer,
  problemOf,
} from "../helpers.ts";

/** A request whose redirects are shown instead of followed. */
const get = (path: string, headers: Record<string, string> = {}) => call("GET", path, { headers });

async function rename(organizer: Awaited<ReturnType<typeof newOrganizer>>, event: EventView, slug: string) {
  const response = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { slug } });
  expect(response.status).toBe(200);
  return (await response.json()) as EventView;
}

const freshSlug = (): string => `slug-${newId("event", Date.now()).slice(-12)}`;

describe("a slug", () => {
  test("may be chosen, stays when the title changes, and gives the event its bare address", async () => {
    const organizer = await newOrganizer();
    const slug = freshSlug();
    const event = await createDraft(organizer, { slug });
    expect(event).toMatchObject({ slug, url: `http://localhost:8787/v1/events/${slug}` });
    const retitled = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Else" } });
    expect(await retitled.json()).toMatchObject({ title: "Else", slug });
  });

  test("of another organization is free, but then it is not bare", async () => {
    const [first, second] = [await newOrganizer(), await newOrganizer()];
    const slug = freshSlug();
    const mine = await createPublished(first, { slug });
    const theirs = await createPublished(second, { slug });
    const path = `/v1/organizations/${second.organizationId}/events/${slug}`;
    expect(theirs.url).toBe(`http://localhost:8787${path}`);
    expect(await (await get(`/v1/events/${slug}`)).json()).toMatchObject({ id: mine.id });
    expect(await (await get(path)).json()).toMatchObject({ id: theirs.id });
    expect(await (await get(`/v1/organizations/${first.organizationId}/events/${slug}`)).json()).toMatchObject({
      id: mine.id,
    });
  });

  test("that another event of the organization has or had is taken, on creating and on changing; nothing is written", async () => {
    const organizer = await newOrganizer();
    const [old, present] = [freshSlug(), freshSlug()];
    const holder = await rename(organizer, await createDraft(organizer, { slug: old }), present);
    const other = await createDraft(organizer, { title: freshTitle() });
    for (const slug of [old, present]) {
      const created = await call("POST", "/v1/events", {
        user: organizer.user,
        body: eventBody(organizer.organizationId, { slug }),
      });
      expect([created.status, await problemOf(created)]).toMatchObject([
        409,
        { code: "events.slug_taken", errors: [{ path: "slug" }] },
      ]);
      const changed = await call("PATCH", `/v1/events/${other.id}`, {
        user: organizer.user,
        body: { slug, title: "No" },
      });
      expect([changed.status, (await problemOf(changed)).code]).toEqual([409, "events.slug_taken"]);
    }
    const after = await call("GET", `/v1/events/${other.id}`, { user: organizer.user });
    expect(await after.json()).toMatchObject({ slug: other.slug, title: other.title, version: 1 });
    expect(holder.slug).toBe(present);
  });

  test("of its own from before is taken back, and its bare address with it", async () => {
    const organizer = await newOrganizer();
    const [first, second] = [freshSlug(), freshSlug()];
    const event = await createPublished(organizer, { slug: first });
    await rename(organizer, event, second);
    const back = await rename(organizer, event, first);
    expect(back).toMatchObject({ slug: first, url: `http://localhost:8787/v1/events/${first}` });
    const { results } = await env.EVENTS_DB.prepare(
      "SELECT slug, bare FROM event_slugs WHERE event_id = ?1 ORDER BY slug",
    )
      .bind(event.id)
      .all();
    expect(results).toEqual([first, second].toSorted().map((slug) => ({ slug, bare: 1 })));
    const forward = await get(`/v1/events/${second}`);
    expect([forward.status, forward.headers.get("location")]).toEqual([308, `/v1/events/${first}`]);
  });

  test("that many events of one organization want at once goes to one of them", async () => {
    const organizer = await newOrganizer();
    const slug = freshSlug();
    const drafts = await Promise.all(Array.from({ length: 6 }, () => createDraft(organizer, { title: freshTitle() })));
    const statuses = await Promise.all(
      drafts.map(
        async (draft) =>
          (await call("PATCH", `/v1/events/${draft.id}`, { user: organizer.user, body: { slug } })).status,
      ),
    );
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  test("that many organizations want at once is bare for one of them", async () => {
    const organizers = await Promise.all(Array.from({ length: 5 }, () => newOrganizer()));
    const slug = freshSlug();
    const events = await Promise.all(organizers.map((organizer) => createDraft(organizer, { slug })));
    expect(events.filter(({ url }) => url.endsWith(`/v1/events/${slug}`))).toHaveLength(1);
    expect(new Set(events.map(({ slug: own }) => own))).toEqual(new Set([slug]));
  });

  test.each(["Upper", "two--dashes", "-edge", "ümlaut", "a/b", "evt_1", "ab", "x".repeat(101)])(
    "%j is none",
    async (slug) => {
      const organizer = await newOrganizer();
      const response = await call("POST", "/v1/events", {
        user: organizer.user,
        body: eventBody(organizer.organizationId, { slug }),
      });
      expect([response.status, (await problemOf(response)).errors]).toMatchObject([422, [{ path: "slug" }]]);
    },
  );
});

describe("an old address", () => {
  test("leads on with its query, for good, and says so to machines that only ask", async () => {
    const organizer = await newOrganizer();
    const [old, present] = [freshSlug(), freshSlug()];
    const event = await createPublished(organizer, { slug: old });
    expect((await get(`/v1/events/${old}`)).status).toBe(200);
    await rename(organizer, event, present);
    const response = await get(`/v1/events/${old}?locale=de&utm_source=mail`);
    expect(response.status).toBe(308);
    expect(response.headers.get("location")).toBe(`/v1/events/${present}?locale=de&utm_source=mail`);
    const long = await get(`/v1/organizations/${organizer.organizationId}/events/${old}`);
    expect([long.status, long.headers.get("location")]).toEqual([
      308,
      `/v1/organizations/${organizer.organizationId}/events/${present}`,
    ]);
    const member = await call("GET", `/v1/events/${old}`, { user: organizer.user });
    expect([member.status, member.headers.get("cache-control")]).toEqual([308, "private, no-store"]);
  });

  test("of a draft or a private event leads strangers nowhere", async () => {
    const organizer = await newOrganizer();
    for (const visibility of ["public", "private"]) {
      const old = freshSlug();
      const draft = await createDraft(organizer, { slug: old, visibility });
      const event = visibility === "private" ? await move(organizer, draft, "publish") : draft;
      await rename(organizer, event, freshSlug());
      for (const options of [{}, { user: await newTestUser() }])
        expect((await call("GET", `/v1/events/${old}`, options)).status).toBe(404);
    }
  });

  test("is forgotten by the isolate's cache, like all others, by a write", async () => {
    const organizer = await newOrganizer();
    const slug = freshSlug();
    const event = await createPublished(organizer, { slug });
    const addresses = [
      `/v1/events/${event.id}`,
      `/v1/events/${slug}`,
      `/v1/organizations/${organizer.organizationId}/events/${slug}`,
    ];
    for (const path of addresses) expect(await (await get(path)).json()).toMatchObject({ title: event.title });
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Other words" } });
    for (const path of addresses) expect(await (await get(path)).json()).toMatchObject({ title: "Other words" });
  });
});

describe("below an organization", () => {
  test("an event is found by the organization's slug, and not by another's", async () => {
    const organizer = await newOrganizer();
    const organization = freshSlug();
    await env.USERS.testOrganization({ id: organizer.organizationId, name: "House", slug: organization });
    const event = await createPublished(organizer, { slug: freshSlug() });
    const found = await get(`/v1/organizations/${organization}/events/${event.slug}`);
    expect([found.status, ((await found.json()) as EventView).id]).toEqual([200, event.id]);
    const other = await newOrganizer();
    for (const path of [
      `/v1/organizations/${other.organizationId}/events/${event.slug}`,
      `/v1/organizations/${freshSlug()}/events/${event.slug}`,
      `/v1/organizations/${organization}/events/${freshSlug()}`,
    ])
      expect((await get(path)).status).toBe(404);
  });

  test("while users is down an organization's slug cannot be asked for: 503, and not that there is none", async () => {
    await env.USERS.testDown(1);
    const response = await get(`/v1/organizations/${freshSlug()}/events/${freshSlug()}`);
    expect([response.status, (await problemOf(response)).code]).toEqual([503, "platform.unavailable"]);
  });
});
