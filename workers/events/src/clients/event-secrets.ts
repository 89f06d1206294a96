import { type EventAccess, signEventAccess, verifyEventAccess } from "@foyer/auth/event-access";
import { equalInConstantTime, hmacSha256 } from "@foyer/kernel/encoding";
import type { EventId, Id } from "@foyer/kernel/ids";

/** Whom the token of an invitation is made for. */
export interface Invitee {
  readonly id: Id<"guest">;
  readonly eventId: EventId;
  readonly nonce: string;
}

/**
 * What is made of the secret that events and bookings share. Each use says its own first line, so that nothing made for one is good for
 * another.
 */
export function createEventSecrets(secret: string) {
  const tokenOf = async ({ id, eventId, nonce }: Invitee): Promise<string> =>
    `${id}.${await hmacSha256(secret, `foyer-event-invitation\n${eventId}\n${id}\n${nonce}`)}`;

  return {
    /** A password as it is kept. */
    hashPassword: (eventId: EventId, password: string): Promise<string> =>
      hmacSha256(secret, `foyer-event-password\n${eventId}\n${password}`),

    /** A name to count guesses under, of which neither event nor network can be read. */
    nameCounter: (eventId: EventId, network: string | null): Promise<string> =>
      hmacSha256(secret, `foyer-event-attempts\n${eventId}\n${network ?? ""}`),

    sign: (access: EventAccess): Promise<string> => signEventAccess(secret, access),

    /** The access version that a grant opens this event at; null where it is none, or has ended. */
    verify: (grant: string, asked: { readonly eventId: EventId; readonly nowMs: number }): Promise<number | null> =>
      verifyEventAccess(secret, grant, asked),

    /** The token that an invitation's link carries: `guest.signature`. */
    invitationToken: tokenOf,

    isInvitationToken: async (invitee: Invitee, token: string): Promise<boolean> =>
      equalInConstantTime(token, await tokenOf(invitee)),
  };
}

export type EventSecrets = ReturnType<typeof createEventSecrets>;
