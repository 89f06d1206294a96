import type Stripe from "stripe";

/** The `error` object of a failed call, as documented at https://docs.stripe.com/api/errors. */
export interface StripeErrorBody {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly charge?: string;
  readonly doc_url?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
}

/** Thrown by a route to answer with an error, caught in one place where answers are made. */
export class StripeApiError extends Error {
  override readonly name = "StripeApiError";
  readonly status: number;
  readonly body: StripeErrorBody;
  /**
   * Whether the call had begun when it failed. Only such answers are kept under an idempotency key: what fails
   * validation may be sent again, corrected, under the same key (https://docs.stripe.com/api/idempotent_requests).
   */
  readonly begun: boolean;

  constructor(status: number, body: StripeErrorBody, begun = false) {
    super(body.message);
    this.status = status;
    this.body = body.code === undefined ? body : { ...body, doc_url: docUrl(body.code) };
    this.begun = begun;
  }
}

function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}`;
}

/** A parameter that is missing, unknown or has a value that Stripe does not take: 400. */
export function invalidParam(param: string, message: string, code?: string): StripeApiError {
  return new StripeApiError(400, {
    type: "invalid_request_error",
    message,
    param,
    ...(code === undefined ? {} : { code }),
  });
}

/** The object does not exist: 404. `noun` is Stripe's name of the type, `param` the one it names for this type. */
export function noSuch(noun: string, id: string, param: string): StripeApiError {
  return new StripeApiError(404, {
    type: "invalid_request_error",
    message: `No such ${noun}: '${id}'`,
    code: "resource_missing",
    param,
  });
}

/** The object's state does not allow the call: 400, kept under the idempotency key. */
export function stateConflict(
  message: string,
  more: Partial<Pick<StripeErrorBody, "code" | "param" | "payment_intent">> = {},
): StripeApiError {
  return new StripeApiError(400, { type: "invalid_request_error", message, ...more }, true);
}

/** A path that Stripe does not have, or that is not emulated: 404 with an error, which a client cannot take for success. */
export function unrecognizedUrl(method: string, path: string): StripeApiError {
  return new StripeApiError(404, {
    type: "invalid_request_error",
    message:
      `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
      "https://support.stripe.com/.",
  });
}
