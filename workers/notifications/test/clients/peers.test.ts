import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { createPeers } from "../../src/clients/peers.ts";
import { systemCall } from "../../src/service/system-call.ts";
import { newOrder } from "../support.ts";

test("a peer that hangs fails the call in time, whichever peer it is", async () => {
  const never = () => new Promise<never>(() => {});
  const peers = createPeers(
    {
      USERS: {
        getJwks: never,
        getRevocations: never,
        authenticateKey: never,
        getLetter: never,
        getContacts: never,
        getErasure: never,
      },
      BOOKINGS: { getOrderDocument: never },
      EVENTS: { getInvitation: never },
    },
    20,
  );
  const call = systemCall("req_test");
  const { orderId } = newOrder();
  const asked = peers.users.getLetter(call, { letterId: newId("letter", 1) });
  await expect(asked).rejects.toThrow("no answer within 20 ms");
  const userId = newId("user", 1);
  await expect(peers.users.getErasure(call, { userId })).rejects.toThrow("no answer");
  await expect(peers.users.getContacts(call, { userIds: [userId] })).rejects.toThrow("no answer");
  await expect(peers.bookings.getOrderDocument(call, { orderId })).rejects.toThrow("no answer");
  const guest = { eventId: newId("event", 1), guestId: newId("guest", 1) };
  await expect(peers.events.getInvitation(call, guest)).rejects.toThrow("no answer");
});

test("a peer that answers is passed on as it is", async () => {
  const order = newOrder();
  await env.BOOKINGS.testOrder(order);
  const answer = await createPeers(env).bookings.getOrderDocument(systemCall("req_test"), { orderId: order.orderId });
  expect(answer).toEqual({ ok: true, value: order });
});
