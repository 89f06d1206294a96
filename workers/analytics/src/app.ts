import { authenticate } from "@foyer/auth/middleware";
import { analyticsErrors } from "@foyer/contracts/analytics/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { addFigureRoutes } from "./routes/figures.ts";
import { addTrackRoute } from "./routes/track.ts";

/** The HTTP surface of analytics, over dependencies that are made from bindings once an isolate. */
export function createAnalyticsApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({ errors: analyticsErrors, provide, logger: createLogger("analytics") });
  const identify = authenticate((deps: Deps) => deps);
  // Tracking is for everyone: a page that still holds an old token is counted all the same.
  app.use("/v1/events/*", identify);
  app.use("/v1/organizations/*", identify);
  app.use("/v1/admin/*", identify);
  addTrackRoute(app);
  addFigureRoutes(app);
  addDeadLetterRoutes(app, "analytics", ({ consumer, handlers }) => ({ ...consumer, handlers }));
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  return app;
}
