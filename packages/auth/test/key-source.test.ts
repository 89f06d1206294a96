import { expect, test } from "vitest";
import { createKeySource } from "../src/key-source.ts";
import { newClock, newKeyPair, newPublisher } from "./support.ts";

const [first, second] = await Promise.all([newKeyPair("first"), newKeyPair("second")]);

test("keys are asked for once and kept", async () => {
  const publisher = newPublisher(first);
  const keys = createKeySource(publisher.fetchKeys, newClock());
  expect(publisher.fetches).toBe(0);
  for (let count = 0; count < 10; count += 1) expect(await keys("first")).not.toBeNull();
  expect(publisher.fetches).toBe(1);
});

test("a rotated key is found at its first use", async () => {
  const publisher = newPublisher(first);
  const clock = newClock();
  const keys = createKeySource(publisher.fetchKeys, clock);
  await keys("first");
  publisher.pairs = [second, first];
  clock.move(11_000);
  expect(await keys("second")).not.toBeNull();
  expect(publisher.fetches).toBe(2);
});

test("a withdrawn key is forgotten within five minutes", async () => {
  const publisher = newPublisher(first, second);
  const clock = newClock();
  const keys = createKeySource(publisher.fetchKeys, clock);
  await keys("first");
  publisher.pairs = [second];
  clock.move(5 * 60_000 + 1);
  expect(await keys("first")).toBeNull();
});

test("key ids that nobody has do not make us ask more than once in ten seconds", async () => {
  const publisher = newPublisher(first);
  const clock = newClock();
  const keys = createKeySource(publisher.fetchKeys, clock);
  await keys("first");
  for (let count = 0; count < 100; count += 1) {
    expect(await keys(`made-up-${count}`)).toBeNull();
    clock.move(1_000);
  }
  expect(publisher.fetches).toBeLessThanOrEqual(11);
});

test("while the keys cannot be had the fault is told, and the next call asks again", async () => {
  const publisher = newPublisher(first);
  publisher.broken = true;
  const keys = createKeySource(publisher.fetchKeys, newClock());
  await expect(keys("first")).rejects.toThrow("users is away");
  publisher.broken = false;
  expect(await keys("first")).not.toBeNull();
});

test("known keys outlast an outage of those who publish them", async () => {
  const publisher = newPublisher(first);
  const clock = newClock();
  const keys = createKeySource(publisher.fetchKeys, clock);
  await keys("first");
  publisher.broken = true;
  clock.move(5 * 60_000 + 1);
  publisher.fetches = 0;
  for (let count = 0; count < 100; count += 1) expect(await keys("first")).not.toBeNull();
  expect(publisher.fetches).toBe(1);
  clock.move(3_600_000);
  await expect(keys("first")).rejects.toThrow("users is away");
});
