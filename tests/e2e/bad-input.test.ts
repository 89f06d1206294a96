import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bought, reserve } from "../../scripts/sale/buyer.ts";
import { mailsTo } from "../../scripts/sale/mails.ts";
import type { Organizer, PublishedEvent } from "../../scripts/sale/organizer.ts";
import { makePicture } from "../../scripts/sale/picture.ts";
import { type BadRequest, badCheckouts, badOrganizing, type Holding, type Target } from "./support/bad-bodies.ts";
import { aimAt, type Belongings } from "./support/foreign-routes.ts";
import { forgeTokens } from "./support/forged-tokens.ts";
import { type Answer, answerBeforeEnd, Caller, endless } from "./support/http.ts";
import { won } from "./support/shop.ts";
import { countAllRowsAtRest } from "./support/tables.ts";
import { newTenants } from "./support/tenants.ts";
import { password, startWorld, type World } from "./support/world.ts";

describe("requests that are wrong, strange or hostile", () => {
  let world: World;
  let caller: Caller;
  let house: Organizer;
  let rival: Organizer;
  let concert: PublishedEvent;
  let party: PublishedEvent;
  let bought: Bought;
  let holding: Holding;
  let belongings: Belongings;
  let targets: { readonly house: Target; readonly rival: Target };
  /** Ticket types outside their sales window, by why. */
  let closed: Readonly<Record<string, string>>;
  let before: Readonly<Record<string, number>>;

  beforeAll(async () => {
    world = await startWorld();
    caller = new Caller(world);
    ({ house, rival, concert, party, bought, held: holding, own: belongings } = await newTenants(world));
    await mailsTo(world, bought.email, /./);
    targets = { house: await targetOf(house, concert), rival: await targetOf(rival, party) };
    closed = {
      ended: await addWindow({ salesEndAt: "2020-01-01T00:00:00Z" }),
      "not begun": await addWindow({ salesStartAt: new Date(Date.now() + 3_600_000).toISOString() }),
    };
    before = await countAllRowsAtRest(world);
  });
  afterAll(() => world?.stop());

  async function addWindow(window: { readonly salesStartAt?: string; readonly salesEndAt?: string }): Promise<string> {
    const { data } = await rival.foyer.post("/v1/events/{id}/ticket-types", {
      params: { path: { id: party.eventId } },
      body: { name: "Closed", kind: "free", poolIds: [targets.rival.poolId], ...window },
    });
    return data.id;
  }

  async function targetOf(organizer: Organizer, event: PublishedEvent): Promise<Target> {
    const { data } = await organizer.foyer.get("/v1/events/{id}/pools", { params: { path: { id: event.eventId } } });
    return {
      ...event,
      organizationId: organizer.organizationId,
      poolId: required(data.data[0], "an event has a pool").id,
      token: organizer.accessToken,
    };
  }

  async function expectRefused({ what, request, status, field }: BadRequest): Promise<void> {
    const answer = await caller.send(what, request);
    expect([what, answer.status, answer.text]).toEqual([what, status, expect.any(String)]);
    if (status !== 422 || field === undefined) return;
    const { errors } = answer.document as { errors?: { path: string }[] };
    expect([what, (errors ?? []).map(({ path }) => path)]).toEqual([what, expect.arrayContaining([field])]);
  }

  test("wrong reservations and orders are refused, with the path of what is wrong", async () => {
    for (const bad of badCheckouts(targets.house, targets.rival, holding)) await expectRefused(bad);
  });

  test("ticket types whose sale is over or has not begun are not sold", async () => {
    for (const [what, id] of Object.entries(closed)) {
      const body = { items: [{ ticketTypeId: id, quantity: 1 }] };
      const answer = await caller.send(what, { path: `/v1/events/${party.eventId}/reservations`, body });
      expect([what, answer.status, answer.document?.code]).toEqual([what, 409, "bookings.not_on_sale"]);
    }
  });

  test("wrong events, ticket types, pools and profiles are refused, with the path of what is wrong", async () => {
    for (const bad of badOrganizing(targets.rival, targets.house)) await expectRefused(bad);
  });

  test("bodies that are not JSON, not complete, or not declared as JSON are refused", async () => {
    const path = `/v1/events/${concert.eventId}/reservations`;
    const good = JSON.stringify({ items: [{ ticketTypeId: concert.paidTypeId, quantity: 1 }] });
    for (const body of [good.slice(0, -1), "", "{", "{'items':[]}", "undefined", `${good}x`, "\u0000", `\ufeff{`]) {
      const answer = await caller.send(`malformed: ${JSON.stringify(body.slice(-9))}`, { path, body });
      expect([body, answer.status, answer.document?.code]).toEqual([body, 400, "request.malformed_json"]);
    }
    const form = "application/x-www-form-urlencoded";
    for (const type of ["text/plain", form, "multipart/form-data; boundary=x", "application/jsonp", "image/png"]) {
      const answer = await caller.send(`type ${type}`, { path, body: good, headers: { "content-type": type } });
      expect([type, answer.status]).toEqual([type, 415]);
    }
    const packed = await caller.send("gzip", { path, body: good, headers: { "content-encoding": "gzip" } });
    expect(packed.status).toBe(415);
  });

  test("bodies beyond the limit are refused, whether or not they say their length", async () => {
    const path = `/v1/events/${concert.eventId}/reservations`;
    const atLimit = `{"items":[]${" ".repeat(limits.bodyBytesMax - 12)}}`;
    expect((await caller.send("a body at the limit", { path, body: atLimit })).status).toBe(422);
    expect((await caller.send("one byte more", { path, body: `${atLimit} ` })).status).toBe(413);
    const stream = endless(limits.bodyBytesMax + 1, `{"items":[]`);
    expect((await caller.send("a body without a length", { path, body: stream })).status).toBe(413);
    const { token } = targets.rival;
    const media = `/v1/events/${party.eventId}/media`;
    const headers = { "content-type": "image/png" };
    const image = { path: media, token, headers };
    const saidBytes = limits.videoBytesMax + 1;
    expect(await answerBeforeEnd(world, { ...image, saidBytes, sentBytes: 0 })).toBe(413);
    const body = makePicture(64, 64, [0, 0, 0], [255, 255, 255]);
    expect(await answerBeforeEnd(world, { ...image, body, sentBytes: limits.imageBytesMax + 1 })).toBe(413);
  });

  test("a file that is not the image that it says to be is refused", async () => {
    const { token } = targets.rival;
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const picture = makePicture(64, 64, [0, 0, 0], [255, 255, 255]);
    const files: Readonly<Record<string, Uint8Array>> = {
      text: encode("hello"),
      "a page": encode("<!doctype html><script>alert(1)</script>"),
      "a drawing with a script": encode(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
      "an archive": encode("PK\u0003\u0004 not a picture"),
      "only a picture's first bytes": picture.subarray(0, 12),
      nothing: new Uint8Array(0),
    };
    for (const [what, body] of Object.entries(files)) {
      const answer = await caller.send(`image: ${what}`, {
        path: `/v1/events/${party.eventId}/media`,
        token,
        headers: { "content-type": "image/png" },
        body,
      });
      expect([what, answer.status]).toEqual([what, what === "nothing" ? expect.toBeOneOf([400, 415]) : 415]);
    }
  });

  test("strange paths and queries are absent or invalid, never a fault", async () => {
    const { token } = targets.rival;
    const cases: Readonly<Record<string, number>> = {
      "/v1/events/evt_x": 404,
      "/v1/events/%00": 404,
      "/v1/events/%F0%9F%8E%AB": 404,
      "/v1/events/%FF%FE": 404,
      [`/v1/events/${"e".repeat(5_000)}`]: 404,
      "/v1/events/..%2F..%2Fetc%2Fpasswd": 404,
      "/v1/orders/ord_1": 404,
      "/v1/reservations/rsv_%27%3B--": 404,
      "/v1/media/..%2F..%2Fsecret": 404,
      "/v1/nothing": 404,
      "/v1/events?limit=0": 422,
      "/v1/events?limit=101": 422,
      "/v1/events?limit=1e2x": 422,
      "/v1/events?cursor=%00": 422,
      "/v1/search/events?limit=-1": 422,
      "/v1/search/events?near=91,0": 422,
      "/v1/search/events?near=a,b": 422,
      "/v1/search/events?priceMax=1.5": 422,
      "/v1/search/events?unknown=1": 422,
      "/v1/search/events?q=a%00b": 422,
      [`/v1/search/events?q=${"q".repeat(10_000)}`]: 422,
      [`/v1/events/${party.eventId}/orders?q=${"a".repeat(60)}%25_*@example.com`]: 200,
      [`/v1/events/${party.eventId}/orders?status=lost`]: 422,
      "/v1/search/events?q=%22%20*%20NEAR(%20col%3A%20-": 200,
      "/v1/search/events?q=%F0%9F%8E%AB%20OR%20%221%22=%221": 200,
    };
    for (const [path, status] of Object.entries(cases)) {
      const answer = await caller.send(`GET ${path.slice(0, 60)}`, { path, token });
      expect([path.slice(0, 60), answer.status]).toEqual([path.slice(0, 60), status]);
    }
    const track = await caller.send("tracking what is no event", {
      path: "/v1/analytics/track",
      body: { events: [{ type: "purchase", eventId: concert.eventId }] },
    });
    expect(track.status).toBe(422);
    const key = await caller.send("a key beyond the limit", {
      path: `/v1/events/${concert.eventId}/reservations`,
      headers: { "idempotency-key": "k".repeat(256) },
      body: { items: [{ ticketTypeId: concert.paidTypeId, quantity: 1 }] },
    });
    expect([key.status, key.document?.code]).toEqual([400, "idempotency.invalid_key"]);
  });

  test("whatever belongs to another tenant does not exist, on every route with an id", async () => {
    const aimed = aimAt(belongings);
    expect(aimed.length).toBeGreaterThan(40);
    for (const { operation, request, isAdministration } of aimed) {
      const answer = await caller.send(`foreign ${operation}`, { ...request, token: rival.accessToken });
      expect([operation, answer.status]).toEqual([operation, isAdministration ? 403 : 404]);
      // Not for want of such a path: the resource's own worker says that there is no such resource.
      expect([operation, answer.document?.code]).toEqual([operation, expect.not.stringMatching(/^request\./)]);
    }
  });

  test("the same requests find what is there when its owner makes them", async () => {
    const readable = aimAt(belongings).filter(
      ({ request, isAdministration }) => request.method === "GET" && !isAdministration,
    );
    expect(readable.length).toBeGreaterThan(12);
    for (const { operation, request } of readable) {
      const secrets = { "x-order-secret": bought.orderSecret, "x-reservation-secret": holding.secret };
      const answer = await caller.send(`own ${operation}`, { ...request, token: house.accessToken, headers: secrets });
      expect([operation, answer.status]).toEqual([operation, 200]);
    }
  });

  test("another event's parts are not found below an event of one's own", async () => {
    const aimed = aimAt({ ...belongings, event: party.eventId }).filter(({ operation }) =>
      /\{(?:poolId|ticketTypeId|mediaId|uploadId|orderId)\}/.test(operation),
    );
    expect(aimed.length).toBeGreaterThan(6);
    for (const { operation, request } of aimed) {
      const answer = await caller.send(`misplaced ${operation}`, { ...request, token: rival.accessToken });
      expect([operation, answer.status]).toEqual([operation, 404]);
    }
  });

  test("whatever needs an account or a secret is refused without one, on every route with an id", async () => {
    for (const { operation, request, isForBuyers } of aimAt(belongings)) {
      const answer = await caller.send(`anonymous ${operation}`, request);
      expect([operation, answer.status]).toEqual([operation, isForBuyers ? expect.toBeOneOf([401, 404]) : 401]);
    }
  });

  test("another order's or a guessed secret opens nothing", async () => {
    const other = won(await reserve(world, party.eventId, party.freeTypeId)).held;
    const path = `/v1/orders/${bought.orderId}`;
    for (const secret of [
      other.secret,
      holding.secret,
      "",
      "a".repeat(43),
      `${bought.orderSecret.slice(0, -5)}AAAAA`,
      "x".repeat(5_000),
    ]) {
      const answer = await caller.send("a wrong secret", { path, headers: { "x-order-secret": secret } });
      expect(answer.status).toBeOneOf([401, 404, 422]);
    }
    const given = await caller.send("the right secret", { path, headers: { "x-order-secret": bought.orderSecret } });
    expect(given.status).toBe(200);
    const back = await fetch(`${world.url}/v1/reservations/${other.reservationId}`, {
      method: "DELETE",
      headers: { "x-reservation-secret": other.secret },
    });
    expect(back.status).toBe(204);
  });

  test("forged tokens are refused by every worker, and a genuine one by none", async () => {
    const organizationId = rival.organizationId;
    const guarded = [
      "/v1/users/profile",
      `/v1/events?organizationId=${organizationId}&status=draft`,
      `/v1/events/${party.eventId}/pools`,
      `/v1/payments?organizationId=${organizationId}`,
      `/v1/events/${party.eventId}/analytics/summary`,
    ];
    const administrative = ["/v1/admin/notifications/deliveries", "/v1/admin/search/dead-letters"];
    const { genuine, forged } = await forgeTokens(world, rival.accessToken);
    for (const path of guarded)
      expect((await caller.send(`genuine ${path}`, { path, token: genuine })).status).toBe(200);
    for (const path of administrative)
      expect((await caller.send(`genuine ${path}`, { path, token: genuine })).status).toBe(403);
    for (const [what, token] of Object.entries(forged)) {
      for (const path of [...guarded, ...administrative]) {
        const answer = await caller.send(`${what}: ${path}`, { path, token });
        expect([what, path, answer.status]).toEqual([what, path, 401]);
        expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      }
    }
  });

  test("nobody becomes an administrator, verified or an owner by saying so when registering", async () => {
    const body = { email: "new@example.com", password, name: "New Person" };
    for (const extra of ["platformAdmin", "emailVerified", "role", "id", "organizationId"]) {
      await expectRefused({
        what: `register with ${extra}`,
        request: { path: "/v1/auth/register", body: { ...body, [extra]: true } },
        status: 422,
        field: extra,
      });
    }
    for (const [what, change] of Object.entries({
      "a short password": { password: "short" },
      "a password of an object": { password: { $gt: "" } },
      "a name with a NUL": { name: "a\u0000b" },
      "no address": { email: "nobody" },
    })) {
      await expectRefused({
        what: `register with ${what}`,
        request: { path: "/v1/auth/register", body: { ...body, ...change } },
        status: 422,
        field: Object.keys(change)[0] ?? "",
      });
    }
  });

  test("afterwards nothing was written: every table has the rows that it had, and stock is as it was", async () => {
    const after = await countAllRowsAtRest(world);
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    // One reservation was made and given back; that analytics counted it shows that a write would be seen.
    expect(changed.filter((name) => /^analytics\./.test(name))).not.toEqual([]);
    expect(changed.filter((name) => !/^analytics\./.test(name))).toEqual([]);
    const pools = await house.foyer.get("/v1/events/{id}/pools", { params: { path: { id: concert.eventId } } });
    expect(pools.data.data.map(({ sold, held, available }) => [sold, held, available])).toEqual([
      [2, 1, 17],
      [0, 0, 20],
    ]);
    const rivals = await rival.foyer.get("/v1/events/{id}/pools", { params: { path: { id: party.eventId } } });
    expect(rivals.data.data.map(({ sold, held }) => [sold, held])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const bucket = await world.platform.miniflare.getR2Bucket("MEDIA", "foyer-events");
    expect((await bucket.list()).objects).toHaveLength(2);
  });

  test("every refusal is a problem document with a code and its request's id, and none was a fault", () => {
    const refusals = caller.answers.filter(({ status }) => status >= 400);
    expect(refusals.length).toBeGreaterThan(300);
    for (const { what, status, headers, document } of refusals) {
      expect([what, status]).toEqual([what, expect.toSatisfy((value: number) => value < 500)]);
      expect([what, headers.get("content-type")]).toEqual([what, "application/problem+json"]);
      expect([what, document]).toEqual([
        what,
        expect.objectContaining({
          code: expect.stringMatching(/^[a-z]+\.[a-z_]+$/),
          title: expect.any(String),
          status,
          requestId: headers.get("x-request-id"),
        }),
      ]);
    }
  });

  test("no answer shows a stack, a statement or a secret", () => {
    const inside = /\bat \S+ \(|\.ts:\d+|node_modules|SQLITE|D1_ERROR|SELECT .* FROM|INSERT INTO|TypeError|ZodError/;
    const shown = (answer: Answer): boolean =>
      inside.test(answer.text) || secretsOf().some((secret) => answer.text.includes(secret));
    expect(caller.answers.filter(shown).map(({ what }) => what)).toEqual([]);
  });

  test("the logs hold no token, secret or mail address, and no error", async () => {
    // That there are lines shows that this test reads them.
    expect(world.logs.filter(({ text }) => text.includes("payment moved")).length).toBeGreaterThan(0);
    const personal = [
      house.accessToken,
      rival.accessToken,
      bought.orderSecret,
      holding.secret,
      password,
      ...secretsOf(),
    ];
    const telling = world.logs.filter(
      ({ text }) => /[\w.+-]+@[\w-]+\.\w+/.test(text) || personal.some((secret) => text.includes(secret)),
    );
    expect(telling).toEqual([]);
    expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  function secretsOf(): string[] {
    return Object.values(world.secrets).flatMap((secrets) => Object.values(secrets ?? {}));
  }
});
