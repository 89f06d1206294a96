import { authenticate } from "@foyer/auth/middleware";
import { answerWithPersonalData, personalDataPath } from "@foyer/auth/personal-data";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { createApp } from "@foyer/http/app";
import { idempotent } from "@foyer/http/idempotency";
import { addDeadLetterRoutes } from "@foyer/messaging/dead-letter-routes";
import { createLogger } from "@foyer/telemetry/logger";
import { createHandlers } from "./consumers/handlers.ts";
import type { Deps } from "./deps.ts";
import { addAccessRoutes } from "./routes/access.ts";
import { addCategoryRoutes } from "./routes/categories.ts";
import { addCopyRoutes } from "./routes/copies.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addFeedRoutes } from "./routes/feeds.ts";
import { addGuestRoutes } from "./routes/guests.ts";
import { addHistoryRoutes } from "./routes/history.ts";
import { addImportRoutes } from "./routes/imports.ts";
import { addLifecycleRoutes } from "./routes/lifecycle.ts";
import { addMediaRoutes } from "./routes/media.ts";
import { addMediaDeliveryRoute } from "./routes/media-delivery.ts";
import { addOccurrenceRoutes } from "./routes/occurrences.ts";
import { addOrganizerRoutes } from "./routes/organizers.ts";
import { addSitemapRoutes } from "./routes/sitemaps.ts";
import { addTagRoutes } from "./routes/tags.ts";
import { addUploadRoutes } from "./routes/uploads.ts";
import { addVenueRoutes } from "./routes/venues.ts";
import { exportPersonalData } from "./service/export-personal-data.ts";

/** The HTTP surface of events, over dependencies that are made from bindings once an isolate. */
export function createEventsApp(provide: (bindings: object) => Deps) {
  const app = createApp<Deps>({
    errors: eventsErrors,
    provide,
    logger: createLogger("events"),
    afterWrite: (deps) => deps.drain(),
    rawBodies: [
      /^\/v1\/events\/[^/]+\/media(?:\/uploads\/[^/]+\/parts\/[^/]+)?$/,
      /^\/v1\/organizations\/[^/]+\/event-imports$/,
    ],
  });
  app.get("/health/ready", async (c) => {
    const report = await c.get("deps").health();
    return c.json(report, report.status === "ok" ? 200 : 503);
  });
  app.use(
    "/v1/*",
    authenticate<Deps>((deps) => deps.auth),
  );
  const once = idempotent<Deps>((deps) => ({ store: deps.idempotency, clock: deps.clock }));
  app.post("/v1/events", once);
  app.post("/v1/events/:id/duplicate", once);
  app.post("/v1/categories", once);
  app.post("/v1/tags", once);
  app.post("/v1/venues", once);
  app.post("/v1/events/:id/guests", once);
  addFeedRoutes(app);
  addSitemapRoutes(app);
  app.post("/v1/events/:id/media/uploads", once);
  app.post("/v1/events/:id/occurrences", once);
  addEventRoutes(app);
  addLifecycleRoutes(app);
  addCopyRoutes(app);
  addHistoryRoutes(app);
  addCategoryRoutes(app);
  addTagRoutes(app);
  addVenueRoutes(app);
  addUploadRoutes(app);
  addMediaRoutes(app);
  addMediaDeliveryRoute(app);
  addOrganizerRoutes(app);
  addImportRoutes(app);
  addAccessRoutes(app);
  addGuestRoutes(app);
  addOccurrenceRoutes(app);
  addDeadLetterRoutes(app, "events", (deps) => ({ ...deps.consumer, handlers: createHandlers(deps) }));
  // The document that it is a part of is described where users answers.
  app.get(personalDataPath, (c) => answerWithPersonalData(c, "events", c.get("deps").clock, exportPersonalData));
  return app;
}
