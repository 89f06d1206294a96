import type { ProviderEvent } from "../service/ports.ts";
import { eventSchema } from "./stripe-shapes.ts";

/** Event types that are acted on; all others are stored and done with. */
const paymentEvents = new Set([
  "payment_intent.succeeded",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
  "payment_intent.processing",
  "checkout.session.completed",
  "checkout.session.expired",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
]);
const refundEvents = new Set(["refund.created", "refund.updated", "refund.failed"]);

/** Reads what a stored or freshly verified event is about; null for what is no event. */
export function parseStripeEvent(body: string): ProviderEvent | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null; // signed, and still not JSON
  }
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) return null;
  const { id, type, data } = parsed.data;
  return { id, type, paymentId: data.object.metadata?.foyer_payment_id ?? null, subject: subjectOf(type, data.object) };
}

function subjectOf(
  type: string,
  object: ReturnType<typeof eventSchema.parse>["data"]["object"],
): ProviderEvent["subject"] {
  const intent = object.payment_intent;
  const intentId = typeof intent === "string" ? intent : (intent?.id ?? null);
  if (object.id === undefined) return { kind: "other" };
  if (paymentEvents.has(type)) {
    const ids =
      object.object === "checkout.session"
        ? { sessionId: object.id, intentId }
        : { sessionId: null, intentId: object.id };
    return { kind: "payment", ids, claimsPaid: /succeeded|completed/.test(type) };
  }
  if (refundEvents.has(type)) return { kind: "refund", refundId: object.id, intentId };
  if (type === "charge.refunded") return { kind: "charge", intentId };
  return { kind: "other" };
}
