import { actorOf, authenticate } from "@foyer/auth/middleware";
import { usersErrors } from "@foyer/contracts/users/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import { createHandlers } from "./consumers/handlers.ts";
import type { Deps } from "./deps.ts";
import { addAdministrationRoutes } from "./routes/administration.ts";
import { addApiKeyRoutes } from "./routes/api-keys.ts";
import { addAuditRoutes } from "./routes/audit.ts";
import { addAuthRoutes } from "./routes/auth.ts";
import { addAvatarRoutes, avatarUploads } from "./routes/avatars.ts";
import { addEmailChangeRoutes } from "./routes/email-change.ts";
import { addFactorRoutes } from "./routes/factors.ts";
import { addIdentityRoutes } from "./routes/identities.ts";
import { addInvitationRoutes } from "./routes/invitations.ts";
import { addKeyRoutes } from "./routes/keys.ts";
import { addMemberRoutes } from "./routes/members.ts";
import { addOAuthRoutes, callbackPath } from "./routes/oauth.ts";
import { addOrganizationRoutes } from "./routes/organizations.ts";
import { addPasskeyRoutes } from "./routes/passkeys.ts";
import { addPasswordRoutes } from "./routes/passwords.ts";
import { addPersonalDataRoutes } from "./routes/personal-data.ts";
import { addProfileRoutes } from "./routes/profile.ts";
import { hasCookieSession } from "./routes/session-answer.ts";
import { addSessionRoutes } from "./routes/sessions.ts";
import { addStepUpRoutes } from "./routes/step-up.ts";

/** Routes that look at no bearer token: clients send the expired one along, browsers the one of a session that has ended. */
const withoutBearer = new Set([
  "/v1/auth/register",
  "/v1/auth/login",
  "/v1/auth/refresh",
  "/v1/auth/mfa/verify",
  "/v1/auth/passkeys/login/options",
  "/v1/auth/passkeys/login/verify",
  "/v1/auth/email/resend",
  "/v1/auth/password/forgot",
  "/v1/auth/password/reset",
  "/v1/invitations/preview",
]);
/** Routes that sign somebody in, or serve whoever is signed in: an expired token that comes along counts as none there. */
const withAnyBearer = new Set(["/v1/auth/oauth/login", "/v1/auth/oauth/token"]);

/** The HTTP surface of users, over dependencies that are made from bindings once an isolate. */
export function createUsersApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: usersErrors,
    provide,
    logger: createLogger("users"),
    afterWrite: (deps) => deps.drain(),
    rawBodies: [callbackPath, avatarUploads],
  });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });

  const bearer = authenticate<Deps>((deps) => deps.auth);
  app.use("/v1/*", async (c, next) => {
    if (withoutBearer.has(c.req.path)) return next();
    if (withAnyBearer.has(c.req.path)) {
      const actor = await actorOf(c.req.header("authorization"), c.get("deps").auth, c.get("log"));
      if (actor.ok) c.set("actor", actor.value);
      return next();
    }
    // Signing out looks at the bearer token only where no refresh token says which session is meant.
    if (c.req.path === "/v1/auth/logout" && (hasCookieSession(c) || (await c.req.text()).includes('"refreshToken"')))
      return next();
    return bearer(c, next);
  });

  // Before what has ids where this has a word: `/v1/admin/users/{id}`.
  addDeadLetterRoutes(app, "users", (deps) => ({ ...deps.consumer, handlers: createHandlers(deps) }));
  addAuthRoutes(app);
  addPasswordRoutes(app);
  addFactorRoutes(app);
  addPasskeyRoutes(app);
  addStepUpRoutes(app);
  addOAuthRoutes(app);
  addProfileRoutes(app);
  addAvatarRoutes(app);
  addEmailChangeRoutes(app);
  addPersonalDataRoutes(app);
  addSessionRoutes(app);
  addIdentityRoutes(app);
  addOrganizationRoutes(app);
  addAdministrationRoutes(app);
  addMemberRoutes(app);
  addInvitationRoutes(app);
  addApiKeyRoutes(app);
  addAuditRoutes(app);
  addKeyRoutes(app);
  return app;
}
