import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { Bookings, Users } from "../service/ports.ts";

/** Waits for a peer's answer within the limit; a peer that throws, is gone or is late is `platform.unavailable`. */
async function ask<T>(what: string, log: Logger, call: () => Promise<Result<T>>): Promise<Result<T>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), limits.outsideCallTimeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (thrown) {
    log.error("peer unavailable", { what, ...describeError(thrown) });
    return fail("platform.unavailable", "Another part of the platform does not answer right now; nothing is lost.");
  } finally {
    clearTimeout(timer);
  }
}

/** Bookings behind its port. */
export function createBookings(rpc: BookingsRpc, log: Logger): Bookings {
  return {
    getPayableOrder: (call, input) => ask("getPayableOrder", log, () => rpc.getPayableOrder(call, input)),
    getOrderState: (call, input) => ask("getOrderState", log, () => rpc.getOrderState(call, input)),
    getOrderDocument: (call, input) => ask("getOrderDocument", log, () => rpc.getOrderDocument(call, input)),
    confirmOrder: (call, input) => ask("confirmOrder", log, () => rpc.confirmOrder(call, input)),
    recordRefund: (call, input) => ask("recordRefund", log, () => rpc.recordRefund(call, input)),
    listOrdersOfPerson: (call, input) => ask("listOrdersOfPerson", log, () => rpc.listOrdersOfPerson(call, input)),
  };
}

/** Users behind its port. */
export function createUsers(rpc: UsersRpc, log: Logger): Users {
  return {
    authorize: (call, input) => ask("authorize", log, () => rpc.authorize(call, input)),
    getContacts: (call, input) => ask("getContacts", log, () => rpc.getContacts(call, input)),
    getErasure: (call, input) => ask("getErasure", log, () => rpc.getErasure(call, input)),
  };
}
