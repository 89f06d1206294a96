import { type KeyScope, keyScopes } from "@foyer/contracts/shared/permissions";
import { limits } from "@foyer/kernel/limits";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needsFreshProof } from "./support/access.ts";
import { type Guarded, guardedOperations, isPermission } from "./support/guarded.ts";
import { type Answer, Caller } from "./support/http.ts";
import { addAccount } from "./support/members.ts";
import { newTenants, type Tenants } from "./support/tenants.ts";
import { startWorld, type World } from "./support/world.ts";

describe("what a credential is good for", () => {
  let world: World;
  let caller: Caller;
  let tenants: Tenants;
  let guarded: readonly Guarded[];
  /** A key of the house for each scope, with nothing but it. */
  let keys: ReadonlyMap<KeyScope, string>;

  beforeAll(async () => {
    world = await startWorld();
    caller = new Caller(world);
    tenants = await newTenants(world);
    guarded = guardedOperations(tenants);
    const made: [KeyScope, string][] = [];
    for (const scope of keyScopes) made.push([scope, await newKey(tenants.house, [scope])]);
    keys = new Map(made);
  });
  afterAll(() => world?.stop());

  async function newKey({ foyer, organizationId }: Tenants["house"], scopes: readonly KeyScope[]): Promise<string> {
    const { data } = await foyer.post("/v1/organizations/{id}/api-keys", {
      params: { path: { id: organizationId } },
      body: { name: "Till", scopes: [...scopes] },
    });
    return data.secret;
  }

  /** Status and code of an answer, to be compared for the whole surface at once. */
  function outcome({ status, document }: Answer): string {
    const code = document?.code;
    return typeof code === "string" ? `${status} ${code}` : String(status);
  }

  test("a key opens what its one scope names, and nothing else of its organization", async () => {
    const got: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const [scope, token] of keys) {
      for (const { operation, who, request } of guarded) {
        if (!isPermission(who)) continue;
        if (who === scope && request.method !== "GET") continue; // it would be done
        const what = `${scope}: ${operation}`;
        got[what] = outcome(await caller.send(what, { ...request, token }));
        wanted[what] = who === scope ? "200" : "403 auth.forbidden";
      }
    }
    expect(got).toEqual(wanted);
  });

  test("a key is no person, no buyer and no administrator", async () => {
    const token = await newKey(tenants.house, keyScopes);
    for (const { operation, who, request } of guarded) {
      if (isPermission(who) || operation === "POST /v1/auth/logout") continue;
      const answer = await caller.send(`key ${operation}`, { ...request, token });
      expect([operation, answer.status]).toEqual([operation, who === "buyer" ? expect.toBeOneOf([401, 404]) : 401]);
    }
  });

  test("a key of another organization finds nothing of the house", async () => {
    const token = await newKey(tenants.rival, keyScopes);
    const found: Record<string, string> = {};
    for (const { operation, who, request } of guarded) {
      if (!isPermission(who)) continue;
      const answer = await caller.send(`foreign key ${operation}`, { ...request, token });
      if (answer.status !== 404) found[operation] = outcome(answer);
    }
    expect(found).toEqual({});
  });

  test("who has not proven themselves lately is asked to, before money, keys, members and ways in are touched", async () => {
    const authenticatedAtMs = Date.now() - (limits.stepUpFreshSeconds + 1) * 1000;
    const { organizationId } = tenants.house;
    const owner = await addAccount(world, { organizationId, role: "owner" }, { authenticatedAtMs });
    const administrator = await addAccount(world, null, { authenticatedAtMs, platformAdmin: true });
    const challenge = `Bearer error="insufficient_user_authentication", max_age="${limits.stepUpFreshSeconds}"`;
    const asked: string[] = [];
    for (const { operation, who, request } of guarded) {
      if (!needsFreshProof.has(operation) && request.method !== "GET") continue; // it would be done
      const token = who === "administrator" ? administrator : owner;
      const answer = await caller.send(`stale ${operation}`, { ...request, token });
      const code = answer.document?.code;
      if (code === "auth.step_up_required" && answer.headers.get("www-authenticate")?.includes(challenge))
        asked.push(operation);
    }
    expect(asked.sort()).toEqual([...needsFreshProof].sort());
  });

  test("who acts in another's place touches none of it, however lately they have proven themselves", async () => {
    const { organizationId } = tenants.house;
    const impersonatorId = "usr_00000000000000000000000000" as const;
    const acting = await addAccount(world, { organizationId, role: "owner" }, { impersonatorId });
    const reached: Record<string, string> = {};
    for (const { operation, who, request } of guarded) {
      if (!needsFreshProof.has(operation) || who === "administrator") continue;
      const answer = outcome(await caller.send(`acting ${operation}`, { ...request, token: acting }));
      if (answer !== "403 auth.impersonation_refused") reached[operation] = answer;
    }
    expect(reached).toEqual({});
  });

  test("whether fresh or stale, a role without the permission is refused for want of it", async () => {
    const { organizationId } = tenants.house;
    const door = await addAccount(world, { organizationId, role: "door" }, { authenticatedAtMs: 1 });
    const reached: Record<string, string> = {};
    for (const { operation, who, request } of guarded) {
      if (!needsFreshProof.has(operation) || !isPermission(who)) continue;
      const answer = outcome(await caller.send(`door ${operation}`, { ...request, token: door }));
      if (answer !== "403 auth.forbidden") reached[operation] = answer;
    }
    expect(reached).toEqual({});
  });

  test("a key does what its scope says, without being asked who it is", async () => {
    const { house, concert, own } = tenants;
    const edit = await caller.send("a key edits", {
      method: "PATCH",
      path: `/v1/events/${concert.eventId}`,
      body: { title: "Concert by the sea" },
      token: keys.get("events.write") ?? "",
    });
    expect([edit.status, edit.document?.title]).toEqual([200, "Concert by the sea"]);
    const refund = await caller.send("a key gives money back", {
      path: `/v1/payments/${own.payment}/refunds`,
      body: { reason: "Asked for", amount: { amount: 100, currency: "EUR" } },
      token: keys.get("payments.refund") ?? "",
    });
    expect(refund.status).toBe(201);
    const scan = await caller.send("a key at the door", {
      path: `/v1/events/${concert.eventId}/check-ins`,
      body: { code: own.ticketCode },
      token: keys.get("checkins.write") ?? "",
    });
    expect([scan.status, scan.document?.result]).toEqual([200, "admitted"]);
    const { data: listed } = await house.foyer.get("/v1/organizations/{id}/api-keys", {
      params: { path: { id: house.organizationId } },
    });
    expect(listed.data.filter(({ lastUsedAt }) => lastUsedAt !== null).length).toBeGreaterThanOrEqual(keyScopes.length);
  });

  test("after all that, nothing was a fault", () => {
    expect(caller.answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([]);
    expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
  });
});
