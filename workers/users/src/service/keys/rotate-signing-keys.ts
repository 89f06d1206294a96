import { secondMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";
import { keyLeadMs, needsRotation, retiredAt } from "../../domain/signing-keys.ts";
import type { Write } from "../../repository/database.ts";
import type { StoredSigningKey } from "../../repository/signing-keys.ts";
import { makeSigningKey } from "./make-signing-key.ts";

/** An isolate may sign with a withdrawn key until it looks again; what it signs in that time is void, too. */
const withdrawnTailMs = 2 * limits.signingKeysKnownSeconds * secondMs;

/**
 * What the clockwork does with signing keys: carries out operators' orders, replaces a key that is too old, and removes keys that no
 * living token was signed with. Nobody is signed out by any of it but by a withdrawal, which voids the tokens of that key; refresh
 * tokens go on.
 */
export async function rotateSigningKeys(deps: Deps, requestId: string): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const [keys, orders] = await Promise.all([deps.signingKeys.list(), deps.signingKeys.listOrders()]);
  const withdrawn = new Set(orders.flatMap(({ action, kid }) => (action === "withdraw" && kid !== null ? [kid] : [])));
  const left = keys.filter(({ kid }) => !withdrawn.has(kid));
  const leaked = keys.filter(({ kid }) => withdrawn.has(kid));
  const isOrdered = orders.some(({ action }) => action === "rotate");
  const retired = retiredAt(left, nowMs);

  const writes: Write[] = orders.map(({ id }) => deps.signingKeys.finishOrder(id));
  for (const { kid } of [...retired, ...leaked]) writes.push(deps.signingKeys.remove(kid));
  for (const { kid } of leaked) {
    writes.push(deps.revocations.revoke(kid, nowMs + withdrawnTailMs), note("signing_key.withdrawn", kid));
  }
  if (isOrdered || needsRotation(left, nowMs)) {
    const made = await makeNext(deps, left, nowMs);
    if (made !== null) writes.push(deps.signingKeys.insert(made), note("signing_key.made", made.kid));
  }
  if (writes.length === 0) return;
  await deps.store.commit(writes);
  deps.signer.forget();
  deps.log.info("signing keys changed", { withdrawn: leaked.length, retired: retired.length });

  function note(action: "signing_key.made" | "signing_key.withdrawn", kid: string): Write {
    return deps.audit.write({
      id: newId("audit", nowMs),
      actor: { kind: "system", id: "clockwork", impersonatorId: null },
      action,
      targetId: kid,
      organizationId: null,
      before: null,
      after: null,
      requestId,
      atMs: nowMs,
    });
  }
}

/** The next key; it signs at once where no other is left, else once every cache knows it. Null where there are too many. */
async function makeNext(
  deps: Deps,
  left: readonly StoredSigningKey[],
  nowMs: number,
): Promise<StoredSigningKey | null> {
  if (left.length >= limits.signingKeysMax) {
    deps.log.error("too many signing keys", { count: left.length });
    return null;
  }
  return makeSigningKey(deps, nowMs, left.length === 0 ? nowMs : nowMs + keyLeadMs);
}
