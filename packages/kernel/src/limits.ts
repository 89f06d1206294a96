/**
 * Every limit of the platform, by name. Units are at the end of the name. A limit that is not here does not exist,
 * and everything a caller can make larger is limited by one of these.
 */
export const limits = {
  // HTTP
  bodyBytesMax: 1_048_576,
  requestIdCharsMax: 128,
  idempotencyKeyCharsMax: 255,
  idempotencyTtlSeconds: 86_400,
  pageSizeMax: 100,
  pageSizeDefault: 20,
  cursorCharsMax: 512,

  // Accounts
  emailCharsMax: 254,
  nameCharsMax: 120,
  passwordCharsMin: 8,
  passwordCharsMax: 128,
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 30 * 86_400,
  singleUseTokenTtlSeconds: 3_600,
  clockSkewSeconds: 30,
  loginFailuresMax: 10,
  loginFailuresPerAddressMax: 100,
  loginWindowSeconds: 900,
  verificationMailsMax: 5,
  verificationMailWindowSeconds: 3_600,
  sessionTtlSeconds: 180 * 86_400,
  opaqueTokenCharsMax: 256,
  localeCharsMax: 35,
  slugCharsMin: 3,
  slugCharsMax: 60,
  idsPerCallMax: 100,
  forgottenRowsPerSweepMax: 1_000,
  organizationsPerUserMax: 50,

  // Events
  titleCharsMax: 200,
  descriptionCharsMax: 20_000,
  tagsPerEventMax: 20,
  tagCharsMax: 40,
  mediaPerEventMax: 20,
  imageBytesMax: 10 * 1_048_576,
  eventDurationDaysMax: 366,

  // Sale
  capacityMax: 1_000_000,
  poolsPerEventMax: 100,
  ticketTypesPerEventMax: 100,
  poolsPerTicketTypeMax: 10,
  itemsPerReservationMax: 20,
  quantityPerItemMax: 100,
  ticketsPerReservationMax: 200,
  amountMinorMax: 99_999_999,
  reservationTtlSeconds: 600,
  reservationExtensionSeconds: 300,
  paymentHoldSeconds: 1_860,
  batchCallsMax: 256,
  expiriesPerSweepMax: 500,

  // Messaging
  messageBytesMax: 120_000,
  outboxBatchMax: 100,
  deliveryAttemptsMax: 5,
  retryDelaySecondsMax: 600,

  // Outside calls
  outsideCallTimeoutMs: 10_000,
  outsideCallAttemptsMax: 3,
  searchQueryCharsMax: 200,
} as const;
