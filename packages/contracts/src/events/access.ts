import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema } from "../shared/schemas.ts";
import { eventPasswordSchema } from "./fields.ts";

/** `POST /v1/events/{id}/access`: one of both, or neither where whoever is signed in is invited. */
export const openEventSchema = z
  .strictObject({
    password: eventPasswordSchema,
    invitation: z
      .string()
      .min(1)
      .max(limits.opaqueTokenCharsMax)
      .meta({ description: "The token of an invitation's link" }),
  })
  .partial()
  .refine(({ password, invitation }) => password === undefined || invitation === undefined, {
    path: ["invitation"],
    error: "Show a password or an invitation, not both",
  })
  .meta({ id: "OpenEvent" });
export type OpenEvent = z.infer<typeof openEventSchema>;

/** What lets its holder into one gated event; shown as `X-Event-Access`. */
export const eventAccessSchema = z
  .object({ eventId: idSchema("event"), grant: z.string(), endsAt: z.string() })
  .meta({ id: "EventAccess" });
export type EventAccessView = z.infer<typeof eventAccessSchema>;

/** `GET /v1/events/{id}/join`. */
export const joinLinkSchema = z.object({ url: z.string() }).meta({ id: "JoinLink" });

/** `?orderId=`: the order that holds the ticket, for whoever shows its secret. */
export const joinQuerySchema = z.strictObject({ orderId: idSchema("order").optional() });
