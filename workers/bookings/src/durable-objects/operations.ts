import type { Result } from "@foyer/kernel/result";
import type { Office } from "./office.ts";
import { cancelAnyOrder, cancelMyOrder } from "./operations/cancellation.ts";
import { checkIn, getCheckInStats } from "./operations/check-ins.ts";
import { forgetOrders } from "./operations/forgetting.ts";
import { beginNotice } from "./operations/notices.ts";
import { getOffer, takeOffer } from "./operations/offer.ts";
import {
  expireOrder,
  getOrder,
  getOrderContents,
  getOrderState,
  getPayableOrder,
  listOrderContents,
  placeOrder,
} from "./operations/orders.ts";
import { confirmOrder, recordRefund } from "./operations/payments.ts";
import { createPool, deletePool, getPool, listPools, updatePool } from "./operations/pools.ts";
import {
  changeReservation,
  extendReservation,
  getReservation,
  releaseReservation,
  reserve,
} from "./operations/reservations.ts";
import {
  closeSale,
  getAvailability,
  getSale,
  getSaleReadiness,
  getSaleTally,
  openSale,
  prepareSale,
} from "./operations/sale.ts";
import {
  createTicketType,
  deleteTicketType,
  getTicketType,
  listTicketTypes,
  updateTicketType,
} from "./operations/ticket-types.ts";
import {
  getOrderOfTicket,
  getTicket,
  hasTicketOfOrder,
  hasTicketOfUser,
  listAnyTickets,
  listTickets,
} from "./operations/tickets.ts";

/**
 * Everything that can be asked of a box office, by name. Each decides before it writes, so that a refusal has changed
 * nothing; each is synchronous, so that nothing comes between its check and its write.
 */
export const operations = {
  prepareSale,
  openSale,
  closeSale,
  beginNotice,
  getSaleReadiness,
  getSale,
  getSaleTally,
  getOffer,
  takeOffer,
  getAvailability,
  createPool,
  listPools,
  getPool,
  updatePool,
  deletePool,
  createTicketType,
  listTicketTypes,
  getTicketType,
  updateTicketType,
  deleteTicketType,
  reserve,
  getReservation,
  releaseReservation,
  extendReservation,
  changeReservation,
  placeOrder,
  getOrder,
  getOrderState,
  getPayableOrder,
  getOrderContents,
  listOrderContents,
  forgetOrders,
  expireOrder,
  confirmOrder,
  recordRefund,
  cancelMyOrder,
  cancelAnyOrder,
  getTicket,
  getOrderOfTicket,
  listTickets,
  listAnyTickets,
  hasTicketOfOrder,
  hasTicketOfUser,
  checkIn,
  getCheckInStats,
} as const satisfies Readonly<Record<string, (office: Office, input: never) => Result<unknown>>>;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What an operation is asked with. */
export type OperationInput<N extends OperationName> =
  Parameters<Operations[N]> extends [Office, infer I] ? I : Record<never, never>;
/** What it answers where it succeeds. */
export type OperationValue<N extends OperationName> = Extract<ReturnType<Operations[N]>, { ok: true }>["value"];
