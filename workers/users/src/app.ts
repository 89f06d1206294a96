import { authenticate } from "@foyer/auth/middleware";
import { usersErrors } from "@foyer/contracts/users/errors";
import { createApp } from "@foyer/http/app";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { addAuthRoutes } from "./routes/auth.ts";
import { addAvatarRoutes, avatarUploads } from "./routes/avatars.ts";
import { addEmailChangeRoutes } from "./routes/email-change.ts";
import { addKeyRoutes } from "./routes/keys.ts";
import { addOrganizationRoutes } from "./routes/organizations.ts";
import { addPasswordRoutes } from "./routes/passwords.ts";
import { addPersonalDataRoutes } from "./routes/personal-data.ts";
import { addProfileRoutes } from "./routes/profile.ts";
import { addSessionRoutes } from "./routes/sessions.ts";

/** Routes of signing in that look at no bearer token: clients send the expired one along. */
const withoutBearer = new Set(["/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh"]);

/** The HTTP surface of users, over dependencies that are made from bindings once an isolate. */
export function createUsersApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: usersErrors,
    provide,
    logger: createLogger("users"),
    afterWrite: (deps) => deps.drain(),
    rawBodies: [avatarUploads],
  });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });

  const bearer = authenticate<Deps>((deps) => deps.auth);
  app.use("/v1/*", async (c, next) => {
    if (withoutBearer.has(c.req.path)) return next();
    // Signing out looks at the bearer token only where no refresh token says which session is meant.
    if (c.req.path === "/v1/auth/logout" && (await c.req.text()).includes('"refreshToken"')) return next();
    return bearer(c, next);
  });

  addAuthRoutes(app);
  addPasswordRoutes(app);
  addProfileRoutes(app);
  addAvatarRoutes(app);
  addEmailChangeRoutes(app);
  addPersonalDataRoutes(app);
  addSessionRoutes(app);
  addOrganizationRoutes(app);
  addKeyRoutes(app);
  return app;
}
