import type { IntentInput } from "../account.ts";
import type { Params } from "../api/params.ts";

/** The parameters that a PaymentIntent and a session's `payment_intent_data` share. */
export function readIntentData(
  params: Params | undefined,
): Omit<IntentInput, "amount" | "currency" | "customer" | "paymentMethodTypes" | "allowRedirects"> {
  params?.optionalChoice("capture_method", ["automatic", "automatic_async"]);
  return {
    metadata: params?.metadata() ?? {},
    description: params?.optionalText("description") ?? null,
    receiptEmail: params?.optionalText("receipt_email") ?? null,
    statementDescriptor: params?.optionalText("statement_descriptor", 22) ?? null,
    statementDescriptorSuffix: params?.optionalText("statement_descriptor_suffix", 22) ?? null,
    applicationFeeAmount: params?.optionalInteger("application_fee_amount", { min: 0 }) ?? null,
    onBehalfOf: params?.optionalText("on_behalf_of") ?? null,
    transferDestination: params?.optionalChild("transfer_data")?.text("destination") ?? null,
    transferGroup: params?.optionalText("transfer_group") ?? null,
  };
}

/** The kinds of payment method asked for, or null where Stripe is to choose. */
export function readMethodTypes(params: Params): string[] | null {
  const types = params.texts("payment_method_types");
  return types.length === 0 ? null : types;
}
