import type { PaymentStatus } from "@foyer/contracts/payments/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrderId, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { ListedPayment } from "../repository/payments.ts";
import { authorizeOrganizer } from "./organizer.ts";

/** An organizer's payments, newest first. One more than `limit` tells that there is a next page. */
export async function listPayments(
  deps: Deps,
  call: CallContext,
  filter: {
    readonly organizationId: OrganizationId;
    readonly status: PaymentStatus | null;
    readonly orderId: OrderId | null;
    readonly limit: number;
    readonly before: readonly [number, string] | null;
  },
): Promise<Result<readonly ListedPayment[]>> {
  const allowed = await authorizeOrganizer(
    deps,
    call,
    { organizationId: filter.organizationId, permission: "payments.read" },
    { code: "payments.organization_not_found", detail: "No such organization." },
  );
  if (!allowed.ok) return allowed;
  return ok(await deps.payments.list({ ...filter, limit: filter.limit + 1 }));
}
