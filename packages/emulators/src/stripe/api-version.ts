import type Stripe from "stripe";

/**
 * The API version that the objects here are shaped by. Typed by the SDK's pin, so that an upgrade of the SDK does not
 * compile until somebody has looked at what changed.
 */
export const apiVersion: Stripe.LatestApiVersion = "2026-10-28.endive";
