import type { Revocation } from "@foyer/contracts/users/rpc";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import { createRevocations } from "../src/revocations.ts";
import { newClock } from "./support.ts";

const freshMs = limits.revocationsFreshSeconds * 1000;

function newList(entries: Revocation[] = []) {
  const clock = newClock();
  const list = { entries, pages: 0, isDown: false };
  const revocations = createRevocations(async (sequence) => {
    list.pages += 1;
    if (list.isDown) throw new Error("users is away");
    return list.entries.filter((entry) => entry.sequence > sequence).slice(0, limits.revocationsPerPageMax);
  }, clock);
  const add = (subject: string, beforeMs = clock.nowMs()) =>
    void list.entries.push({ sequence: list.entries.length + 1, subject, beforeMs });
  return { clock, list, revocations, add };
}

test("only what is new is asked for, and not more often than needed", async () => {
  const { clock, list, revocations, add } = newList();
  for (let count = 0; count < 20; count += 1) await revocations.freshen();
  expect(list.pages).toBe(1);
  add("ses_1");
  clock.move(freshMs + 1);
  for (let count = 0; count < 20; count += 1) await revocations.freshen();
  expect(list.pages).toBe(2);
  expect(revocations.covers(["ses_1"], clock.nowMs() - freshMs - 1)).toBe(true);
});

test("a long list is read to its end", async () => {
  const { clock, list, revocations, add } = newList();
  for (let count = 0; count < 2.5 * limits.revocationsPerPageMax; count += 1) add(`ses_${count}`);
  await revocations.freshen();
  expect(list.pages).toBe(3);
  expect(revocations.covers([`ses_${2.5 * limits.revocationsPerPageMax - 1}`], clock.nowMs())).toBe(true);
});

test("what was issued after the moment is not covered, and of two moments the later counts", async () => {
  const { clock, revocations, add } = newList();
  const nowMs = clock.nowMs();
  add("usr_1", nowMs);
  add("usr_1", nowMs - 5_000);
  await revocations.freshen();
  expect(revocations.covers(["usr_1"], nowMs)).toBe(true);
  expect(revocations.covers(["usr_1"], nowMs + 1)).toBe(false);
  expect(revocations.covers(["usr_2"], 0)).toBe(false);
});

test("while somebody asks, others go on with what is known", async () => {
  const clock = newClock();
  let answer: (page: Revocation[]) => void = () => {};
  let questions = 0;
  const revocations = createRevocations(() => {
    questions += 1;
    return questions === 1 ? Promise.resolve([]) : new Promise((resolve) => (answer = resolve));
  }, clock);
  await revocations.freshen();
  clock.move(freshMs + 1);
  const asking = revocations.freshen();
  await revocations.freshen();
  await revocations.freshen();
  expect(questions).toBe(2);
  answer([]);
  await asking;
});

test("an isolate that slept for long waits for the list, though another request asks already", async () => {
  const { clock, list, revocations, add } = newList();
  await revocations.freshen();
  clock.move(3_600_000);
  add("ses_1");
  const before = list.pages;
  await Promise.all([revocations.freshen(), revocations.freshen()]);
  expect(list.pages).toBe(before + 2);
  expect(revocations.covers(["ses_1"], 0)).toBe(true);
});

test("the list is believed for an hour without an answer, and no longer", async () => {
  const { clock, list, revocations, add } = newList();
  add("ses_1");
  await revocations.freshen();
  list.isDown = true;
  clock.move(3_599_000);
  await revocations.freshen();
  clock.move(2_000);
  await expect(revocations.freshen()).rejects.toThrow("users is away");
});

test("what no living token can be covered by is forgotten", async () => {
  const { clock, revocations, add } = newList();
  add("ses_1");
  await revocations.freshen();
  const issuedAtMs = clock.nowMs() - 1;
  clock.move((limits.accessTokenTtlSeconds + limits.clockSkewSeconds) * 1000 + freshMs + 1);
  await revocations.freshen();
  expect(revocations.covers(["ses_1"], issuedAtMs)).toBe(false);
});

test("a clock that is set back does not make an old list a new one", async () => {
  const { clock, revocations, add } = newList();
  clock.move(3_600_000);
  await revocations.freshen();
  clock.move(-3_600_000);
  add("ses_1");
  await revocations.freshen();
  expect(revocations.covers(["ses_1"], 0)).toBe(true);
});
