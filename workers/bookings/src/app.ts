import { authenticate } from "@foyer/auth/middleware";
import { answerWithPersonalData, personalDataPath } from "@foyer/auth/personal-data";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { createApp } from "@foyer/http/app";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import { bookingsHandlers } from "./consumers/handlers.ts";
import type { Deps } from "./deps.ts";
import { addAvailabilityRoutes } from "./routes/availability.ts";
import { addCheckInRoutes } from "./routes/check-ins.ts";
import { addEventOrderRoutes } from "./routes/event-orders.ts";
import { addOrderRoutes } from "./routes/orders.ts";
import { addPoolRoutes } from "./routes/pools.ts";
import { addReservationRoutes } from "./routes/reservations.ts";
import { addTicketTypeRoutes } from "./routes/ticket-types.ts";
import { addTicketRoutes } from "./routes/tickets.ts";
import { exportPersonalData } from "./service/export-personal-data.ts";

/** The HTTP surface of bookings, over dependencies that are made from bindings once an isolate. */
export function createBookingsApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({ errors: bookingsErrors, provide, logger: createLogger("bookings") });
  app.use(
    "/v1/*",
    authenticate<Deps>((deps) => deps.auth),
  );
  addReservationRoutes(app);
  addAvailabilityRoutes(app);
  addOrderRoutes(app);
  addTicketRoutes(app);
  addTicketTypeRoutes(app);
  addPoolRoutes(app);
  addEventOrderRoutes(app);
  addCheckInRoutes(app);
  addDeadLetterRoutes(app, "bookings", (deps) => ({ ...deps, handlers: bookingsHandlers(deps) }));
  // The document that it is a part of is described where users answers.
  app.get(personalDataPath, (c) => answerWithPersonalData(c, "bookings", c.get("deps").clock, exportPersonalData));
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  return app;
}
