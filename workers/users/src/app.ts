import { authenticate } from "@foyer/auth/middleware";
import { usersErrors } from "@foyer/contracts/users/errors";
import { createApp } from "@foyer/http/app";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { addAuthRoutes } from "./routes/auth.ts";
import { addKeyRoutes } from "./routes/keys.ts";
import { addOrganizationRoutes } from "./routes/organizations.ts";
import { addProfileRoutes } from "./routes/profile.ts";

/** The HTTP surface of users, over dependencies that are made from bindings once an isolate. */
export function createUsersApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: usersErrors,
    provide,
    logger: createLogger("users"),
    afterWrite: (deps) => deps.drain(),
  });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });

  const bearer = authenticate<Deps>((deps) => deps.auth);
  app.use("/v1/users/*", bearer);
  app.use("/v1/organizations", bearer);
  app.use("/v1/organizations/*", bearer);
  // Signing in, refreshing and verifying look at no bearer token: clients send the expired one along. Signing out looks at it
  // only where no refresh token says which session is meant.
  app.use("/v1/auth/logout", async (c, next) =>
    (await c.req.text()).includes('"refreshToken"') ? next() : bearer(c, next),
  );

  addAuthRoutes(app);
  addProfileRoutes(app);
  addOrganizationRoutes(app);
  addKeyRoutes(app);
  return app;
}
