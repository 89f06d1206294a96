import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Sum } from "../domain/summary.ts";

/** Port of the sums. */
export interface Figures {
  ofEvent(eventId: EventId): Promise<readonly (Sum & { readonly updatedAtMs: number })[]>;
  ofOrganization(organizationId: OrganizationId): Promise<{
    /** Events of which anything is known. */
    readonly events: number;
    readonly sums: readonly (Sum & { readonly updatedAtMs: number })[];
  }>;
  /** Confirmed orders and refunds of an event, summed by step. */
  salesBySteps(
    eventId: EventId,
    steps: { readonly firstMs: number; readonly step: number; readonly count: number },
  ): Promise<readonly (Sum & { readonly stepAtMs: number })[]>;
}

/** Port to the workers that know whose event it is and who may see its figures. An unreachable one is `platform.unavailable`. */
export interface Peers {
  /** The organization that an event belongs to; a failure where there is no such event. */
  findOwner(requestId: string, eventId: EventId): Promise<Result<OrganizationId>>;
  /** Whether the caller may read this organization's figures. */
  authorizeReading(call: CallContext, organizationId: OrganizationId): Promise<Result<unknown>>;
}

/** Port of the queue that views go to. */
export interface ViewQueue {
  send(messages: readonly Envelope<"event.viewed">[]): Promise<Result<null>>;
}
