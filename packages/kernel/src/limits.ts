/**
 * Every limit of the platform, by name. Units are at the end of the name. A limit that is not here does not exist,
 * and everything a caller can make larger is limited by one of these.
 */
export const limits = {
  // HTTP
  bodyBytesMax: 1_048_576,
  requestIdCharsMax: 128,
  /** Of one cookie; browsers keep no longer ones. */
  cookieCharsMax: 4_096,
  idempotencyKeyCharsMax: 255,
  /** Of callers with neither account nor secret, who share one name: no two may meet by chance, or by a guess. */
  sharedIdempotencyKeyCharsMin: 16,
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
  /** Answers that must not tell by their time whether an address has an account take so long, whatever there was to do. */
  quietAnswerMs: 120,
  quietRegistrationMs: 400,
  /** The same client may show a replaced refresh token again, for its lost answer. */
  refreshGraceSeconds: 10,
  /** How old a proof of identity may be for operations on money, keys and members. */
  stepUpFreshSeconds: 900,
  impersonationTtlSeconds: 900,
  /** How long an isolate believes the list of what has ended early. */
  revocationsFreshSeconds: 10,
  revocationsPerPageMax: 1_000,
  /** How long an isolate remembers what an API key opens. */
  apiKeysKnownSeconds: 20,
  signingKeyLeadSeconds: 600,
  signingKeysKnownSeconds: 60,
  signingKeyDaysMax: 90,
  signingKeysMax: 10,
  letterNoticeTtlSeconds: 86_400,
  invitationTtlSeconds: 7 * 86_400,
  /** One that ran out is shown for so long, to be sent again. */
  expiredInvitationKeptSeconds: 30 * 86_400,
  challengeTtlSeconds: 300,
  challengeFailuresMax: 5,
  totpSetupTtlSeconds: 900,
  recoveryCodesCount: 10,
  passkeysPerUserMax: 20,
  passkeyNameCharsMax: 60,
  passkeyFieldCharsMax: 20_000,
  oauthFlowTtlSeconds: 600,
  oauthCodeTtlSeconds: 60,
  providerAnswerBytesMax: 65_536,
  providerCodeCharsMax: 4_096,
  providerUserCharsMax: 2_000,
  providerErrorCharsMax: 200,
  /** `sub` has at most so many (OpenID Connect Core section 2). */
  providerSubjectCharsMax: 255,
  /** A code was redeemed just now, so its ID token is young; Microsoft dates its own five minutes back. */
  providerTokenAgeSecondsMax: 600,
  providerKeysFreshSeconds: 600,
  /** Ids of keys are in tokens, so an unknown one makes us ask again no more often than this. */
  providerKeysPauseSeconds: 10,
  appleSecretTtlSeconds: 300,
  identitiesPerUserMax: 10,
  consentTextVersionCharsMax: 40,
  avatarBytesMax: 2 * 1_048_576,
  avatarSidePixelsMax: 4_096,
  /** Between the note that a picture is about to be stored and its being somebody's; far longer than that takes. */
  avatarUploadSecondsMax: 3_600,
  avatarSweepMax: 100,
  userAgentCharsMax: 512,
  placeCharsMax: 120,
  organizationDescriptionCharsMax: 2_000,
  membersPerOrganizationMax: 500,
  invitationsPerOrganizationMax: 100,
  apiKeysPerOrganizationMax: 50,
  apiKeyOverlapSecondsDefault: 86_400,
  apiKeyOverlapSecondsMax: 7 * 86_400,
  apiKeyUseNotedSeconds: 60,
  adminSearchCharsMin: 3,
  adminReasonCharsMax: 500,
  erasureRetellSeconds: 3_600,
  erasuresPerSweepMax: 100,
  /** Orders that are forgotten at one delivery of the message; the next delivery goes on. */
  erasureOrdersPerRunMax: 500,
  /** For so long an order that comes late into the query model is held against those who were erased; longer than queues keep messages. */
  erasureWatchedDays: 7,
  /** Box offices that are asked side by side for one person's orders. */
  boxOfficesAtOnceMax: 5,
  /** Rounds in which the two sides of a change of address may be decided at once. */
  emailChangeRoundsMax: 3,
  exportRowsMax: 10_000,
  /** For each part of the platform to say what it keeps of a person. */
  exportPartTimeoutMs: 30_000,
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
  imageSidePixelsMax: 12_000,
  imagePixelsMax: 100_000_000,
  imageHeaderBytesMax: 262_144,
  /** Scans of one JPEG: progressive ones have about ten, and each is a walk over all its pixels. */
  imageScansMax: 100,
  videoBytesMax: 200 * 1_048_576,
  videoSidePixelsMax: 8_192,
  /** Index of a video, held at once: an hour's is three megabytes. */
  videoIndexBytesMax: 8 * 1_048_576,
  documentBytesMax: 20 * 1_048_576,
  mediaAltCharsMax: 500,
  /** What the media of one organization may take up, unless the deployment says otherwise. */
  mediaQuotaBytes: 5 * 1_073_741_824,
  uploadPartBytes: 5 * 1_048_576,
  uploadTtlSeconds: 86_400,
  uploadsOpenPerOrganizationMax: 20,
  mediaSweepMax: 100,
  /** Objects of one image or upload that are removed at one walk. */
  mediaPiecesPerWalkMax: 1_000,
  mediaUrlTtlSeconds: 3_600,
  mediaUrlKeptSeconds: 300,
  /** Pixels of a picture that the worker itself makes smaller: eleven bytes each at the worst, of the 128 megabytes that there are. */
  variantSourcePixelsMax: 6_291_456,
  /** How long a variant waits for the one that is being made; then the picture itself is shown. */
  variantPatienceMs: 5_000,
  eventSlugCharsMax: 100,
  addressCharsMax: 300,
  urlCharsMax: 2_000,
  summaryCharsMax: 240,
  categoriesMax: 200,
  versionAttemptsMax: 5,
  eventPagesCachedMax: 500,
  eventPagesCachedBytesMax: 16 * 1_048_576,
  /** With the gateway's half second and a shared cache's second, an edit is seen within two. */
  eventPageFreshMs: 500,
  eventDurationDaysMax: 366,
  phoneCharsMax: 40,
  linksPerEventMax: 20,
  refundPolicyDaysMax: 365,
  refundPolicyCharsMax: 2_000,
  seoTitleCharsMax: 70,
  seoDescriptionCharsMax: 200,
  translationsPerEventMax: 20,
  minimumAgeMax: 120,
  statusNoteCharsMax: 1_000,
  followsPerUserMax: 500,
  importLinesMax: 1_000,
  importLineCharsMax: 60_000,
  importsPerOrganizationMax: 50,
  importKeptDays: 30,
  /** Lines that one run of the clock makes events of, and one request does at once. */
  importLinesPerRunMax: 100,
  organizerEventsShown: 10,
  dashboardEventsShown: 10,
  eventsPublishedPerRunMax: 100,
  /** Scheduled events that are published side by side; each asks the box office twice. */
  eventsPublishedAtOnceMax: 5,
  eventsCompletedPerRunMax: 5_000,
  eventsCompletedPerBatchMax: 100,
  /** Events in one calendar, the soonest; and what of the past an organizer's calendar still shows. */
  calendarEventsMax: 500,
  calendarPastDays: 90,
  /** Events in one feed: what was made public last. */
  feedItemsMax: 100,
  /** Listed events for each sitemap when the index is made; one may grow beyond by what is published later, to the protocol's 50 000. */
  sitemapUrlsPerFile: 5_000,
  /** Tags in one call; the least that any of Cloudflare's plans takes. */
  cachePurgeTagsPerCallMax: 30,
  cachePurgeCallsPerRunMax: 5,
  cachePurgeAttemptsMax: 24,
  /** While a purge is under way, nobody else begins it. */
  cachePurgeLeaseSeconds: 30,
  eventAccessCharsMax: 80,
  eventAccessTtlSeconds: 12 * 3_600,
  eventPasswordCharsMin: 4,
  eventPasswordCharsMax: 100,
  /** Networks that an isolate remembers to be waiting, so that a flood of guesses costs the database nothing. */
  accessWaitsRememberedMax: 10_000,
  accessAttemptsPerSweepMax: 1_000,
  guestsPerCallMax: 100,
  guestsPerEventMax: 1_000,
  /** Guests of an event are forgotten so long after its end. */
  guestsKeptDays: 14,
  guestsPerSweepMax: 500,
  invitationMailsPerGuestMax: 5,
  invitationPauseSeconds: 300,
  /** Mails of invitations that an organization causes in a day, UTC. */
  invitationMailsPerDayMax: 2_000,
  invitationMailsPerBatchMax: 50,
  /** Levels of quotes, lists and emphasis inside one another that are rendered. */
  markdownNestingMax: 20,
  /** How long an isolate believes where an organization's slug leads. */
  organizationsKnownSeconds: 30,
  organizationsKnownMax: 1_000,
  /** Events whose organization's name is changed at one delivery of the message; the next delivery goes on. */
  eventsRenamedPerRunMax: 500,
  rruleCharsMax: 500,
  occurrencesPerSeriesMax: 1_200,
  /** Periods and candidates that are looked at for one rule: what matches hardly ever ends here, within a fifth of a second. */
  rulePeriodsMax: 20_000,
  ruleCandidatesMax: 100_000,
  occurrenceYearMax: 9_999,
  /** Dates of a series that one round makes or changes, and how many of them side by side. */
  occurrencesPerRoundMax: 48,
  occurrencesAtOnceMax: 6,
  /** Longer than a round takes; a series whose worker died is taken up again then. */
  seriesLeaseSeconds: 60,
  seriesPerSweepMax: 20,
  seriesProblemsShownMax: 20,
  /** Box offices that are asked whether a change of a series upsets anybody. */
  seriesTalliesAskedMax: 100,

  acceptLanguageCharsMax: 512,
  languageRangesMax: 20,
  categoryDepthMax: 4,
  namesPerCategoryMax: 50,
  categoryPositionMax: 10_000,
  /** Of tags with a beginning, how many are looked at for the most used: the first of the alphabet. */
  tagCandidatesMax: 5_000,
  /** Tags that administrators keep: those that stay without events, and those that lead to another or are taken out. */
  tagRulesMax: 5_000,
  /** Events whose copies follow a tag or venue at one run; the next run goes on. */
  eventsFollowingPerRunMax: 50,
  venuesPerOrganizationMax: 500,
  roomsPerVenueMax: 50,
  postalCodeCharsMax: 20,
  venueNotesCharsMax: 2_000,
  accessibilityNotesCharsMax: 500,
  wheelchairSpacesMax: 10_000,
  /** Events whose box offices are asked before a venue moves; of more it is taken that tickets are sold. */
  venueTalliesMax: 100,

  // Edge cache
  edgeAnswerKeptMs: 500,
  edgeAnswerRenewAfterMs: 250,
  edgeAnswerBytesMax: 65_536,
  edgeAnswersMax: 1_000,
  edgeAnswersBytesMax: 8 * 1_048_576,
  edgeUrlCharsMax: 512,

  // Sale
  /** How far from an event its sale may start or end, where that moves with the event. */
  salesOffsetDaysMax: 1_000,
  capacityMax: 1_000_000,
  poolsPerEventMax: 100,
  ticketTypesPerEventMax: 100,
  poolsPerTicketTypeMax: 10,
  itemsPerReservationMax: 20,
  quantityPerItemMax: 100,
  ticketsPerReservationMax: 200,
  amountMinorMax: 99_999_999,
  reservationTtlSeconds: 600,
  reservationTtlSecondsMin: 5,
  reservationTtlSecondsMax: 86_400,
  reservationExtensionSeconds: 300,
  paymentHoldSeconds: 1_860,
  batchCallsMax: 256,
  expiriesPerSweepMax: 500,
  /** Orders that one transaction cancels, or promises a notice to; the next one goes on. */
  ordersPerRoundMax: 100,
  /** However often payments ask for more time, an unpaid order holds stock no longer than this. */
  orderHoldSecondsMax: 7_200,
  accessCodeCharsMax: 64,
  ticketDescriptionCharsMax: 2_000,
  answersPerOrderMax: 20,
  answerCharsMax: 500,
  ticketCodeCharsMax: 255,
  idempotencyPurgeMax: 1_000,
  /** Keys of one event that its object finds without asking its database; about eight megabytes. */
  idempotencyKeysInMemoryMax: 100_000,

  // Payments
  webhookBytesMax: 524_288,
  webhookToleranceSeconds: 300,
  providerEventAttemptsMax: 30,
  providerEventLeaseSeconds: 60,
  providerEventRetentionDays: 30,
  providerEventsPerSweepMax: 50,
  paymentsPerSweepMax: 50,
  refundsPerSweepMax: 50,
  paymentSweepConcurrencyMax: 5,
  paymentCheckDelaySeconds: 900,
  paymentCheckDelaySecondsMax: 21_600,
  paymentMoveRoundsMax: 5,
  /** Stripe closes a Checkout Session 30 minutes after it was opened at the earliest. */
  checkoutSessionSecondsMin: 1_800,
  refundsPerPaymentMax: 100,
  /** Stripe may forget an idempotency key after 24 hours; a refund older than this is looked for before it is asked for again. */
  refundKeyTrustedSeconds: 43_200,
  reviewDetailCharsMax: 2_000,
  refundReasonCharsMax: 200,
  orderSecretCharsMax: 256,

  // Messaging
  messageBytesMax: 120_000,
  outboxBatchMax: 100,
  deliveryAttemptsMax: 5,
  retryDelaySecondsMax: 600,

  // Mail
  mailSubjectCharsMax: 150,
  ticketsPerMailMax: 100,
  /** Messages handled side by side; an invocation opens six connections at most. */
  mailConcurrencyMax: 6,
  /** Longer than the slowest send, so that a claim ends only when its sender has died. */
  mailLeaseSeconds: 90,
  mailDeliveryKeepDays: 90,
  /** Longer than any queue keeps a message. */
  mailInboxKeepDays: 15,
  /** Mails that are looked through at once for those that went to one address. */
  mailsComparedAtOnceMax: 500,

  // Outside calls
  outsideCallTimeoutMs: 10_000,
  outsideCallAttemptsMax: 3,
  searchQueryCharsMax: 200,

  // Search
  searchWordsMax: 12,
  /** How many of the documents that match a text are ranked: the newest. */
  searchCandidatesMax: 10_000,
  /** Text of an event's description that is indexed. */
  searchDescriptionCharsMax: 4_000,
  searchRadiusKmMax: 1_000,
  searchRadiusKmDefault: 25,
  facetValuesMax: 20,
  /** How many found events are counted for facets: the soonest, or those with a text that were added last. */
  facetDocumentsMax: 1_000,
  suggestionsMax: 8,
  suggestionCharsMin: 2,
  suggestionCandidatesMax: 500,
  dictionaryWordCharsMax: 40,
  dictionaryWordsPerDocumentMax: 200,
  correctionsPerWordMax: 5,
  correctionCandidatesMax: 60,
  searchCacheEntriesMax: 500,
  searchCacheMs: 500,
  facetCacheMs: 2_000,

  // Analytics
  trackedEventsPerCallMax: 20,
  visitorCharsMin: 8,
  visitorCharsMax: 64,
  trafficSourceCharsMax: 64,
  seriesBucketsMax: 800,
} as const;
