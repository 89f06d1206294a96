import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { nobodysHash } from "../../src/domain/passwords.ts";
import { deployment } from "../support/deployment.ts";
import { expectProblem, freshEmail, newestLinkSecret, newPerson, password } from "../support/people.ts";

// A deployment that does not reveal which addresses have accounts.
const closed = () => deployment({ REVEAL_EMAIL_TAKEN: "false" });

async function shapeOf(response: Response) {
  const body = await response.json<{ user: Record<string, unknown>; session: unknown }>();
  const masked = Object.fromEntries(
    Object.entries(body.user).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/[0-9a-z]/g, "x") : value,
    ]),
  );
  return { status: response.status, user: masked, session: body.session };
}

test("registering a known address cannot be told from registering a new one", async () => {
  const { post } = closed();
  const known = await newPerson();
  const fresh = freshEmail();
  const answers = await Promise.all(
    [known.email, fresh].map((email) => post("/v1/auth/register", { email, password, name: "Buyer One" })),
  );
  const [taken, created] = await Promise.all(answers.map(shapeOf));
  expect(taken?.status).toBe(201);
  expect(taken?.session).toBeNull();
  expect({ ...taken, user: { ...taken?.user, email: "" } }).toEqual({
    ...created,
    user: { ...created?.user, email: "" },
  });
});

test("registering a known address hashes, reads and writes as often as registering a new one", async () => {
  const counts = { hash: 0, find: 0, commit: 0 };
  const inner = closed().deps;
  const { post } = deployment(
    { REVEAL_EMAIL_TAKEN: "false" },
    {
      passwords: {
        ...inner.passwords,
        hash: (text) => {
          counts.hash += 1;
          return inner.passwords.hash(text);
        },
      },
      users: {
        ...inner.users,
        findByEmail: (email) => {
          counts.find += 1;
          return inner.users.findByEmail(email);
        },
      },
      store: {
        ...inner.store,
        commit: (writes, expected) => {
          counts.commit += 1;
          return inner.store.commit(writes, expected);
        },
      },
      drain: async () => {},
    },
  );
  const { email } = await newPerson();
  await post("/v1/auth/register", { email, password, name: "Buyer One" });
  const known = { ...counts };
  await post("/v1/auth/register", { email: freshEmail(), password, name: "Buyer One" });
  expect(known).toEqual({ hash: 1, find: 1, commit: 1 });
  expect(counts).toEqual({ hash: 2, find: 2, commit: 2 });
});

test("registering a known address changes nothing but the trail", async () => {
  const { post } = closed();
  const { email, user } = await newPerson();
  await post("/v1/auth/register", { email, password: "another password", name: "Somebody" });
  const row = await env.USERS_DB.prepare("SELECT id, name, version FROM users WHERE email = ?1").bind(email).first();
  expect(row).toEqual({ id: user.id, name: user.name, version: 1 });
  await expectProblem(
    await post("/v1/auth/login", { email, password: "another password" }),
    401,
    "users.invalid_credentials",
  );
  const { results } = await env.USERS_DB.prepare("SELECT action FROM audit WHERE target_id = ?1 ORDER BY rowid")
    .bind(user.id)
    .all();
  expect(results).toEqual([{ action: "user.registered" }, { action: "user.registration_repeated" }]);
});

test("an account opens once its address is verified; until then its right password looks wrong", async () => {
  const { post } = closed();
  const email = freshEmail();
  const registered = await post("/v1/auth/register", { email, password, name: "Buyer One" });
  expect(await registered.json()).toMatchObject({ session: null });
  await expectProblem(await post("/v1/auth/login", { email, password }), 401, "users.invalid_credentials");
  expect((await post("/v1/auth/email/verify", { token: await newestLinkSecret(email), password })).status).toBe(200);
  expect((await post("/v1/auth/login", { email, password })).status).toBe(200);
});

test("an unknown address costs one check of a password at today's cost, as a known one does", async () => {
  const checked: string[] = [];
  const inner = closed().deps;
  const { post } = deployment(
    {},
    {
      passwords: {
        ...inner.passwords,
        verify: (phc, text) => {
          checked.push(phc);
          return inner.passwords.verify(phc, text);
        },
      },
    },
  );
  for (const email of [(await newPerson()).email, freshEmail()]) {
    const response = await post("/v1/auth/login", { email, password: "wrong password" });
    await expectProblem(response, 401, "users.invalid_credentials");
  }
  expect(checked).toHaveLength(2);
  for (const phc of checked) expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
});

test("the check where there is no account takes as long as a real one", () => {
  const { passwords } = closed().deps;
  const real = passwords.hash("some password");
  const time = (phc: string): number => {
    const samples = Array.from({ length: 9 }, () => {
      const startedMs = performance.now();
      passwords.verify(phc, "another password");
      return performance.now() - startedMs;
    }).sort((left, right) => left - right);
    return samples[2] ?? 0;
  };
  expect(time(nobodysHash) / time(real)).toBeGreaterThan(0.5);
});
