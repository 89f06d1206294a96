import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type ApiKey, withoutUse } from "../../domain/api-key.ts";
import type { Write } from "../../repository/database.ts";
import type { Opened } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { keyNotFound } from "./failures.ts";

/** A key that is to be changed, and the version of it that the caller knows. */
export interface KeyChange {
  readonly organizationId: OrganizationId;
  readonly keyId: Id<"apiKey">;
  readonly ifMatch: string | undefined;
}

/**
 * Commits what `plan` makes of a key, if the key is still as it was read, and whoever `open` let in still what they were; else again from a
 * fresh reading. `users.api_key_not_found`; `request.precondition_failed` where it is not the version that `ifMatch` names.
 */
export async function changeStoredKey<T>(
  deps: Deps,
  { organizationId, keyId, ifMatch }: KeyChange,
  open: () => Promise<Result<Opened>>,
  plan: (key: ApiKey) => Promise<{ readonly writes: readonly Write[]; readonly value: T }>,
): Promise<Result<T>> {
  return untilStored(async () => {
    const opened = await open();
    if (!opened.ok) return opened;
    const key = await deps.apiKeys.findIn(organizationId, keyId);
    if (key === null) return keyNotFound;
    const condition = checkIfMatch(withoutUse(ifMatch), etagOf(key.version));
    if (!condition.ok) return condition;
    const { writes, value } = await plan(key);
    if (writes.length === 0) return ok(value);
    const outcome = await deps.store.commit(
      [deps.members.mustStand(organizationId, [opened.value.by]), deps.apiKeys.mustBeThere(key), ...writes],
      ["member_changed", "organization_changed"],
    );
    return outcome === "committed" ? ok(value) : "overtaken";
  });
}
