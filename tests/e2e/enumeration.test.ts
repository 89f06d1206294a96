import { newId } from "@foyer/kernel/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newAddress, password, startWorld, type World } from "./support/world.ts";

const tries = 80;

/**
 * How well two samples can be told apart by their times alone: the share of pairs in which the first is the slower (Mann and Whitney, 1947). A
 * half where nothing can be told, one or zero where everything can.
 */
function telling(first: readonly number[], second: readonly number[]): number {
  let slower = 0;
  for (const one of first) for (const other of second) slower += one > other ? 1 : one === other ? 0.5 : 0;
  return slower / (first.length * second.length);
}

/** Four standard deviations around a half, for samples of this size that are drawn alike: a false alarm in sixteen thousand runs. */
const toleranceOf = (size: number): number => 4 * Math.sqrt((2 * size + 1) / (12 * size * size));

describe("whether an address has an account", () => {
  let world: World;
  let known: string[];

  beforeAll(async () => {
    world = await startWorld({ revealEmailTaken: false });
    known = await addAccounts(4 * tries);
  });
  afterAll(() => world?.stop());

  /** Accounts with one password, written into the database: to hash it so often would take the time of the test. */
  async function addAccounts(count: number): Promise<string[]> {
    const first = newAddress("known");
    await post("/v1/auth/register", { email: first, password, name: "Person" });
    const db = await world.platform.database("users");
    const nowMs = Date.now();
    const rows = Array.from({ length: count }, () => ({ id: newId("user", nowMs), email: newAddress("known") }));
    await db.batch([
      db
        .prepare(
          `INSERT INTO users (id, email, email_verified_at_ms, name, version, created_at_ms, updated_at_ms)
           SELECT value ->> 'id', value ->> 'email', ?2, 'Person', 1, ?2, ?2 FROM json_each(?1)`,
        )
        .bind(JSON.stringify(rows), nowMs),
      db
        .prepare(
          `INSERT INTO credentials (user_id, password_hash, updated_at_ms) SELECT value ->> 'id', c.password_hash, ?3
           FROM json_each(?1), credentials c JOIN users u ON u.id = c.user_id WHERE u.email = ?2`,
        )
        .bind(JSON.stringify(rows), first, nowMs),
    ]);
    return rows.map(({ email }) => email);
  }

  let networks = 0;
  async function post(path: string, body: object): Promise<{ readonly status: number; readonly ms: number }> {
    networks += 1;
    const startedMs = performance.now();
    const response = await fetch(`${world.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "cf-connecting-ip": `2001:db8:0:${networks.toString(16)}::1` },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return { status: response.status, ms: performance.now() - startedMs };
  }

  /**
   * Asks about known and unknown addresses side by side, in either order, so that whatever else the machine does slows both; several pairs at once
   * where the answers wait more than they work.
   */
  async function compare(
    ask: (email: string) => Promise<{ status: number; ms: number }>,
    lanes: number,
    pairs = tries,
  ) {
    const times = { known: [] as number[], unknown: [] as number[] };
    const statuses = new Set<number>();
    for (let count = 0; count < 5; count += 1) await ask(newAddress("warm"));
    for (let round = 0; round < pairs / lanes; round += 1) {
      const asked = Array.from({ length: lanes }, (_, lane) => {
        const pair = ["known", "unknown"] as const;
        return (round + lane) % 2 === 0 ? pair : pair.toReversed();
      }).flat();
      await Promise.all(
        asked.map(async (kind) => {
          const { status, ms } = await ask(kind === "known" ? (known.pop() ?? "") : newAddress("unknown"));
          statuses.add(status);
          times[kind as "known" | "unknown"].push(ms);
        }),
      );
    }
    return { telling: telling(times.known, times.unknown), statuses: [...statuses] };
  }

  test("this test sees a difference of one hash", async () => {
    const hashing: number[] = [];
    const refused: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      hashing.push((await post("/v1/auth/login", { email: newAddress("x"), password })).ms);
      refused.push((await post("/v1/auth/login", { email: newAddress("x"), password: 1 })).ms);
    }
    expect(telling(hashing, refused)).toBeGreaterThan(0.95);
  });

  test("is told neither by the status nor by the time of signing in with a wrong password", async () => {
    const found = await compare((email) => post("/v1/auth/login", { email, password: "a wrong password" }), 1);
    expect(found.statuses).toEqual([401]);
    expect(Math.abs(found.telling - 0.5)).toBeLessThan(toleranceOf(tries));
  });

  test.each(["/v1/auth/password/forgot", "/v1/auth/email/resend"])(
    "is told neither by the status nor by the time of %s",
    async (path) => {
      const found = await compare((email) => post(path, { email }), 8);
      expect(found.statuses).toEqual([202]);
      expect(Math.abs(found.telling - 0.5)).toBeLessThan(toleranceOf(tries));
    },
  );

  test("is told neither by the status nor by the time of registering it, where the deployment is closed", async () => {
    const found = await compare(
      (email) => post("/v1/auth/register", { email, password, name: "Person" }),
      4,
      tries / 2,
    );
    expect(found.statuses).toEqual([201]);
    expect(Math.abs(found.telling - 0.5)).toBeLessThan(toleranceOf(tries / 2));
  });
});
