import { createKeyRing } from "@foyer/auth/key-ring";
import { createKeySource } from "@foyer/auth/key-source";
import type { AuthDeps } from "@foyer/auth/middleware";
import { createRevocations } from "@foyer/auth/revocations";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import type { IdempotencyStore } from "@foyer/http/idempotency";
import { createD1IdempotencyStore, forgetOldKeys } from "@foyer/http/idempotency-d1";
import { type Clock, dayMs, secondMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type ConsumerDeps, forgetOldInbox } from "@foyer/messaging/consumer";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { type AttemptGuards, createAttemptGuards } from "./clients/attempt-guards.ts";
import { type AvatarStore, createAvatarStore } from "./clients/avatar-store.ts";
import { type CommonPasswords, createCommonPasswords } from "./clients/common-passwords.ts";
import { createFactorSecrets, type FactorSecrets } from "./clients/factor-secrets.ts";
import { createLinkSecrets, type LinkSecrets } from "./clients/link-secrets.ts";
import { createPasswordHasher, type PasswordHasher } from "./clients/password-hasher.ts";
import { createIdentityProviders, type IdentityProviders } from "./clients/providers/identity-providers.ts";
import { createTokenSigner, type KeyMaker, makeKeyPair, type TokenSigner } from "./clients/token-signer.ts";
import { createVault, type Vault } from "./clients/vault.ts";
import { createWebAuthn, type WebAuthn } from "./clients/webauthn.ts";
import { type RelyingParty, relyingPartyOf } from "./domain/relying-party.ts";
import type { Env } from "./env.ts";
import { type AdministrationRepository, createAdministrationRepository } from "./repository/administration.ts";
import { type ApiKeyRepository, createApiKeyRepository } from "./repository/api-keys.ts";
import { type AuditTrail, createAuditTrail } from "./repository/audit.ts";
import { type AvatarRepository, createAvatarRepository } from "./repository/avatars.ts";
import { type ChallengeRepository, createChallengeRepository } from "./repository/challenges.ts";
import { createEmailChangeRepository, type EmailChangeRepository } from "./repository/email-changes.ts";
import { createErasureRepository, type ErasureRepository } from "./repository/erasures.ts";
import { createFactorRepository, type FactorRepository } from "./repository/factors.ts";
import { forgetExpired } from "./repository/housekeeping.ts";
import { createIdentityRepository, type IdentityRepository } from "./repository/identities.ts";
import { createInvitationRepository, type InvitationRepository } from "./repository/invitations.ts";
import { createLetterRepository, type LetterRepository } from "./repository/letters.ts";
import { createMemberRepository, type MemberRepository } from "./repository/members.ts";
import { createOAuthFlowRepository, type OAuthFlowRepository } from "./repository/oauth-flows.ts";
import { createOrganizationRepository, type OrganizationRepository } from "./repository/organizations.ts";
import { createPasskeyRepository, type PasskeyRepository } from "./repository/passkeys.ts";
import { createPersonalDataRepository, type PersonalDataRepository } from "./repository/personal-data.ts";
import { createRevocationRepository, type RevocationRepository } from "./repository/revocations.ts";
import { createSessionRepository, type SessionRepository } from "./repository/sessions.ts";
import { createSigningKeyRepository, type SigningKeyRepository } from "./repository/signing-keys.ts";
import { createSingleUseTokenRepository, type SingleUseTokenRepository } from "./repository/single-use-tokens.ts";
import { createStore, type Store } from "./repository/store.ts";
import { createUserRepository, type UserRepository } from "./repository/users.ts";
import { authenticateKey } from "./service/api-keys/authenticate-key.ts";
import { sweepAvatars } from "./service/avatars/sweep-avatars.ts";
import { loadSigningKeys, openSigningKey } from "./service/keys/load-signing-keys.ts";

/** A queue keeps a message for four days at most; older notes of what was handled have nothing to guard. */
const inboxKeptMs = 7 * dayMs;

/** Everything that the use-cases of users reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly publicUrl: string;
  /** Whether registering a known address may say so. */
  readonly revealsEmailTaken: boolean;

  readonly store: Store;
  readonly audit: AuditTrail;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly revocations: RevocationRepository;
  readonly singleUseTokens: SingleUseTokenRepository;
  readonly letters: LetterRepository;
  readonly challenges: ChallengeRepository;
  readonly factors: FactorRepository;
  readonly passkeys: PasskeyRepository;
  readonly identities: IdentityRepository;
  readonly oauthFlows: OAuthFlowRepository;
  readonly emailChanges: EmailChangeRepository;
  readonly avatars: AvatarRepository;
  readonly erasures: ErasureRepository;
  readonly personalData: PersonalDataRepository;
  readonly organizations: OrganizationRepository;
  readonly members: MemberRepository;
  readonly invitations: InvitationRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly signingKeys: SigningKeyRepository;
  readonly administration: AdministrationRepository;

  readonly guards: AttemptGuards;
  readonly passwords: PasswordHasher;
  readonly commonPasswords: CommonPasswords;
  readonly vault: Vault;
  readonly keyMaker: KeyMaker;
  readonly signer: TokenSigner;
  readonly linkSecrets: LinkSecrets;
  readonly factorSecrets: FactorSecrets;
  readonly webAuthn: WebAuthn;
  /** Whose passkeys and authenticator apps these are. Throws where the settings do not fit together. */
  readonly relyingParty: () => RelyingParty;
  readonly identityProviders: IdentityProviders;
  readonly avatarStore: AvatarStore;

  /** For the middleware that reads credentials. */
  readonly auth: AuthDeps;
  readonly idempotency: IdempotencyStore;
  /** For what runs the handlers of messages. */
  readonly consumer: ConsumerDeps;
  /** Sends what the outbox holds. */
  readonly drain: () => Promise<void>;
  /** Forgets what has expired, a bounded slice of it. */
  readonly tidy: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env, clock: Clock = systemClock): Deps {
  const log = createLogger("users");
  const metrics = createMetrics(env.METRICS);
  const db = env.USERS_DB;
  const tokens = { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE };
  const queues = {
    users: env.QUEUE_USERS,
    events: env.QUEUE_EVENTS,
    bookings: env.QUEUE_BOOKINGS,
    payments: env.QUEUE_PAYMENTS,
    notifications: env.QUEUE_NOTIFICATIONS,
    analytics: env.QUEUE_ANALYTICS,
  };

  const keys = {
    clock,
    vault: createVault(env.ENCRYPTION_KEYS),
    keyMaker: makeKeyPair,
    store: createStore(db),
    signingKeys: createSigningKeyRepository(db),
  };
  const signer = createTokenSigner(
    { list: () => loadSigningKeys(keys), open: (key) => openSigningKey(keys, key) },
    tokens,
    clock,
  );
  const relyingParty = (): RelyingParty =>
    relyingPartyOf({ publicUrl: env.PUBLIC_URL, id: env.PASSKEY_RP_ID, origins: env.PASSKEY_ORIGINS });
  const identityProviders = createIdentityProviders({
    providers: env.OAUTH_PROVIDERS,
    secrets: env.OAUTH_SECRETS,
    redirectUris: env.OAUTH_REDIRECT_URIS,
    publicUrl: env.PUBLIC_URL,
    clock,
    log,
  });
  const revocations = createRevocationRepository(db);
  const apiKeys = createApiKeyRepository(db);
  const pictures = { avatars: createAvatarRepository(db), avatarStore: createAvatarStore(env.AVATARS) };
  const auth: AuthDeps = {
    tokens,
    clock,
    keys: createKeySource(() => signer.publicKeys(), clock),
    revocations: createRevocations((sequence) => revocations.listAfter(sequence, limits.revocationsPerPageMax), clock),
    keyRing: createKeyRing((key) => authenticateKey({ apiKeys, clock }, { key }), clock),
  };

  return {
    ...keys,
    ...pictures,
    log,
    metrics,
    signer,
    auth,
    identityProviders,
    revocations,
    apiKeys,
    publicUrl: env.PUBLIC_URL,
    revealsEmailTaken: env.REVEAL_EMAIL_TAKEN === "true",
    audit: createAuditTrail(db),
    users: createUserRepository(db),
    sessions: createSessionRepository(db),
    singleUseTokens: createSingleUseTokenRepository(db),
    letters: createLetterRepository(db),
    challenges: createChallengeRepository(db),
    factors: createFactorRepository(db),
    passkeys: createPasskeyRepository(db),
    identities: createIdentityRepository(db),
    oauthFlows: createOAuthFlowRepository(db),
    emailChanges: createEmailChangeRepository(db),
    erasures: createErasureRepository(db),
    personalData: createPersonalDataRepository(db),
    organizations: createOrganizationRepository(db),
    members: createMemberRepository(db),
    invitations: createInvitationRepository(db),
    administration: createAdministrationRepository(db),
    guards: createAttemptGuards(env.ATTEMPT_GUARD),
    passwords: createPasswordHasher(),
    commonPasswords: createCommonPasswords(),
    linkSecrets: createLinkSecrets(env.SINGLE_USE_TOKEN_SECRET),
    factorSecrets: createFactorSecrets(env.SINGLE_USE_TOKEN_SECRET),
    webAuthn: createWebAuthn(relyingParty, log),
    relyingParty,
    idempotency: createD1IdempotencyStore(db),
    consumer: { db, clock, log, metrics },
    drain: async () => {
      const { failed } = await drainOutbox({ db, queues, clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "users" }, failed);
    },
    tidy: async () => {
      const nowMs = clock.nowMs();
      const forgotten =
        (await forgetExpired(db, nowMs)) +
        (await forgetOldKeys(db, nowMs - limits.idempotencyTtlSeconds * secondMs)) +
        (await forgetOldInbox(db, nowMs - inboxKeptMs)) +
        (await sweepAvatars({ ...pictures, clock }));
      if (forgotten > 0) log.info("expired rows forgotten", { count: forgotten });
    },
    health: () =>
      runHealthChecks({
        database: () => db.prepare("SELECT 1").first(),
        // A key that cannot be opened signs nothing.
        signingKeys: () => signer.check(),
        // A configuration that cannot be read signs nobody in.
        identityProviders: async () => identityProviders.names(),
      }),
  };
}
