import { eventAccessHeader } from "@foyer/auth/event-access";
import { idSchema } from "@foyer/contracts/shared/schemas";
import * as z from "zod";

export const eventParams = z.object({ id: idSchema("event") });
export const poolParams = z.object({ id: idSchema("event"), poolId: idSchema("pool") });
export const ticketTypeParams = z.object({ id: idSchema("event"), ticketTypeId: idSchema("ticketType") });
export const reservationParams = z.object({ id: idSchema("reservation") });
export const orderParams = z.object({ id: idSchema("order") });
export const eventOrderParams = z.object({ id: idSchema("event"), orderId: idSchema("order") });
export const ticketParams = z.object({ id: idSchema("ticket") });

const secretSchema = z.string().max(128).optional();
export const reservationHeaders = z.object({ "x-reservation-secret": secretSchema });
export const orderHeaders = z.object({ "x-order-secret": secretSchema });
export const eventAccessHeaders = z.object({
  [eventAccessHeader]: z
    .string()
    .optional()
    .meta({ description: "A grant to a gated event, from `POST /v1/events/{id}/access`" }),
});
export const idempotencyHeaders = z.object({
  "idempotency-key": z.string().optional().meta({ description: "1-255 visible ASCII characters; kept for a day" }),
});
