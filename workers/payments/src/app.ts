import { authenticate } from "@foyer/auth/middleware";
import { answerWithPersonalData, personalDataPath } from "@foyer/auth/personal-data";
import { paymentsErrors } from "@foyer/contracts/payments/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import { paymentsHandlers } from "./consumers/handlers.ts";
import type { Deps } from "./deps.ts";
import { addAdminRoutes } from "./routes/admin.ts";
import { addOrderPaymentRoutes } from "./routes/order-payment.ts";
import { addRefundRoutes } from "./routes/refunds.ts";
import { addWebhookRoutes } from "./routes/webhooks.ts";
import { exportPersonalData } from "./service/export-personal-data.ts";

const webhookPath = /^\/v1\/webhooks\/stripe$/;

/** The HTTP surface of payments, over dependencies that are made from bindings once an isolate. */
export function createPaymentsApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: paymentsErrors,
    provide,
    logger: createLogger("payments"),
    rawBodies: [webhookPath],
  });
  // A webhook has nothing to send until it has been acted on, and drains by itself then.
  app.use("/v1/*", async (c, next) => {
    await next();
    if (c.req.method === "POST" && !webhookPath.test(c.req.path)) c.executionCtx.waitUntil(c.get("deps").drain());
  });
  app.use(
    "/v1/*",
    authenticate<Deps>((deps) => deps.auth),
  );
  addOrderPaymentRoutes(app);
  addWebhookRoutes(app);
  addAdminRoutes(app);
  addRefundRoutes(app);
  addDeadLetterRoutes(app, "payments", (deps) => ({ ...deps, handlers: paymentsHandlers(deps) }));
  // The document that it is a part of is described where users answers.
  app.get(personalDataPath, (c) => answerWithPersonalData(c, "payments", c.get("deps").clock, exportPersonalData));
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  return app;
}
