import type { RefundStatus } from "@foyer/contracts/payments/api";
import type { EventId, OrderId, OrganizationId, PaymentId, RefundId, TicketId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";

/** Who wanted the money back: the organizer, the platform itself, or someone at the provider's own dashboard. */
export type RefundOrigin = "organizer" | "refund_due" | "provider";

/** Money on its way back to the buyer. */
export interface Refund {
  readonly id: RefundId;
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly status: RefundStatus;
  readonly origin: RefundOrigin;
  /** The provider's idempotency key. */
  readonly providerKey: string;
  readonly providerRefundId: string | null;
  readonly amount: Money;
  readonly reason: string;
  readonly ticketIds: readonly TicketId[];
  readonly failureReason: string | null;
  /** When bookings was told. */
  readonly recordedAtMs: number | null;
  readonly nextCheckAtMs: number | null;
  readonly checks: number;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What the provider says of a refund now. */
export interface ProviderRefund {
  readonly state: RefundStatus;
  readonly id: string;
  readonly intentId: string | null;
  readonly amount: Money;
  /** Our own id, as the provider was given it; null for a refund made elsewhere. */
  readonly refundId: string | null;
  readonly failureReason: string | null;
}

/** Allowed moves. A bank can return a refund that had succeeded. */
export const refundMoves: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
  pending: ["succeeded", "failed"],
  succeeded: ["failed"],
  failed: [],
};

/** The status to move to, or null where the provider's news change nothing. */
export function decideRefund(refund: Refund, seen: Pick<ProviderRefund, "state">): RefundStatus | null {
  return refundMoves[refund.status].includes(seen.state) ? seen.state : null;
}
