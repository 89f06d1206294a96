import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { dayMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import NotificationsWorker from "../../src/index.ts";
import { deliveryOf, fakeEmail, givenOrder, movableClock, orderMessage, worker } from "../support.ts";

async function inboxIds(): Promise<unknown[]> {
  const { results } = await env.NOTIFICATIONS_DB.prepare("SELECT message_id AS id FROM inbox").all<{ id: string }>();
  return results.map((row) => row.id);
}

test("the cron forgets inbox rows and deliveries when their days are over, and not before", async () => {
  const confirmed = orderMessage("order.confirmed", await givenOrder());
  await worker({ EMAIL: fakeEmail().binding }).deliver([confirmed]);
  const clock = movableClock();
  const { deps } = worker({}, clock);

  await new NotificationsWorker(createExecutionContext(), env).scheduled();
  expect(await inboxIds()).toEqual([confirmed.id]);

  clock.advance((limits.mailInboxKeepDays + 1) * dayMs);
  await deps.tidy();
  expect(await inboxIds()).toEqual([]);
  expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent" });

  clock.advance(limits.mailDeliveryKeepDays * dayMs);
  await deps.tidy();
  expect(await deliveryOf(confirmed.id)).toBeNull();
});

test("the row of a delivery keeps its mail from going out twice even after the inbox has forgotten the message", async () => {
  const confirmed = orderMessage("order.confirmed", await givenOrder());
  const { binding, calls } = fakeEmail();
  const clock = movableClock();
  const { deps, deliver } = worker({ EMAIL: binding }, clock);
  await deliver([confirmed]);
  clock.advance((limits.mailInboxKeepDays + 1) * dayMs);
  await deps.tidy();
  expect(await inboxIds()).toEqual([]);
  expect(await deliver([confirmed])).toEqual({ acked: ["q0"], retried: [] });
  expect(calls()).toBe(1);
});
