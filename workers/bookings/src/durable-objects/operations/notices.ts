import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Office } from "../office.ts";
import { beginNoticeRound } from "../order-rounds.ts";
import { closeSale, isCancelled } from "./sale.ts";

/**
 * Begins to tell everybody who holds tickets of a change; the alarm does it. Of an event that will not take place there is nothing more to
 * tell than that. `platform.unavailable` while the facts of that version have not come: mails would say what held before.
 */
export function beginNotice(
  office: Office,
  input: { readonly notice: HolderNotice; readonly version: number },
): Result<null> {
  const { notice, version } = input;
  // Says the same as the news of the postponement, which may come later.
  if (notice === "postponed") closeSale(office, { version, status: "postponed" });
  const sale = office.preparedSale;
  if (sale === null || isCancelled(office)) return ok(null);
  if (notice !== "postponed" && sale.facts.version < version) {
    return fail("platform.unavailable", "The facts that the notice is about have not come yet.");
  }
  beginNoticeRound(office, notice, version);
  return ok(null);
}
