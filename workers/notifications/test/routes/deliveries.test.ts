import { exports } from "cloudflare:workers";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { beforeAll, describe, expect, test } from "vitest";
import { emailError, fakeEmail, givenOrder, orderMessage, worker } from "../support.ts";

const url = "https://notifications/v1/admin/notifications/deliveries";

interface Page {
  readonly data: readonly { readonly id: string; readonly messageId: string; readonly status: string }[];
  readonly nextCursor: string | null;
}

async function asAdmin() {
  const { headers } = await newTestUser({ platformAdmin: true });
  return async (query = "") => {
    const response = await exports.default.fetch(`${url}${query}`, { headers });
    return { response, page: response.ok ? await response.json<Page>() : null };
  };
}

const sent: string[] = [];
const failed: string[] = [];

beforeAll(async () => {
  const good = worker({ EMAIL: fakeEmail().binding });
  const refusing = fakeEmail(() => {
    throw emailError("E_VALIDATION_ERROR");
  });
  const bad = worker({ EMAIL: refusing.binding });
  for (let index = 0; index < 5; index += 1) {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    await good.deliver([confirmed]);
    sent.push(confirmed.id);
  }
  for (let index = 0; index < 2; index += 1) {
    const cancelled = orderMessage("order.cancelled", await givenOrder({ status: "cancelled" }));
    await bad.deliver([cancelled]);
    failed.push(cancelled.id);
  }
});

describe("the list of deliveries", () => {
  test("shows the newest first, with the recipient masked and nothing of what was said", async () => {
    const get = await asAdmin();
    const { response, page } = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(page?.data.map((delivery) => delivery.messageId)).toEqual([...sent, ...failed].toReversed());
    expect(page?.nextCursor).toBeNull();
    expect(page?.data[0]).toEqual({
      id: expect.stringMatching(/^dlv_/),
      messageId: failed[1],
      kind: "order_cancelled",
      recipient: "b***@example.com",
      status: "failed",
      attempts: 1,
      provider: "cloudflare",
      providerMessageId: null,
      errorClass: "E_VALIDATION_ERROR",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      sentAt: null,
    });
    expect(page?.data.at(-1)).toMatchObject({ providerMessageId: "<1@foyer.example>", sentAt: expect.any(String) });
  });

  test("can be narrowed to one status", async () => {
    const get = await asAdmin();
    expect((await get("?status=failed")).page?.data.map(({ messageId }) => messageId)).toEqual(failed.toReversed());
    expect((await get("?status=sent")).page?.data).toHaveLength(5);
    expect((await get("?status=suppressed")).page).toEqual({ data: [], nextCursor: null });
  });

  test("pages without gap or repetition, also within a status", async () => {
    const get = await asAdmin();
    for (const [filter, expected] of [
      ["", 7],
      ["&status=sent", 5],
    ] as const) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const { page } = await get(`?limit=2${filter}${cursor === null ? "" : `&cursor=${cursor}`}`);
        seen.push(...(page?.data.map(({ id }) => id) ?? []));
        cursor = page?.nextCursor ?? null;
      } while (cursor !== null && seen.length < 20);
      expect(seen).toHaveLength(expected);
      expect(new Set(seen).size).toBe(expected);
    }
  });

  test.each([
    ["an unknown status", "?status=lost"],
    ["a limit of nothing", "?limit=0"],
    ["a limit beyond the largest", "?limit=101"],
    ["a limit that is no number", "?limit=x"],
    ["a cursor of nobody", "?cursor=e30"],
    ["a cursor that is none", "?cursor=%00"],
    ["an unknown parameter", "?recipient=b"],
  ])("refuses %s", async (_, query) => {
    const get = await asAdmin();
    const { response } = await get(query);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "request.invalid" });
  });
});

describe("only administrators of the platform", () => {
  test("nobody without a token", async () => {
    const response = await exports.default.fetch(url);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: "auth.required" });
  });

  test("nobody with a bad token", async () => {
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await exports.default.fetch(url, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status, what).toBe(401);
    }
  });

  test("no other user", async () => {
    const { headers } = await newTestUser();
    const response = await exports.default.fetch(url, { headers });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "auth.forbidden" });
  });
});
