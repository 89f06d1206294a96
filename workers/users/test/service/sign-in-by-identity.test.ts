import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { noClient } from "../../src/domain/client.ts";
import type { ProviderClaims } from "../../src/domain/providers.ts";
import { signInByIdentity } from "../../src/service/providers/sign-in-by-identity.ts";
import { overtakenBy } from "../support/overtaken.ts";
import { freshEmail, newVerifiedPerson } from "../support/people.ts";
import { countRows, fresh } from "../support/providers.ts";

const call = { actor: { kind: "anonymous" }, requestId: "req_test", client: noClient } as const;

const claimsWith = (email: string): ProviderClaims => ({
  provider: "google",
  subject: fresh("subject"),
  email,
  emailVerified: true,
  name: "Guest Two",
});

test("an account that takes another address in the same moment is not linked by the one it had", async () => {
  const { user, email } = await newVerifiedPerson();
  const nowMs = Date.now();
  const overtaken = overtakenBy(({ store, users }) =>
    store.commit([users.setEmail(user.id, freshEmail(), nowMs), users.touch(user.id, null, nowMs)]),
  );
  const result = await signInByIdentity(overtaken, call, claimsWith(email), "bearer");
  expect(result).toMatchObject({ ok: true, value: { kind: "signed_in", signedIn: { user: { email } } } });
  expect(await countRows("identities WHERE user_id = ?1", user.id)).toBe(0);
  expect(await countRows("users WHERE email = ?1 AND id <> ?2", email, user.id)).toBe(1);
});

test("an account that gets a second factor in the same moment asks for it, and is not linked", async () => {
  const { user, email } = await newVerifiedPerson();
  const nowMs = Date.now();
  const secondFactor = env.USERS_DB.prepare(
    "INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, '', 1, 0)",
  ).bind(user.id);
  const overtaken = overtakenBy(({ store, users }) => store.commit([secondFactor, users.touch(user.id, null, nowMs)]));
  const result = await signInByIdentity(overtaken, call, claimsWith(email), "bearer");
  expect(result).toMatchObject({ ok: true, value: { kind: "second_factor", methods: ["totp"] } });
  expect(await countRows("identities WHERE user_id = ?1", user.id)).toBe(0);
});
