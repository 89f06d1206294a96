export { idempotencyKeys } from "@foyer/http/idempotency-d1";
export { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
export { apiKeys, audit, invitations, memberships, organizations } from "./organizations.ts";
export {
  avatarRemovals,
  consents,
  credentials,
  emailChanges,
  erasureConfirmations,
  erasures,
  identities,
  passkeys,
  recoveryCodes,
  totp,
  users,
} from "./people.ts";
export {
  challenges,
  letters,
  oauthFlows,
  refreshTokens,
  revocations,
  sessions,
  signingKeyOrders,
  signingKeys,
  singleUseTokens,
} from "./sessions.ts";
