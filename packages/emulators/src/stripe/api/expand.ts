import type { Store } from "../account.ts";
import { StripeApiError } from "./errors.ts";

type JsonObject = Record<string, unknown>;

/** Stripe's limit on how far expansion goes. */
const expandDepthMax = 4;

/**
 * A copy of an answer in which the named references hold their objects (`latest_charge.balance_transaction`,
 * `data.payment_intent`), see https://docs.stripe.com/api/expanding_objects.
 */
export function expand(store: Store, answer: object, paths: readonly string[]): object {
  if (paths.length === 0) return answer;
  const copy: object = structuredClone(answer);
  for (const path of paths) {
    const keys = path.split(".");
    if (keys.length > expandDepthMax) {
      throw refuse(`You cannot expand more than ${expandDepthMax} levels of a property (${path}).`);
    }
    for (const object of startOf(copy, keys, path)) expandPath(store, object, keys, path);
  }
  return copy;
}

/** The objects that a path begins at: the answer itself, or for `data.` every object of a list. */
function startOf(answer: object, keys: string[], path: string): JsonObject[] {
  const objects: unknown[] = "data" in answer && Array.isArray(answer.data) ? answer.data : [answer];
  if (objects[0] !== answer && keys.shift() !== "data") throw cannotExpand(path);
  return objects.filter(isObject);
}

function expandPath(store: Store, start: JsonObject, keys: readonly string[], path: string): void {
  let object = start;
  for (const key of keys) {
    const included = includedList(store, object, key);
    if (included !== undefined) object[key] = included;
    const value = object[key];
    if (value === undefined) throw cannotExpand(path);
    const found = typeof value === "string" ? findObject(store, value) : value;
    if (typeof value === "string" && found === undefined) throw cannotExpand(path);
    if (!isObject(found)) return; // null: there is nothing to expand yet
    object[key] = found;
    object = found;
  }
}

/** Lists that are left out of their object unless asked for. */
function includedList(store: Store, object: JsonObject, key: string): object | undefined {
  const id = typeof object.id === "string" ? object.id : "";
  if (object.object === "checkout.session" && key === "line_items") {
    return listOf(`/v1/checkout/sessions/${id}/line_items`, store.lineItems.get(id) ?? []);
  }
  if (object.object === "charge" && key === "refunds") {
    const refunds = [...store.refunds.values()].filter((refund) => refund.charge === id).reverse();
    return listOf(`/v1/charges/${id}/refunds`, refunds);
  }
  return undefined;
}

function listOf(url: string, data: readonly object[]): object {
  return { object: "list", data: structuredClone(data), has_more: false, url };
}

function findObject(store: Store, id: string): JsonObject | undefined {
  const found =
    store.paymentIntents.get(id) ??
    store.charges.get(id) ??
    store.refunds.get(id) ??
    store.balanceTransactions.get(id) ??
    store.disputes.get(id);
  return found === undefined ? undefined : { ...structuredClone(found) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cannotExpand(path: string): StripeApiError {
  return refuse(`This property cannot be expanded (${path}).`);
}

function refuse(message: string): StripeApiError {
  return new StripeApiError(400, { type: "invalid_request_error", message });
}
