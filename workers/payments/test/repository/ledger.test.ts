import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createPaymentRepository } from "../../src/repository/payments.ts";
import { newOrder, open, pay, query, rowOf, unbalanced } from "../support.ts";

test("the ledger can only be added to", async () => {
  const { payment } = await pay(await newOrder());
  const change = (sql: string) => env.PAYMENTS_DB.prepare(sql).bind(payment.id).run();
  await expect(change("UPDATE ledger_entries SET amount_minor = 1 WHERE payment_id = ?1")).rejects.toThrow(
    /append-only/,
  );
  await expect(change("DELETE FROM ledger_entries WHERE payment_id = ?1")).rejects.toThrow(/append-only/);
  expect(await unbalanced()).toEqual([]);
});

test("of two changes that start from one version, the second writes nothing at all", async () => {
  const { payment } = await open(await newOrder());
  const payments = createPaymentRepository(env.PAYMENTS_DB);
  const read = await payments.get(payment.id);
  if (read === null) throw new Error("no such payment");
  const shared = {
    transactionId: payment.id,
    organizationId: read.organizationId,
    paymentId: read.id,
    refundId: null,
    currency: "EUR",
  };
  const step = {
    to: "succeeded" as const,
    cause: "test",
    failureReason: null,
    paidAtMs: 1,
    nextCheckAtMs: null,
    ids: null,
    entries: [
      { ...shared, line: 1, account: "provider_clearing" as const, amountMinor: 5000 },
      { ...shared, line: 2, account: "organizer_payable" as const, amountMinor: -5000 },
    ],
    messages: [],
    nowMs: 1,
  };
  expect(await payments.move(read, step)).toBe(true);
  expect(await payments.move(read, { ...step, to: "failed", entries: [] })).toBe(false);
  expect(await rowOf(payment.id)).toMatchObject({ status: "succeeded", version: 2 });
  expect(await query("SELECT version FROM status_changes WHERE subject_id = ?1", payment.id)).toHaveLength(1);
});
