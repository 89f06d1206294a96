import type { OrganizationId, UserId } from "@foyer/kernel/ids";
import * as z from "zod";
import { idSchema } from "./schemas.ts";

/** Who asks. Decided once at the wall, from a verified credential, and passed by value from there on. */
export const actorSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("user"),
    userId: idSchema("user"),
    sessionId: z.string(),
    emailVerified: z.boolean(),
    platformAdmin: z.boolean(),
    authenticatedAtMs: z.number(),
    impersonatorId: idSchema("user").nullable(),
  }),
  z.object({
    kind: z.literal("api_key"),
    keyId: z.string(),
    organizationId: idSchema("organization"),
    scopes: z.array(z.string()),
  }),
  z.object({ kind: z.literal("anonymous") }),
  z.object({ kind: z.literal("system"), name: z.string() }),
]);

/** A person who is signed in. */
export interface UserActor {
  readonly kind: "user";
  readonly userId: UserId;
  readonly sessionId: string;
  readonly emailVerified: boolean;
  readonly platformAdmin: boolean;
  /** When they last proved all factors that their account has, epoch milliseconds; 0 where someone acts in their place. */
  readonly authenticatedAtMs: number;
  /** The administrator who acts in this user's place, or null. */
  readonly impersonatorId: UserId | null;
}

/** A program of an organization's. */
export interface ApiKeyActor {
  readonly kind: "api_key";
  readonly keyId: string;
  readonly organizationId: OrganizationId;
  readonly scopes: string[];
}

export type Actor =
  | UserActor
  | ApiKeyActor
  /** Nobody known. What such a caller may touch is proven by a resource's own secret (`X-Order-Secret`). */
  | { readonly kind: "anonymous" }
  | { readonly kind: "system"; readonly name: string };

/** Who did something, for a resource's own history: an id, and whom an administrator acted for. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "user":
      return actor.impersonatorId === null ? actor.userId : `${actor.impersonatorId} for ${actor.userId}`;
    case "api_key":
      return actor.keyId;
    case "system":
      return `system:${actor.name}`;
    case "anonymous":
      return "anonymous";
  }
}

/** What accompanies every RPC call between workers. */
export interface CallContext {
  readonly actor: Actor;
  readonly requestId: string;
}

export const callContextSchema = z.object({ actor: actorSchema, requestId: z.string() });

/** Secrets that prove a buyer's hold on one reservation or order, as the caller showed them. */
export interface HolderProof {
  readonly secret?: string;
}
