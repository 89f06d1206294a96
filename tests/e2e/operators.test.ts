import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { newId } from "@foyer/kernel/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quote, runOnUsers, type Target } from "../../scripts/operate/database.ts";
import { wrangler } from "../../scripts/platform/build.ts";
import { configPathOf, root } from "../../scripts/platform/workers.ts";

const run = promisify(execFile);

/** The commands by which an operator makes the first administrator and sees to the keys, on wrangler's local copy of the database. */
describe("operators' commands", () => {
  let directory: string;
  let target: Target;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "foyer-operate-"));
    target = { kind: "local", directory };
    const local = ["--local", "--persist-to", directory, "-c", configPathOf("users")];
    await wrangler(["d1", "migrations", "apply", "foyer-users", ...local]);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function operate(script: "admin" | "keys", ...args: string[]): Promise<{ code: number; text: string }> {
    const file = path.join(root, "scripts/operate", `${script}.ts`);
    const local = ["--local", "--persist-to", directory];
    try {
      const { stdout, stderr } = await run(process.execPath, [file, ...args, ...local], { cwd: root });
      return { code: 0, text: stdout + stderr };
    } catch (thrown) {
      const { code = 1, stdout = "", stderr = "" } = Object(thrown);
      return { code: Number(code), text: `${stdout}${stderr}` };
    }
  }

  async function addUser(email: string, verifiedAtMs: number | null): Promise<string> {
    const id = newId("user", Date.now());
    const values = [quote(id), quote(email), verifiedAtMs ?? "NULL", "'Person'", 1, 0, 0].join(", ");
    await runOnUsers(target, [
      `INSERT INTO users (id, email, email_verified_at_ms, name, version, created_at_ms, updated_at_ms) VALUES (${values})`,
    ]);
    return id;
  }

  test("the first administrator is a person with a verified account, made by a command that is written down", async () => {
    const id = await addUser("first.o'person@example.com", Date.now());
    const granted = await operate("admin", "grant", "First.O'Person@example.com");
    expect(granted).toEqual({ code: 0, text: expect.stringContaining("administers the platform") });
    expect((await operate("admin", "list")).text).toContain(id);
    const trail = await runOnUsers(target, [
      `SELECT action, actor_id, after FROM audit WHERE target_id = ${quote(id)}`,
    ]);
    expect(trail).toEqual([
      { action: "user.roles_changed", actor_id: "operator", after: '{"roles":["administrator"]}' },
    ]);
    expect((await operate("admin", "revoke", "first.o'person@example.com")).code).toBe(0);
    expect((await operate("admin", "list")).text).not.toContain(id);
    const ended = await runOnUsers(target, [`SELECT count(*) AS ended FROM revocations WHERE subject = ${quote(id)}`]);
    expect(ended).toEqual([{ ended: 2 }]);
  });

  test("nobody is made one who is unknown, unverified or no address, and nothing that is typed is a statement", async () => {
    await addUser("unverified@example.com", null);
    for (const [address, why] of [
      ["nobody@example.com", "no account"],
      ["unverified@example.com", "not verified"],
      ["x'; UPDATE users SET platform_admin = 1; --", "no address"],
    ] as const) {
      const refused = await operate("admin", "grant", address);
      expect([address, refused.code, refused.text]).toEqual([address, 1, expect.stringContaining(why)]);
    }
    expect((await operate("admin", "list")).text.trim()).toBe("");
    expect((await operate("admin", "promote", "a@example.com")).code).toBe(2);
  });

  test("a rotation is ordered, and a withdrawal only of a key that is there", async () => {
    expect((await operate("keys", "rotate")).code).toBe(0);
    const refused = await operate("keys", "withdraw", "x'; DELETE FROM signing_keys; --");
    expect(refused).toEqual({ code: 1, text: expect.stringContaining("there is no key") });
    await runOnUsers(target, [
      "INSERT INTO signing_keys (kid, public_key, private_key, created_at_ms, activates_at_ms) VALUES ('known', 'x', 'x', 0, 0)",
    ]);
    expect((await operate("keys", "list")).text).toContain("known  signs from 1970-01-01");
    expect((await operate("keys", "withdraw", "known")).code).toBe(0);
    const orders = await runOnUsers(target, ["SELECT action, kid FROM signing_key_orders ORDER BY id"]);
    expect(orders).toEqual([
      { action: "rotate", kid: null },
      { action: "withdraw", kid: "known" },
    ]);
  });
});
