import { createKeySource } from "@foyer/auth/key-source";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import type { IdempotencyStore } from "@foyer/http/idempotency";
import { createD1IdempotencyStore, forgetOldKeys } from "@foyer/http/idempotency-d1";
import { type Clock, secondMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { createLinkSecrets, type LinkSecrets } from "./clients/link-secrets.ts";
import { createPasswordHasher, type PasswordHasher } from "./clients/password-hasher.ts";
import { createTokenSigner, type TokenSigner } from "./clients/token-signer.ts";
import type { Env } from "./env.ts";
import { type AuditTrail, createAuditTrail } from "./repository/audit.ts";
import { forgetExpired } from "./repository/housekeeping.ts";
import { createOrganizationRepository, type OrganizationRepository } from "./repository/organizations.ts";
import { createSessionRepository, type SessionRepository } from "./repository/sessions.ts";
import { createSignInRepository, type SignInRepository } from "./repository/sign-ins.ts";
import { createSingleUseTokenRepository, type SingleUseTokenRepository } from "./repository/single-use-tokens.ts";
import { createStore, type Store } from "./repository/store.ts";
import { createUserRepository, type UserRepository } from "./repository/users.ts";

/** Everything that the use-cases of users reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly audit: AuditTrail;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly signIns: SignInRepository;
  readonly singleUseTokens: SingleUseTokenRepository;
  readonly organizations: OrganizationRepository;
  readonly passwords: PasswordHasher;
  readonly signer: TokenSigner;
  readonly linkSecrets: LinkSecrets;
  /** Whether registering a known address may say so. */
  readonly revealsEmailTaken: boolean;
  /** For the middleware that reads credentials. */
  readonly auth: AuthDeps;
  readonly idempotency: IdempotencyStore;
  /** Sends what the outbox holds. */
  readonly drain: () => Promise<void>;
  /** Forgets what has expired, a bounded slice of it. */
  readonly tidy: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("users");
  const metrics = createMetrics(env.METRICS);
  const queues = { notifications: env.QUEUE_NOTIFICATIONS, analytics: env.QUEUE_ANALYTICS };
  const db = env.USERS_DB;
  const tokens = { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE };
  const signer = createTokenSigner(env.SIGNING_KEYS, tokens, clock);
  return {
    clock,
    log,
    metrics,
    store: createStore(db),
    audit: createAuditTrail(db),
    users: createUserRepository(db),
    sessions: createSessionRepository(db),
    signIns: createSignInRepository(db),
    singleUseTokens: createSingleUseTokenRepository(db),
    organizations: createOrganizationRepository(db),
    passwords: createPasswordHasher(),
    signer,
    linkSecrets: createLinkSecrets(env.SINGLE_USE_TOKEN_SECRET),
    revealsEmailTaken: env.REVEAL_EMAIL_TAKEN === "true",
    auth: { keys: createKeySource(async () => signer.publicKeys(), clock), tokens, clock },
    idempotency: createD1IdempotencyStore(db),
    drain: async () => {
      const { failed } = await drainOutbox({ db, queues, clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "users" }, failed);
    },
    tidy: async () => {
      const nowMs = clock.nowMs();
      const forgotten =
        (await forgetExpired(db, nowMs)) + (await forgetOldKeys(db, nowMs - limits.idempotencyTtlSeconds * secondMs));
      if (forgotten > 0) log.info("expired rows forgotten", { count: forgotten });
    },
    health: () =>
      runHealthChecks({
        database: () => db.prepare("SELECT 1").first(),
        signingKeys: async () => signer.publicKeys(),
      }),
  };
}
