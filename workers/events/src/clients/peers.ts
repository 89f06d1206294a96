import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";

/** Asks a peer within a time limit. One that throws or is late is `platform.unavailable`. */
async function ask<T>(log: Logger, question: string, call: () => Promise<Result<T>>): Promise<Result<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timed out")), limits.outsideCallTimeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (thrown) {
    log.error("peer unavailable", { question, ...describeError(thrown) });
    return fail("platform.unavailable", "A part of the platform does not answer right now.");
  } finally {
    clearTimeout(timer);
  }
}

type AskedOfUsers = Pick<
  UsersRpc,
  "authorize" | "getOrganizations" | "findOrganization" | "getContacts" | "getErasure"
>;

/** What events asks of users. */
export function createUsersClient(users: UsersRpc, log: Logger): AskedOfUsers {
  return {
    authorize: (call, input) => ask(log, "users.authorize", () => users.authorize(call, input)),
    findOrganization: (call, input) => ask(log, "users.findOrganization", () => users.findOrganization(call, input)),
    getOrganizations: (call, input) => ask(log, "users.getOrganizations", () => users.getOrganizations(call, input)),
    getContacts: (call, input) => ask(log, "users.getContacts", () => users.getContacts(call, input)),
    getErasure: (call, input) => ask(log, "users.getErasure", () => users.getErasure(call, input)),
  };
}

type SaleRpc = Pick<
  BookingsRpc,
  | "prepareSale"
  | "getSaleReadiness"
  | "openSale"
  | "closeSale"
  | "getSaleTally"
  | "copySale"
  | "holdsTicket"
  | "getSalesSummary"
>;

/**
 * What events asks of bookings. Its refusals concern the platform, not the caller, and become `platform.unavailable`; that of `holdsTicket` alone is the
 * caller's, and is passed on.
 */
export function createBookingsClient(bookings: BookingsRpc, log: Logger): SaleRpc {
  async function must<T>(question: string, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const answer = await ask(log, question, call);
    if (answer.ok || answer.error.code === "platform.unavailable") return answer;
    log.error("bookings refused", { question, refusal: answer.error.code, detail: answer.error.detail });
    return fail("platform.unavailable", "The box office does not answer right now.");
  }
  return {
    prepareSale: (call, input) => must("bookings.prepareSale", () => bookings.prepareSale(call, input)),
    getSaleReadiness: (call, input) => must("bookings.getSaleReadiness", () => bookings.getSaleReadiness(call, input)),
    openSale: (call, input) => must("bookings.openSale", () => bookings.openSale(call, input)),
    closeSale: (call, input) => must("bookings.closeSale", () => bookings.closeSale(call, input)),
    getSaleTally: (call, input) => must("bookings.getSaleTally", () => bookings.getSaleTally(call, input)),
    copySale: (call, input) => must("bookings.copySale", () => bookings.copySale(call, input)),
    holdsTicket: (call, input) => ask(log, "bookings.holdsTicket", () => bookings.holdsTicket(call, input)),
    getSalesSummary: (call, input) => must("bookings.getSalesSummary", () => bookings.getSalesSummary(call, input)),
  };
}
