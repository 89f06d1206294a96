import { authenticate } from "@foyer/auth/middleware";
import { answerWithPersonalData, personalDataPath } from "@foyer/auth/personal-data";
import { notificationsErrors } from "@foyer/contracts/notifications/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { addDeliveryRoutes } from "./routes/deliveries.ts";
import { exportPersonalData } from "./service/export-personal-data.ts";

/** The HTTP surface of notifications, over dependencies that are made from bindings once an isolate. */
export function createNotificationsApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({ errors: notificationsErrors, provide, logger: createLogger("notifications") });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  app.use(
    "/v1/*",
    authenticate<Deps>((deps) => deps.auth),
  );
  addDeliveryRoutes(app);
  addDeadLetterRoutes(app, "notifications", (deps) => deps);
  // The document that it is a part of is described where users answers.
  app.get(personalDataPath, (c) => answerWithPersonalData(c, "notifications", c.get("deps").clock, exportPersonalData));
  return app;
}
