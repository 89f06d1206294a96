import { env, exports } from "cloudflare:workers";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { deliveryOf, emailError, fakeEmail, givenOrder, letterOf, orderMessage, worker } from "../support.ts";

const url = "https://notifications/v1/admin/notifications/dead-letters";

async function adminHeaders() {
  return (await newTestUser({ platformAdmin: true })).headers;
}

describe("dead letters", () => {
  test("what the queue gave up on is listed, and a replay sends the mail once", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    await worker().deliver([confirmed], "foyer-notifications-dlq");
    const headers = await adminHeaders();

    const listed = await exports.default.fetch(url, { headers });
    expect(listed.status).toBe(200);
    expect(listed.headers.get("cache-control")).toBe("no-store");
    const page = await listed.json<{ data: { id: string; messageId: string }[] }>();
    const letter = page.data.find(({ messageId }) => messageId === confirmed.id);
    expect(letter).toMatchObject({ type: "order.confirmed", reason: "retries exhausted", replayedAt: null });

    for (let press = 1; press <= 2; press += 1) {
      const replayed = await exports.default.fetch(`${url}/${letter?.id}/replay`, { method: "POST", headers });
      expect(replayed.status).toBe(200);
      expect(await replayed.json()).toEqual({ replayed: true });
    }
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 1 });
    expect((await letterOf(confirmed.id))?.replayed_at_ms).toBeGreaterThan(0);
  });

  test("a replay pressed five times at once sends one mail", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    await worker().deliver([confirmed], "foyer-notifications-dlq");
    const headers = await adminHeaders();
    const press = () => exports.default.fetch(`${url}/ddl_${confirmed.id}/replay`, { method: "POST", headers });
    const statuses = (await Promise.all([press(), press(), press(), press(), press()])).map(({ status }) => status);
    expect(statuses).toContain(200);
    for (const status of statuses) expect([200, 409]).toContain(status);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 1 });
  });

  test("a mail that was refused is sent by a replay once its cause is mended", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const refusing = fakeEmail(() => {
      throw emailError("E_CONTENT_TOO_LARGE");
    });
    await worker({ EMAIL: refusing.binding }).deliver([confirmed]);
    const replayed = await exports.default.fetch(`${url}/ddl_${confirmed.id}/replay`, {
      method: "POST",
      headers: await adminHeaders(),
    });
    expect(replayed.status).toBe(200);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 2, refusals: 1 });
  });

  test("a replay that fails says so and keeps the letter", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    await worker().deliver([confirmed], "foyer-notifications-dlq");
    await env.BOOKINGS.testDown(1);
    const replayed = await exports.default.fetch(`${url}/ddl_${confirmed.id}/replay`, {
      method: "POST",
      headers: await adminHeaders(),
    });
    expect(replayed.status).toBe(409);
    expect(await replayed.json()).toMatchObject({ code: "messaging.replay_failed" });
    expect(await letterOf(confirmed.id)).toMatchObject({ replayed_at_ms: null });
  });

  test.each(["ddl_nothing", "x".repeat(65), "%00", "..%2f"])("a letter %s does not exist", async (id) => {
    const response = await exports.default.fetch(`${url}/${id}/replay`, {
      method: "POST",
      headers: await adminHeaders(),
    });
    expect(response.status).toBe(404);
  });

  test.each(["?limit=0", "?limit=101", "?cursor=nonsense", "?x=1"])("a list with %s is refused", async (query) => {
    const response = await exports.default.fetch(`${url}${query}`, { headers: await adminHeaders() });
    expect(response.status).toBe(422);
  });
});

describe("only administrators of the platform", () => {
  const routes: [string, string][] = [
    ["GET", url],
    ["POST", `${url}/ddl_x/replay`],
  ];

  test.each(routes)("%s %s", async (method, route) => {
    expect((await exports.default.fetch(route, { method })).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await exports.default.fetch(route, { method, headers: { authorization: `Bearer ${token}` } });
      expect(response.status, what).toBe(401);
    }
    const { headers } = await newTestUser();
    expect((await exports.default.fetch(route, { method, headers })).status).toBe(403);
  });
});

test("a mail that is refused and its dead letter are counted, for an operator to be woken by", async () => {
  const points: unknown[] = [];
  const refusing = fakeEmail(() => {
    throw emailError("E_CONTENT_TOO_LARGE");
  });
  const counting = worker({
    EMAIL: refusing.binding,
    METRICS: { writeDataPoint: (point) => void points.push(point) },
  });
  await counting.deliver([orderMessage("order.confirmed", await givenOrder())]);
  expect(points).toEqual([
    { indexes: ["mail.refused"], blobs: ["kind=order_confirmed", "provider=cloudflare"], doubles: [1] },
    { indexes: ["message.dead"], blobs: ["queue=foyer-notifications"], doubles: [1] },
  ]);
});
