import { limits } from "@foyer/kernel/limits";
import { expect, test, vi } from "vitest";
import { Answers } from "../../src/durable-objects/answers.ts";
import { TestOffice } from "./test-office.ts";

const claimOf = (name: string) => ({ key: name, fingerprint: `=${name}` });
const ttlMs = limits.idempotencyTtlSeconds * 1_000;
const nowMs = Date.parse("2026-05-01T00:00:00Z");

/** Keeps an answer of its own for each key, in one batch. */
function keepAll(answers: Answers, names: readonly string[], atMs = nowMs): void {
  answers.prefetch(names, atMs);
  for (const name of names) {
    if (answers.find(name) === null) answers.keep(claimOf(name), `"${name}"`, atMs);
  }
  answers.flush();
}

function find(answers: Answers, name: string, atMs = nowMs) {
  answers.prefetch([name], atMs);
  return answers.find(name)?.answer ?? null;
}

/** Counts the statements that are run. */
function counting(sql: SqlStorage) {
  const count = { statements: 0 };
  const counted = {
    exec: (...given: Parameters<SqlStorage["exec"]>) => {
      count.statements += 1;
      return sql.exec(...given);
    },
  };
  return { count, sql: counted as SqlStorage }; // the table runs statements and uses nothing else
}

const indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'idempotency_by_key'";

test("keys that were never seen cost no query, and one that was is found again", async () => {
  const office = await TestOffice.open();
  await office.inside((_, state) => {
    const { count, sql } = counting(state.storage.sql);
    const answers = new Answers(sql);
    answers.load();
    keepAll(answers, ["one", "two"]);
    const before = count.statements;
    answers.prefetch(["three", "four", "five"], nowMs);
    expect(count.statements).toBe(before);
    expect(answers.find("three")).toBeNull();
    expect(find(answers, "two")).toBe('"two"');
    expect(count.statements).toBe(before + 1);
  });
});

test("an evicted object still replays a key's first answer, and a key of before its eviction holds nothing twice", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  const first = await office.reserve(type, 2, claimOf("key"));
  await office.evict();
  const again = await office.reserve(type, 2, claimOf("key"));
  expect(again).toEqual({ ...first, replayed: true });
  expect((await office.reserve(type, 2, { key: "key", fingerprint: "=other" })).result).toMatchObject({
    error: { code: "idempotency.mismatch" },
  });
  expect(await office.sql("SELECT held FROM pools")).toEqual([{ held: 2 }]);
});

test("the first answer is replayed even after the reservation was changed, extended and given back", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  const first = await office.reserve(type, 2, claimOf("key"));
  if (!first.result.ok) throw new Error("there is enough");
  const held = { reservationId: first.result.value.id, holder: { userId: null, proven: true } };
  const items = [{ ticketTypeId: type, quantity: 3 }];
  await office.must("changeReservation", { ...held, items, accessCode: null });
  await office.must("extendReservation", held);
  await office.must("releaseReservation", held);
  expect(await office.reserve(type, 2, claimOf("key"))).toEqual({ ...first, replayed: true });
});

test("more keys than memory takes are looked up in the database, before and after an eviction", async () => {
  const office = await TestOffice.open();
  await office.inside((_, state) => {
    const { sql } = state.storage;
    const answers = new Answers(sql, 3);
    answers.load();
    keepAll(answers, ["a", "b", "c"]);
    expect(sql.exec(indexes).toArray()).toEqual([]);
    keepAll(answers, ["d", "e"]);
    expect(sql.exec(indexes).toArray()).toHaveLength(1);
    keepAll(answers, ["f", "a"]);
    const reopened = new Answers(sql, 3);
    reopened.load();
    for (const table of [answers, reopened]) {
      for (const name of ["a", "b", "c", "d", "e", "f"]) expect(find(table, name)).toBe(`"${name}"`);
      expect(find(table, "g")).toBeNull();
    }
    expect(sql.exec("SELECT key FROM idempotency ORDER BY seq").toArray()).toEqual(
      ["a", "b", "c", "d", "e", "f"].map((key) => ({ key })),
    );
  });
});

test.each([
  ["in memory", 100],
  ["in the database", 2],
])("a key past its day is free again, found %s, and old rows are purged", async (_, keysMax) => {
  const office = await TestOffice.open();
  await office.inside((__, state) => {
    const answers = new Answers(state.storage.sql, keysMax);
    answers.load();
    keepAll(answers, ["a", "b", "c"]);
    expect(find(answers, "a", nowMs + ttlMs - 1)).toBe('"a"');
    expect(find(answers, "a", nowMs + ttlMs)).toBeNull();
    answers.keep(claimOf("a"), '"again"', nowMs + ttlMs);
    answers.flush();
    answers.purge(nowMs + ttlMs);
    expect(find(answers, "a", nowMs + ttlMs)).toBe('"again"');
    expect(find(answers, "b", nowMs + ttlMs)).toBeNull();
    expect(state.storage.sql.exec("SELECT key FROM idempotency").toArray()).toEqual([{ key: "a" }]);
    expect(answers.nextPurgeMs()).toBe(nowMs + 2 * ttlMs);
  });
});

test("sold-out answers need no transaction, are not kept under their keys, and end with the first place that is given back", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 1 });
  const first = await office.reserve(type, 1, claimOf("first"));
  if (!first.result.ok) throw new Error("there is one");
  const spied = await office.inside((_, state) => vi.spyOn(state.storage, "transactionSync"));
  const refused = await Promise.all(
    ["a", "b", "b", null].map((name) => office.reserve(type, 1, name === null ? null : claimOf(name))),
  );
  for (const { result, replayed } of refused) {
    expect({ result, replayed }).toMatchObject({ replayed: false, result: { error: { code: "bookings.sold_out" } } });
  }
  expect(spied).not.toHaveBeenCalled();
  const mixed = await Promise.all([
    office.reserve(type, 1, claimOf("c")),
    office.reserve(type, 1, claimOf("first")),
    office.reserve(type, 1, claimOf("d")),
  ]);
  expect(mixed.map(({ result, replayed }) => [result.ok, replayed])).toEqual([
    [false, false],
    [true, true],
    [false, false],
  ]);
  expect(spied).toHaveBeenCalled();
  await office.must("releaseReservation", {
    reservationId: first.result.value.id,
    holder: { userId: null, proven: true },
  });
  expect((await office.reserve(type, 1, claimOf("a"))).result.ok).toBe(true);
  expect((await office.reserve(type, 1, claimOf("e"))).result.ok).toBe(false);
  office.nowMs += (limits.reservationTtlSeconds + 1) * 1_000;
  expect((await office.reserve(type, 1, claimOf("e"))).result.ok).toBe(true);
});

test("a refusal that is kept is replayed after the reason for it is gone", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ visibility: "hidden", accessCode: "SESAME" });
  const first = await office.reserve(type, 1, claimOf("key"));
  expect(first.result).toMatchObject({ error: { code: "bookings.ticket_type_not_found" } });
  await office.must("updateTicketType", { ticketTypeId: type, visibility: "public", accessCode: null });
  expect(await office.reserve(type, 1, claimOf("key"))).toEqual({ ...first, replayed: true });
  const { result } = await office.reserve(type);
  expect(result.ok ? "held" : result.error.code).toBe("held");
});

test("after a batch that was rolled back a key is as if it had never been sent", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  await office.inside((_, state) => {
    state.storage.sql.exec(
      "CREATE TRIGGER fault BEFORE INSERT ON idempotency BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
  });
  await expect(office.reserve(type, 1, claimOf("key"))).rejects.toThrow("the disk is full");
  await office.inside((_, state) => state.storage.sql.exec("DROP TRIGGER fault"));
  const retried = await office.reserve(type, 1, claimOf("key"));
  expect(retried).toMatchObject({ replayed: false, result: { ok: true } });
  expect(await office.reserve(type, 1, claimOf("key"))).toEqual({ ...retried, replayed: true });
  expect(await office.sql("SELECT held FROM pools")).toEqual([{ held: 1 }]);
});
