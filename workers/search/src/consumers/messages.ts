import type { Handlers } from "@foyer/messaging/consumer";
import { recordPrices, removeDocument, upsertDocument } from "../repository/documents.ts";

/** What search does with the news it is told. All of it is statements that older news cannot undo, in any order. */
export function createHandlers(db: D1Database): Handlers {
  return {
    "event.published": async ({ payload }) => upsertDocument(db, payload.event),
    "event.updated": async ({ payload }) => upsertDocument(db, payload.event),
    "event.unpublished": async ({ payload }) => removeDocument(db, payload),
    "event.postponed": async ({ payload }) => removeDocument(db, payload),
    "event.completed": async ({ payload }) => removeDocument(db, payload),
    "event.cancelled": async ({ payload }) => removeDocument(db, payload),
    "event.deleted": async ({ payload }) => removeDocument(db, payload),
    "capacity.changed": async ({ payload }) => recordPrices(db, payload),
  };
}
