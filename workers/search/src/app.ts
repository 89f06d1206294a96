import { authenticate } from "@foyer/auth/middleware";
import { searchErrors } from "@foyer/contracts/search/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { addSearchRoutes } from "./routes/search.ts";

/** The HTTP surface of search, over dependencies that are made from bindings once an isolate. */
export function createSearchApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({ errors: searchErrors, provide, logger: createLogger("search") });
  app.use(
    "/v1/admin/*",
    authenticate((deps: Deps) => deps),
  );
  addSearchRoutes(app);
  addDeadLetterRoutes(app, "search", ({ consumer, handlers }) => ({ ...consumer, handlers }));
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  return app;
}
