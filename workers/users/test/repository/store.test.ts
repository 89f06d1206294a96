import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { newUser } from "../../src/domain/user.ts";
import { createStore } from "../../src/repository/store.ts";
import { createUserRepository } from "../../src/repository/users.ts";
import { freshEmail, newPerson } from "../support/people.ts";

const store = createStore(env.USERS_DB);
const users = createUserRepository(env.USERS_DB);

function someone(email: string) {
  const nowMs = Date.now();
  const user = newUser(newId("user", nowMs), { email, name: "Buyer One", hasPassword: true }, nowMs);
  return { user, writes: users.insert(user, "hash") };
}

test("a conflict that is expected is the answer, and nothing of the commit is written", async () => {
  const { email } = await newPerson();
  const fresh = someone(freshEmail());
  const outcome = await store.commit([...fresh.writes, ...someone(email).writes], ["email_taken"]);
  expect(outcome).toBe("email_taken");
  expect(await users.findById(fresh.user.id)).toBeNull();
});

test("a conflict that is not expected is thrown, and so is every other refusal", async () => {
  const { email } = await newPerson();
  await expect(store.commit(someone(email).writes)).rejects.toThrow(/users\.email/);
  await expect(store.commit(someone(email).writes, ["slug_taken"])).rejects.toThrow(/users\.email/);
  const orphan = users.insert(someone(freshEmail()).user, "hash").slice(1);
  await expect(store.commit(orphan, ["email_taken", "slug_taken", "ownership_limit"])).rejects.toThrow(/FOREIGN KEY/);
});

test("what meets no conflict is committed, and an empty commit is one", async () => {
  const { user, writes } = someone(freshEmail());
  expect(await store.commit(writes, ["email_taken"])).toBe("committed");
  expect(await users.findById(user.id)).toEqual(user);
  expect(await store.commit([])).toBe("committed");
});
