import { type KeyScope, type Role, rolePermissions } from "@foyer/contracts/shared/permissions";
import { type Id, isId, type OrganizationId, type UserId } from "@foyer/kernel/ids";

/** A program of an organization's, without its secret. */
export interface ApiKey {
  readonly id: Id<"apiKey">;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly createdBy: UserId | null;
  readonly createdAtMs: number;
  readonly rotatedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly version: number;
}

const shape = /^fk_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/;

/** A key as its holder shows it: what it is called, and its secret. The name is its id, so one look finds its row. */
export function formatKey(id: Id<"apiKey">, secret: string): string {
  return `${prefixOf(id)}_${secret}`;
}

/** How a key begins; what people recognize it by. */
export function prefixOf(id: Id<"apiKey">): string {
  return `fk_${id.slice("key_".length)}`;
}

/** Takes a key apart; null for what is none. */
export function parseKey(text: string): { readonly id: Id<"apiKey">; readonly secret: string } | null {
  const [, body, secret] = shape.exec(text) ?? [];
  const id = `key_${body ?? ""}`;
  return secret !== undefined && isId("apiKey", id) ? { id, secret } : null;
}

/** Which of these scopes are more than somebody of a role may do themselves, by their places. */
export function scopesBeyond(role: Role, scopes: readonly KeyScope[]): number[] {
  return scopes.flatMap((scope, index) => (rolePermissions[role].has(scope) ? [] : [index]));
}

/** What tells two states of a key apart, its last use among them. */
export function keyState({ version, lastUsedAtMs }: Pick<ApiKey, "version" | "lastUsedAtMs">): string {
  return `${version}.${lastUsedAtMs ?? 0}`;
}

/** As {@link keyState}, in an `If-Match`, without the last use: that a program goes on using its key is no reason to refuse a change. */
export function withoutUse(ifMatch: string | undefined): string | undefined {
  return ifMatch?.replaceAll(/(?<="\d+)\.\d+(?=")/g, "");
}
