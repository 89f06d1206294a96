import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { emailSchema, idSchema, lineSchema, pageSchema } from "../shared/schemas.ts";
import type { EventFacts } from "./rpc.ts";

/** `POST /v1/events/{id}/guests`. Whoever is on the list already stays as they are. */
export const inviteGuestsSchema = z
  .strictObject({
    guests: z
      .array(z.strictObject({ email: emailSchema, name: lineSchema(limits.nameCharsMax).optional() }))
      .min(1)
      .max(limits.guestsPerCallMax),
  })
  .meta({ id: "InviteGuests" });
export type InviteGuests = z.infer<typeof inviteGuestsSchema>;

/** `waiting`: the mail goes out once the event is published and it is its turn; `invited`: it is on its way or has gone. */
export const guestStatuses = ["waiting", "invited"] as const;
export type GuestStatus = (typeof guestStatuses)[number];

/** Somebody on the list of a private event. */
export const guestSchema = z
  .object({
    id: idSchema("guest"),
    email: z.string(),
    name: z.string().nullable(),
    status: z.enum(guestStatuses),
    mailsSent: z.int(),
    lastSentAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: "Guest" });
export type GuestView = z.infer<typeof guestSchema>;

export const guestPageSchema = pageSchema(guestSchema).meta({ id: "GuestPage" });
export const guestListSchema = z.object({ data: z.array(guestSchema) }).meta({ id: "GuestList" });
export const guestPathSchema = z.object({ id: idSchema("event"), guestId: idSchema("guest") });

/** What the mail of an invitation says. Its secret is computed when it is asked for: it is stored nowhere and travels in no queue. */
export interface EventInvitation {
  readonly eventId: EventId;
  readonly guestId: Id<"guest">;
  readonly to: string;
  /** What the link's fragment carries. */
  readonly token: string;
  readonly organizationName: string;
  readonly event: EventFacts;
}
