/** Why a card is declined, as the API tells it (https://docs.stripe.com/declines/codes). */
export interface Decline {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

/** What happens when a test payment method is confirmed. */
export type PaymentOutcome =
  | { readonly kind: "succeeds" }
  | { readonly kind: "declined"; readonly decline: Decline }
  /** The bank wants the buyer; the payment waits until it is settled. */
  | { readonly kind: "authentication" }
  /** The money takes days; the payment waits until it is settled. */
  | { readonly kind: "processing" };

/** A payment method that stands for one behaviour, by the names of https://docs.stripe.com/testing. */
export interface TestPaymentMethod {
  readonly name: string;
  readonly type: "card" | "us_bank_account";
  readonly brand: string;
  readonly last4: string;
  readonly outcome: PaymentOutcome;
  /** How refunds of a payment made with it begin. */
  readonly refundStatus: "succeeded" | "pending";
  /** Whether the buyer's bank disputes the payment at once. */
  readonly disputed: boolean;
}

function card(name: string, last4: string, more: Partial<TestPaymentMethod> = {}): TestPaymentMethod {
  return {
    name,
    type: "card",
    brand: "visa",
    last4,
    outcome: { kind: "succeeds" },
    refundStatus: "succeeded",
    disputed: false,
    ...more,
  };
}

/** Declining methods have two names at Stripe, with and without the brand. */
function declining(suffix: string, last4: string, decline: Decline): TestPaymentMethod[] {
  const outcome = { kind: "declined", decline } as const;
  return ["pm_card_", "pm_card_visa_"].map((prefix) => card(`${prefix}${suffix}`, last4, { outcome }));
}

const declined = (declineCode: string, message: string): Decline => ({ code: "card_declined", declineCode, message });

/** Every method that the emulator knows. */
export const testPaymentMethods: readonly TestPaymentMethod[] = [
  card("pm_card_visa", "4242"),
  card("pm_card_visa_debit", "5556"),
  card("pm_card_mastercard", "4444", { brand: "mastercard" }),
  card("pm_card_amex", "8431", { brand: "amex" }),
  ...declining("chargeDeclined", "0002", declined("generic_decline", "Your card was declined.")),
  ...declining(
    "chargeDeclinedInsufficientFunds",
    "9995",
    declined("insufficient_funds", "Your card has insufficient funds."),
  ),
  ...declining("chargeDeclinedLostCard", "9987", declined("lost_card", "Your card was declined.")),
  ...declining("chargeDeclinedStolenCard", "9979", declined("stolen_card", "Your card was declined.")),
  ...declining("chargeDeclinedExpiredCard", "0069", {
    code: "expired_card",
    declineCode: "expired_card",
    message: "Your card has expired.",
  }),
  ...declining("chargeDeclinedIncorrectCvc", "0127", {
    code: "incorrect_cvc",
    declineCode: "incorrect_cvc",
    message: "Your card's security code is incorrect.",
  }),
  ...declining("chargeDeclinedProcessingError", "0119", {
    code: "processing_error",
    declineCode: "processing_error",
    message: "An error occurred while processing your card. Try again in a little bit.",
  }),
  card("pm_card_authenticationRequired", "3184", { outcome: { kind: "authentication" } }),
  card("pm_card_threeDSecure2Required", "3220", { outcome: { kind: "authentication" } }),
  card("pm_card_pendingRefund", "7726", { refundStatus: "pending" }),
  card("pm_card_createDispute", "0259", { disputed: true }),
  {
    ...card("pm_usBankAccount_processing", "6789", { outcome: { kind: "processing" } }),
    type: "us_bank_account",
    brand: "bank",
  },
];

const byName = new Map(testPaymentMethods.map((method) => [method.name, method]));

/** The test method of this name, if Stripe and the emulator have it. */
export function findTestPaymentMethod(name: string): TestPaymentMethod | undefined {
  return byName.get(name);
}
