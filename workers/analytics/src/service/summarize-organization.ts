import type { OrganizationSummary } from "@foyer/contracts/analytics/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { summarize } from "../domain/summary.ts";
import { authorizeOrganizationReading } from "./authorize-reading.ts";
import type { Figures, Peers } from "./ports.ts";

/** Figures of all events of an organization. `analytics.organization_not_found`, `auth.forbidden`. */
export async function summarizeOrganization(
  deps: { readonly peers: Peers; readonly figures: Figures },
  call: CallContext,
  input: { readonly organizationId: OrganizationId },
): Promise<Result<OrganizationSummary>> {
  const allowed = await authorizeOrganizationReading(deps, call, input.organizationId);
  if (!allowed.ok) return allowed;
  const { events, sums } = await deps.figures.ofOrganization(input.organizationId);
  return ok({ organizationId: input.organizationId, events, ...summarize(sums) });
}
