import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { signEventAccess, verifyEventAccess } from "../src/event-access.ts";

const secret = "a secret of more than thirty-two characters";
const nowMs = Date.parse("2026-11-26T12:00:00Z");
const eventId = newId("event", nowMs);
const access = { eventId, accessVersion: 3, endsAtSeconds: nowMs / 1000 + 60 };

test("a grant opens its event at its version until it ends", async () => {
  const grant = await signEventAccess(secret, access);
  expect(await verifyEventAccess(secret, grant, { eventId, nowMs })).toBe(3);
  expect(await verifyEventAccess(secret, grant, { eventId, nowMs: nowMs + 59_999 })).toBe(3);
  expect(await verifyEventAccess(secret, grant, { eventId, nowMs: nowMs + 60_000 })).toBeNull();
});

test("a grant opens no other event, and none that was signed by others or touched opens any", async () => {
  const grant = await signEventAccess(secret, access);
  expect(await verifyEventAccess(secret, grant, { eventId: newId("event", nowMs), nowMs })).toBeNull();
  expect(await verifyEventAccess(`${secret}.`, grant, { eventId, nowMs })).toBeNull();
  const [version, end, signature] = grant.split(".");
  for (const touched of [
    `4.${end}.${signature}`,
    `${version}.${Number(end) + 1}.${signature}`,
    `${version}.${end}.${"A".repeat(43)}`,
    `${version}.${end}`,
    `0${version}.${end}.${signature}`,
    ` ${grant}`,
    "",
    "x".repeat(10_000),
  ])
    expect(await verifyEventAccess(secret, touched, { eventId, nowMs }), touched.slice(0, 80)).toBeNull();
});
