import { env } from "cloudflare:workers";
import type { DashboardView, OrganizerProfileView } from "@foyer/contracts/events/organizers";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, dayMs, move, newMember, newOrganizer, problemOf } from "../helpers.ts";

async function profileOf(
  idOrSlug: string,
  user?: Awaited<ReturnType<typeof newTestUser>>,
): Promise<OrganizerProfileView> {
  const response = await call("GET", `/v1/organizations/${idOrSlug}/profile`, user === undefined ? {} : { user });
  expect(response.status).toBe(200);
  return response.json();
}

describe("the public page", () => {
  test("shows the organizer and the next public events, and nothing that is not public", async () => {
    const organizer = await newOrganizer();
    const later = await createPublished(organizer, {
      startsAt: new Date(Date.now() + 40 * dayMs).toISOString(),
      endsAt: new Date(Date.now() + 41 * dayMs).toISOString(),
      location: { kind: "online", url: "https://meet.example/secret" },
    });
    const sooner = await createPublished(organizer);
    await createDraft(organizer);
    await createPublished(organizer, { visibility: "unlisted" });
    await move(organizer, await createPublished(organizer), "cancel");

    const id = organizer.organizationId;
    const profile = await profileOf(id);
    expect(profile).toMatchObject({ id, name: `Organization ${id.slice(-4)}`, followers: 0, following: null });
    expect(profile.upcoming.map((event) => event.id)).toEqual([sooner.id, later.id]);
    expect(JSON.stringify(profile)).not.toContain("meet.example");
    expect(await profileOf(profile.slug)).toEqual(profile);
  });

  test("is kept by shared caches for those without an account only", async () => {
    const { organizationId, user } = await newOrganizer();
    const path = `/v1/organizations/${organizationId}/profile`;
    expect((await call("GET", path)).headers.get("cache-control")).toContain("public");
    expect((await call("GET", path, { user })).headers.get("cache-control")).toBe("private, no-store");
  });

  test("is absent where there is no organization, or the address is none", async () => {
    for (const method of ["GET /profile", "POST /follow", "DELETE /follow"]) {
      const [verb = "", tail = ""] = method.split(" ");
      const user = await newTestUser();
      const absent = await call(verb, `/v1/organizations/nobody-at-all${tail}`, { user });
      expect(absent.status).toBe(404);
      expect(await problemOf(absent)).toMatchObject({ code: "events.organization_not_found" });
      expect((await call(verb, `/v1/organizations/No%20Slug${tail}`, { user })).status).toBe(404);
    }
  });

  test("waits for users where they are away", async () => {
    const { organizationId } = await newOrganizer();
    await env.USERS.testDown(1);
    expect((await call("GET", `/v1/organizations/${organizationId}/profile`)).status).toBe(503);
  });
});

describe("following", () => {
  test("counts each follower once, however often they ask, and at the same time", async () => {
    const { organizationId } = await newOrganizer();
    const path = `/v1/organizations/${organizationId}/follow`;
    const [one, two] = [await newTestUser(), await newTestUser()];
    await Promise.all([one, one, two, one].map((user) => call("POST", path, { user })));
    const again = await call("POST", path, { user: two });
    expect(await again.json()).toEqual({ organizationId, following: true, followers: 2 });
    expect(await profileOf(organizationId, one)).toMatchObject({ followers: 2, following: true });

    expect((await call("DELETE", path, { user: one })).status).toBe(204);
    expect((await call("DELETE", path, { user: one })).status).toBe(204);
    expect(await profileOf(organizationId, one)).toMatchObject({ followers: 1, following: false });
    expect(await profileOf(organizationId)).toMatchObject({ followers: 1, following: null });
  });

  test("needs an account", async () => {
    const { organizationId } = await newOrganizer();
    for (const method of ["POST", "DELETE"])
      expect((await call(method, `/v1/organizations/${organizationId}/follow`)).status).toBe(401);
    expect((await call("GET", "/v1/users/profile/follows")).status).toBe(401);
  });

  test("lists the followed, the last first, a page at a time and nobody else's", async () => {
    const user = await newTestUser();
    const organizers = [await newOrganizer(), await newOrganizer(), await newOrganizer()];
    for (const { organizationId } of organizers)
      await call("POST", `/v1/organizations/${organizationId}/follow`, { user });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query = cursor === "" ? "" : `&cursor=${cursor}`;
      const response = await call("GET", `/v1/users/profile/follows?limit=1${query}`, { user });
      const page: { data: { organizationId: string; name: string }[]; nextCursor: string | null } =
        await response.json();
      seen.push(...page.data.map((row) => row.organizationId));
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(3);
    expect(new Set(seen)).toEqual(new Set(organizers.map((organizer) => organizer.organizationId)));
    const others = await call("GET", "/v1/users/profile/follows", { user: await newTestUser() });
    expect(await others.json()).toEqual({ data: [], nextCursor: null });
  });

  test("ends at the limit, where those followed before are followed still", async () => {
    const user = await newTestUser();
    const { organizationId } = await newOrganizer();
    await call("POST", `/v1/organizations/${organizationId}/follow`, { user });
    await env.EVENTS_DB.prepare(
      `INSERT INTO follows (organization_id, user_id, followed_at_ms)
       SELECT 'org_' || printf('%026d', value), ?1, value FROM json_each(?2)`,
    )
      .bind(user.userId, JSON.stringify(Array.from({ length: limits.followsPerUserMax - 1 }, (_, index) => index)))
      .run();
    const other = await newOrganizer();
    const refused = await call("POST", `/v1/organizations/${other.organizationId}/follow`, { user });
    expect(refused.status).toBe(409);
    expect(await problemOf(refused)).toMatchObject({ code: "events.too_many_follows" });
    expect((await call("POST", `/v1/organizations/${organizationId}/follow`, { user })).status).toBe(200);
  });
});

describe("the overview", () => {
  test("counts events, names the next and the drafts, and says what was sold", async () => {
    const organizer = await newOrganizer();
    const { organizationId, user } = organizer;
    const next = await createPublished(organizer);
    const draft = await createDraft(organizer);
    await move(organizer, await createDraft(organizer), "archive");
    const sold = { ordersConfirmed: 2, ticketsSold: 5, revenue: [{ amount: 12_500, currency: "EUR" }] };
    await env.BOOKINGS.testFigures(next.id, sold);

    const response = await call("GET", `/v1/organizations/${organizationId}/dashboard`, { user });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    const dashboard: DashboardView = await response.json();
    expect(dashboard.events.byStatus).toMatchObject({ draft: 1, published: 1, archived: 1, cancelled: 0 });
    expect(dashboard.events.onSale).toBe(1);
    const figures = { orders: 2, tickets: 5, revenue: [{ amount: 12_500, currency: "EUR" }] };
    expect(dashboard.sales).toEqual(figures);
    expect(dashboard.next.map(({ event, sales }) => [event.id, sales])).toEqual([[next.id, figures]]);
    expect(dashboard.drafts.map((event) => event.id)).toEqual([draft.id]);
  });

  test("keeps figures from roles that may not see them, without asking for them", async () => {
    const organizer = await newOrganizer();
    await createPublished(organizer);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const door = await newMember(organizer.organizationId, "door");
    const response = await call("GET", `/v1/organizations/${organizer.organizationId}/dashboard`, { user: door });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ sales: null, next: [{ sales: null }] });
    const owner = await call("GET", `/v1/organizations/${organizer.organizationId}/dashboard`, {
      user: organizer.user,
    });
    expect(owner.status).toBe(503);
  });

  test("is absent for other tenants and for nobody", async () => {
    const { organizationId } = await newOrganizer();
    const stranger = await newOrganizer();
    const path = `/v1/organizations/${organizationId}/dashboard`;
    expect((await call("GET", path, { user: stranger.user })).status).toBe(404);
    expect((await call("GET", path)).status).toBe(401);
  });
});
