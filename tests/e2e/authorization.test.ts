import { type Role, rolePermissions, roles } from "@foyer/contracts/shared/permissions";
import { required } from "@foyer/kernel/assert";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Bought, reserve } from "../../scripts/sale/buyer.ts";
import type { Organizer, PublishedEvent } from "../../scripts/sale/organizer.ts";
import { makePicture } from "../../scripts/sale/picture.ts";
import { access, documentedOperations } from "./support/access.ts";
import type { Belongings } from "./support/foreign-routes.ts";
import { type Guarded, guardedOperations, isPermission } from "./support/guarded.ts";
import { type Answer, Caller, type Request } from "./support/http.ts";
import { addAccount } from "./support/members.ts";
import { won } from "./support/shop.ts";
import { newTenants, type Tenants } from "./support/tenants.ts";
import { startWorld, type World } from "./support/world.ts";

/** An event that is not public, with everything that a public one has. */
interface Draft {
  readonly id: string;
  readonly slug: string;
  readonly ticketTypeId: string;
  readonly mediaId: string;
}

const draftTitle = "Unannounced reunion";
const buyer = { name: "Buyer One", email: "buyer@example.com" };
/** A question and its answer go through two queues. */
const untilAnswered = { timeout: 20_000, interval: 200 };
/** What ended early is refused everywhere within a minute. */
const untilRefused = { timeout: 60_000, interval: 500 };

describe("who may call what", () => {
  let world: World;
  let caller: Caller;
  let tenants: Tenants;
  let house: Organizer;
  let rival: Organizer;
  let concert: PublishedEvent;
  let party: PublishedEvent;
  let bought: Bought;
  let held: { readonly reservationId: string; readonly secret: string };
  let own: Belongings;
  let draft: Draft;
  /** Members of the house by role, the owner among them. */
  let members: ReadonlyMap<Role, string>;
  let guarded: readonly Guarded[];

  beforeAll(async () => {
    world = await startWorld();
    caller = new Caller(world);
    tenants = await newTenants(world);
    ({ house, rival, concert, party, bought, held, own } = tenants);
    draft = await prepareDraft();
    const { organizationId } = house;
    const joined = await Promise.all(
      roles.map(async (role) => [role, await addAccount(world, { organizationId, role })] as const),
    );
    members = new Map(joined);
    guarded = guardedOperations(tenants);
  });
  afterAll(() => world?.stop());

  async function prepareDraft(): Promise<Draft> {
    const { foyer, organizationId, accessToken: token } = house;
    const { data: event } = await foyer.post("/v1/events", { body: { organizationId, title: draftTitle } });
    const { data: type } = await foyer.post("/v1/events/{id}/ticket-types", {
      params: { path: { id: event.id } },
      body: { name: "Seat", kind: "free", capacity: 10 },
    });
    const media = await caller.send("an image of a draft", {
      path: `/v1/events/${event.id}/media`,
      token,
      headers: { "content-type": "image/png" },
      body: makePicture(64, 64, [0, 0, 0], [255, 255, 255]),
    });
    return { id: event.id, slug: event.slug, ticketTypeId: type.id, mediaId: String(media.document?.id) };
  }

  function expectStatus(operation: string, answer: Answer, status: unknown): void {
    expect([operation, answer.status, answer.document?.code ?? answer.text.slice(0, 200)]).toEqual([
      operation,
      status,
      expect.anything(),
    ]);
  }

  test("every operation of the document has a row, and every row an operation", () => {
    const documented = documentedOperations();
    expect(Object.keys(access).sort()).toEqual([...documented.keys()].sort());
    for (const [operation, token] of documented) {
      const who = access[operation];
      const may = who === "anyone" ? ["none", "taken"] : who === "buyer" ? ["taken"] : ["demanded", "taken"];
      expect([operation, token]).toEqual([operation, expect.toBeOneOf(may)]);
    }
    const optional = [...documented].filter(([operation, token]) => token === "taken" && access[operation] !== "buyer");
    expect(optional.map(([operation]) => operation).sort()).toEqual([
      "GET /v1/events/{id}/ticket-types",
      "GET /v1/events/{id}/ticket-types/{ticketTypeId}",
      "POST /v1/auth/email/confirm-change",
      "POST /v1/auth/email/verify",
      "POST /v1/auth/logout",
      "POST /v1/auth/oauth/login",
      "POST /v1/auth/oauth/token",
      "POST /v1/events/{id}/reservations",
    ]);
    expect(guarded.length).toBeGreaterThan(90);
  });

  test("nobody gets in without a token", async () => {
    for (const { operation, who, request } of guarded) {
      const answer = await caller.send(`anonymous ${operation}`, request);
      expectStatus(operation, answer, who === "buyer" ? expect.toBeOneOf([401, 404]) : 401);
    }
  });

  test("what is no access token of ours opens nothing, and is never taken for no token", async () => {
    const credentials = [
      `Basic ${btoa(`${house.email}:${house.password}`)}`,
      `Token ${house.accessToken}`,
      `Bearer ${held.secret}`,
      `Bearer ${house.accessToken}, Bearer ${house.accessToken}`,
      "Bearer",
    ];
    for (const { operation, request } of guarded) {
      for (const authorization of credentials) {
        const headers = { ...request.headers, authorization };
        const answer = await caller.send(`${authorization.slice(0, 9)} ${operation}`, { ...request, headers });
        expectStatus(operation, answer, 401);
      }
    }
    const read = await caller.send("a secret for a token", {
      path: `/v1/events/${concert.eventId}`,
      headers: { authorization: credentials[0] ?? "" },
    });
    expect(read.status).toBe(401);
  });

  test("another tenant's owner finds nothing of the house", async () => {
    for (const { operation, who, request } of guarded) {
      if (who === "account") continue;
      const answer = await caller.send(`stranger ${operation}`, { ...request, token: rival.accessToken });
      expectStatus(operation, answer, who === "administrator" ? 403 : 404);
    }
  });

  test("what is one's own holds nothing of others", async () => {
    const stranger = await addAccount(world, null);
    for (const { operation, request } of guarded) {
      if (access[operation] !== "account" || request.method !== "GET") continue;
      for (const token of [stranger, rival.accessToken]) {
        const answer = await caller.send(`stranger ${operation}`, { ...request, token });
        expectStatus(operation, answer, 200);
        for (const foreign of [house.organizationId, bought.orderId, house.email])
          expect([operation, answer.text]).toEqual([operation, expect.not.stringContaining(foreign)]);
      }
    }
  });

  test("each role may do what its permissions say: the rest is forbidden, and reading is not", async () => {
    for (const [role, token] of members) {
      for (const { operation, who, request } of guarded) {
        if (!isPermission(who)) continue;
        const allowed = [...rolePermissions[role]].some((permission) => permission === who);
        if (allowed && request.method !== "GET") continue; // it would be done
        const answer = await caller.send(`${role} ${operation}`, { ...request, token });
        expectStatus(`${role} ${operation}`, answer, allowed ? 200 : 403);
      }
    }
  });

  test("belonging to the organizer opens neither buyers' routes nor the platform's", async () => {
    for (const [role, token] of members) {
      for (const { operation, who, request } of guarded) {
        if (who !== "buyer" && who !== "administrator") continue;
        const answer = await caller.send(`${role} ${operation}`, { ...request, token });
        expectStatus(`${role} ${operation}`, answer, who === "buyer" ? 404 : 403);
      }
    }
  });

  test("an administrator of the platform has no key to the tenants' doors", async () => {
    const administrator = await addAccount(world, null, { platformAdmin: true });
    for (const { operation, who, request } of guarded) {
      if (who === "account" || who === "administrator") continue;
      const answer = await caller.send(`administrator ${operation}`, { ...request, token: administrator });
      expectStatus(operation, answer, 404);
    }
  });

  test("an address that is not verified is no reason to be let in", async () => {
    const token = await addAccount(
      world,
      { organizationId: rival.organizationId, role: "owner" },
      { emailVerified: false },
    );
    for (const { operation, who, request } of guarded) {
      if (!isPermission(who)) continue;
      expectStatus(operation, await caller.send(`unverified ${operation}`, { ...request, token }), 404);
    }
  });

  test("an id of another tenant in a body or a query is refused, or finds nothing", async () => {
    const { eventId } = party;
    const { held: rivals } = won(await reserve(world, eventId, party.freeTypeId));
    const strange: Readonly<Record<string, Request & { readonly status: number }>> = {
      "an event for another organization": {
        path: "/v1/events",
        body: { organizationId: house.organizationId, title: "Mine" },
        status: 404,
      },
      "another organization's drafts": {
        path: `/v1/events?organizationId=${house.organizationId}&status=draft`,
        status: 404,
      },
      "another event's pool": {
        path: `/v1/events/${eventId}/ticket-types`,
        body: { name: "Mine", kind: "free", poolIds: [own.pool] },
        status: 404,
      },
      "another event's pool, later": {
        method: "PATCH",
        path: `/v1/events/${eventId}/ticket-types/${party.freeTypeId}`,
        body: { poolIds: [own.pool] },
        status: 404,
      },
      "another event's ticket type": {
        path: `/v1/events/${eventId}/reservations`,
        body: { items: [{ ticketTypeId: concert.freeTypeId, quantity: 1 }] },
        status: 404,
      },
      "another event's ticket type, later": {
        method: "PATCH",
        path: `/v1/reservations/${rivals.reservationId}`,
        headers: { "x-reservation-secret": rivals.secret },
        body: { items: [{ ticketTypeId: concert.freeTypeId, quantity: 1 }] },
        status: 404,
      },
      "another's reservation, with the secret of one's own": {
        path: "/v1/orders",
        headers: { "x-reservation-secret": rivals.secret },
        body: { reservationId: held.reservationId, buyer },
        status: 404,
      },
    };
    for (const [what, { status, ...request }] of Object.entries(strange))
      expectStatus(what, await caller.send(what, { ...request, token: rival.accessToken }), status);

    const payments = await caller.send("another's order among one's own payments", {
      path: `/v1/payments?organizationId=${rival.organizationId}&orderId=${bought.orderId}`,
      token: rival.accessToken,
    });
    expect(payments.document).toEqual({ data: [], nextCursor: null });
    const scan = await caller.send("another's ticket at one's own door", {
      path: `/v1/events/${eventId}/check-ins`,
      token: rival.accessToken,
      body: { code: own.ticketCode },
    });
    expect(scan.document).toMatchObject({ result: "wrong_event", ticket: null });
  });

  test("a draft exists for members only, also right after one of them has read it", async () => {
    const { id, slug, ticketTypeId, mediaId } = draft;
    const reads = [
      `/v1/events/${id}`,
      `/v1/events/${slug}`,
      `/v1/events/${id}/media`,
      `/v1/media/${mediaId}`,
      `/v1/events/${id}/ticket-types`,
      `/v1/events/${id}/ticket-types/${ticketTypeId}`,
    ];
    const door = required(members.get("door"), "a member of each role");
    for (const path of reads) {
      for (const method of ["GET", "HEAD"]) {
        const shown = await caller.send(`member ${method} ${path}`, { method, path, token: door });
        expect([path, shown.status, shown.headers.get("cache-control")]).toEqual([
          path,
          200,
          expect.stringContaining("no-store"),
        ]);
        for (const token of [undefined, rival.accessToken]) {
          const request = { method, path, ...(token === undefined ? {} : { token }) };
          expect([path, (await caller.send(`stranger ${method} ${path}`, request)).status]).toEqual([path, 404]);
        }
      }
    }
    const path = `/v1/events/${id}/availability`;
    expectStatus(path, await caller.send("availability of a draft", { path }), 404);
    // Whoever knows a ticket type's id is told that it is not on sale, and nothing of the event.
    const early = await caller.send("a reservation at a draft", {
      path: `/v1/events/${id}/reservations`,
      body: { items: [{ ticketTypeId, quantity: 1 }] },
    });
    expect(early.document).toMatchObject({ status: 409, code: "bookings.not_on_sale" });
    expect(early.text).not.toContain(draftTitle);
  });

  test("no list, page or search of the public holds a draft", async () => {
    const { organizationId } = house;
    for (const path of [
      "/v1/events?limit=100",
      `/v1/events?organizationId=${organizationId}`,
      `/v1/search/events?q=${encodeURIComponent(draftTitle)}`,
      `/v1/search/events?organizationId=${organizationId}`,
      "/v1/search/suggest?q=Unannounced",
    ]) {
      // A member's list of the same address comes first: what they see is for them alone.
      const seen = await caller.send(`member ${path}`, { path, token: house.accessToken });
      expect([path, seen.status]).toEqual([path, 200]);
      for (const token of [undefined, rival.accessToken]) {
        const answer = await caller.send(`stranger ${path}`, { path, ...(token === undefined ? {} : { token }) });
        expectStatus(path, answer, 200);
        expect([path, answer.text]).toEqual([path, expect.not.stringContaining(draft.id)]);
      }
    }
    const list = await caller.send("the member's own list", {
      path: `/v1/events?organizationId=${organizationId}`,
      token: house.accessToken,
    });
    expect(list.text).toContain(draft.id);
  });

  test("after all that, the house is as it was, and nothing was a fault", async () => {
    const params = { path: { id: concert.eventId } };
    const { data: pools } = await house.foyer.get("/v1/events/{id}/pools", { params });
    expect(pools.data.map(({ capacity, sold, held: onHold }) => [capacity, sold, onHold])).toEqual([
      [20, 2, 1],
      [20, 0, 0],
    ]);
    const order = await caller.send("the order", {
      path: `/v1/orders/${bought.orderId}`,
      headers: { "x-order-secret": bought.orderSecret },
    });
    expect(order.document).toMatchObject({ status: "partially_refunded" });
    const event = await caller.send("the event", { path: `/v1/events/${concert.eventId}` });
    expect(event.document).toMatchObject({ title: "Concert", status: "published", cover: { mediaId: own.media } });
    expect(caller.answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([]);
    expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("an organization is kept while an event of its is public, and closes for good afterwards", async () => {
    const { organizationId, accessToken: token } = rival;
    const path = `/v1/organizations/${organizationId}`;
    const { data: key } = await rival.foyer.post("/v1/organizations/{id}/api-keys", {
      params: { path: { id: organizationId } },
      body: { name: "Till", scopes: ["orders.read"] },
    });
    const orders = { path: `/v1/events/${party.eventId}/orders`, token: key.secret };
    expectStatus("a key at work", await caller.send("a key at work", orders), 200);

    const close = { method: "DELETE", path, token };
    expect((await caller.send("closing with an event", close)).document).toMatchObject({ status: "closing" });
    const audit = { path: `${path}/audit?action=organization`, token };
    await vi.waitFor(async () => {
      const { document } = await caller.send("the trail", audit);
      expect(document?.data).toMatchObject([
        { action: "organization.kept", after: { openEvents: 1 } },
        { action: "organization.closing" },
        { action: "organization.created" },
      ]);
    }, untilAnswered);
    expect((await caller.send("kept", { path, token })).document).toMatchObject({ status: "active" });

    await rival.foyer.post("/v1/events/{id}/cancel", { params: { path: { id: party.eventId } } });
    expectStatus("closing without events", await caller.send("closing without events", close), 202);
    await vi.waitFor(
      async () => expectStatus("closed", await caller.send("closed", { path, token }), 404),
      untilAnswered,
    );
    await vi.waitFor(
      async () => expectStatus("a key of a closed one", await caller.send("a key of a closed one", orders), 401),
      untilRefused,
    );
  });
});
