import { commonErrors } from "@foyer/contracts/shared/errors";
import { createApp } from "@foyer/http/app";
import { createLogger } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";

/** The HTTP surface of users, over dependencies that are made from bindings once an isolate. */
export function createUsersApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: commonErrors,
    provide,
    logger: createLogger("users"),
    afterWrite: (deps) => deps.drain(),
  });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  return app;
}
