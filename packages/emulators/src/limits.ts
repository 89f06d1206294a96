/** Limits of the emulated services. They belong to a developer's machine, so they are not in the platform's own list. */
export const emulatorLimits = {
  /** Largest body of a call to Stripe; theirs are forms of a few kilobytes. */
  stripeBodyBytesMax: 1_048_576,
  /** Largest mail with its attachments, as at Resend. */
  mailBodyBytesMax: 40 * 1_048_576,
  /** How deep a form such as `line_items[0][price_data][product_data][name]` may nest. */
  formDepthMax: 10,
  formFieldsMax: 1_000,
  /** How long a call that is never answered keeps its connection open. */
  silenceMsMax: 60_000,
  /** Webhooks under way at the same time. */
  deliveriesAtOnceMax: 16,
  deliveryTimeoutMs: 10_000,
  /** How many calls or events one fault may hit. */
  faultCountMax: 1_000,
  checkoutLineItemsMax: 100,
  checkoutSweepMs: 1_000,
  /** Largest form that is posted to an identity provider. */
  oauthBodyBytesMax: 65_536,
  /** How long an authorization code may be redeemed: at the providers between one minute and ten. */
  authorizationCodeTtlMs: 60_000,
  /** How long a person may look at the page that asks for consent. */
  consentTtlMs: 600_000,
  /** Pages of consent and codes that one provider remembers; the oldest go first. */
  consentsOpenMax: 1_000,
  grantsKeptMax: 10_000,
  redirectUrisMax: 20,
  /** Longest that the secret of an Apple client may be good for: six months, as they count them. */
  appleSecretSecondsMax: 15_777_000,
} as const;
