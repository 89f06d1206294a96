import { env, exports } from "cloudflare:workers";
import { sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser, type TestUser } from "@foyer/testing/tokens";
import { afterEach, expect, test } from "vitest";
import { fakeEmail, givenLetter, givenOrder, orderMessage, worker } from "../support.ts";

const url = "https://notifications/v1/users/profile/export";

afterEach(() => env.USERS.testDown(0));

interface Part {
  readonly mails: readonly { readonly kind: string }[];
  readonly cutShort: readonly string[];
}

async function read(headers: Readonly<Record<string, string>> = {}) {
  const response = await exports.default.fetch(url, { headers });
  const body = await response.json<{ code?: string; parts: { notifications: Part } }>();
  return { status: response.status, headers: response.headers, body };
}

/** Somebody with an account that users knows. */
async function newAccount(emailVerified = true): Promise<{ readonly user: TestUser; readonly email: string }> {
  const user = await newTestUser();
  const email = `person-${crypto.randomUUID().slice(0, 8)}@example.com`;
  await env.USERS.testContact({ userId: user.userId, email, name: "Buyer One", emailVerified });
  return { user, email };
}

async function mailTo(email: string): Promise<void> {
  const order = await givenOrder({ buyer: { name: "Buyer One", email, userId: null } });
  const { message } = await givenLetter({ to: email });
  const { deliver } = worker({ EMAIL: fakeEmail().binding });
  await deliver([orderMessage("order.confirmed", order)]);
  await deliver([message]);
}

test("a person learns which mails went to their address, and of nobody else's that looks alike", async () => {
  const { user, email } = await newAccount();
  await mailTo(email);
  await mailTo((await newAccount()).email);
  const { status, headers, body } = await read(user.headers);
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  const { mails, cutShort } = body.parts.notifications;
  expect(cutShort).toEqual([]);
  const moment = expect.stringMatching(/^\d{4}-.*Z$/);
  const common = {
    id: expect.stringMatching(/^dlv_/),
    recipient: "p***@example.com",
    status: "sent",
    createdAt: moment,
    sentAt: moment,
  };
  expect(mails).toEqual([
    { ...common, kind: "verify_email" },
    { ...common, kind: "order_confirmed" },
  ]);
});

test("of an address that was never proven only the mails about the account are theirs", async () => {
  const { user, email } = await newAccount(false);
  await mailTo(email);
  const { mails } = (await read(user.headers)).body.parts.notifications;
  expect(mails.map(({ kind }) => kind)).toEqual(["verify_email"]);
});

test("a list that is too long is cut, and says so", async () => {
  const { user, email } = await newAccount();
  const hashes = await Promise.all(
    Array.from({ length: limits.exportRowsMax + 1 }, (_, index) => sha256Hex(`msg_${index}\n${email}`)),
  );
  await env.NOTIFICATIONS_DB.prepare(
    `INSERT INTO deliveries (id, message_id, kind, recipient_hash, recipient_masked, status, attempts, lease_until_ms, provider, created_at_ms, updated_at_ms)
     SELECT 'dlv_' || ?2 || key, 'msg_' || key, 'notice', value, 'p***@example.com', 'sent', 1, 0, 'cloudflare', ?3, ?3 FROM json_each(?1)`,
  )
    .bind(JSON.stringify(hashes), email, Date.now() - 1)
    .run();
  const { mails, cutShort } = (await read(user.headers)).body.parts.notifications;
  expect([mails.length, cutShort]).toEqual([limits.exportRowsMax, ["mails"]]);
});

test("somebody who never got a mail has an empty part, and there is none where users does not answer or knows no such account", async () => {
  const { user } = await newAccount();
  expect((await read(user.headers)).body.parts.notifications).toMatchObject({ mails: [], cutShort: [] });
  await env.USERS.testDown(1);
  expect((await read(user.headers)).status).toBe(500);
  expect((await read((await newTestUser()).headers)).body).toMatchObject({ status: 401, code: "auth.invalid_token" });
});

test("it is for the person alone, shortly after they have proven who they are", async () => {
  const { userId } = (await newAccount()).user;
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  expect((await read(stale.headers)).body).toMatchObject({ status: 401, code: "auth.step_up_required" });
  const acting = await newTestUser({ userId, impersonatorId: userId });
  expect((await read(acting.headers)).body).toMatchObject({ status: 403, code: "auth.impersonation_refused" });
  expect((await read()).body).toMatchObject({ status: 401, code: "auth.required" });
  for (const token of Object.values(await badTokens())) {
    expect((await read({ authorization: `Bearer ${token}` })).body).toMatchObject({
      status: 401,
      code: "auth.invalid_token",
    });
  }
});
