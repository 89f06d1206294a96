import { exports } from "cloudflare:workers";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { deliver, get, newScene, summaryOf, viewed } from "../kit.ts";

const list = "/v1/admin/analytics/dead-letters";

test("readiness names each store and how long it took", async () => {
  const response = await get("/health/ready");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: "ok", checks: [{ name: "database", ok: true }] });
});

test("what the queue gave up on is stored, listed and can be replayed", async () => {
  const scene = await newScene();
  const news = viewed(scene);
  expect((await deliver([news], "foyer-analytics-dlq")).acked).toEqual([0]);
  expect(await summaryOf(scene)).toMatchObject({ views: 0 });
  const admin = await newTestUser({ platformAdmin: true });
  const letters = await (await get(list, admin.headers)).json<{ data: { id: string; messageId: string }[] }>();
  const letter = letters.data.find(({ messageId }) => messageId === news.id);
  expect(letter).toMatchObject({ type: "event.viewed", replayedAt: null });
  const replay = () =>
    exports.default.fetch(`https://analytics${list}/${letter?.id}/replay`, { method: "POST", headers: admin.headers });
  expect((await replay()).status).toBe(200);
  expect((await replay()).status).toBe(200);
  expect(await summaryOf(scene)).toMatchObject({ views: 1 });
});

describe("dead letters are for administrators of the platform", () => {
  test("nobody is told nothing", async () => {
    expect((await get(list)).status).toBe(401);
  });

  test("a user without the right is refused", async () => {
    expect((await get(list, (await newTestUser()).headers)).status).toBe(403);
  });

  test("no bad token passes", async () => {
    for (const [fault, token] of Object.entries(await badTokens())) {
      expect((await get(list, { authorization: `Bearer ${token}` })).status, fault).toBe(401);
    }
  });

  test("an unknown letter is not found", async () => {
    const admin = await newTestUser({ platformAdmin: true });
    const response = await exports.default.fetch(`https://analytics${list}/ddl_unknown/replay`, {
      method: "POST",
      headers: admin.headers,
    });
    expect(response.status).toBe(404);
  });
});
