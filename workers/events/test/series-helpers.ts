import { env } from "cloudflare:workers";
import type { EventSummaryView, EventView } from "@foyer/contracts/events/api";
import type { SeriesView } from "@foyer/contracts/events/series";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Id } from "@foyer/kernel/ids";
import { expect } from "vitest";
import type { Deps } from "../src/deps.ts";
import { workSeries } from "../src/service/work-series.ts";
import { eventBody, type TestOrganizer } from "./helpers.ts";
import { ownApp } from "./own-app.ts";

/** The platform's own call, as its clock makes it. */
export const clockwork: CallContext = { actor: { kind: "system", name: "events" }, requestId: "req_clockwork" };

/** Every date is a Monday evening in Berlin from here on; in ten years or so this has to move. */
export const firstMonday = { startsAt: "2037-01-05T19:00:00Z", endsAt: "2037-01-05T22:30:00Z" };

export type OwnApp = ReturnType<typeof ownApp>;

/** A page of the dates of a series. */
export interface Occurrences {
  readonly series: SeriesView;
  readonly data: EventSummaryView[];
  readonly nextCursor: string | null;
}

/** One organizer's way through the routes of a series, over a worker whose outbox is left full. */
export function seriesOf(organizer: TestOrganizer, app: OwnApp = ownApp()) {
  const { user, organizationId } = organizer;
  const self = {
    app,
    async draft(more: Record<string, unknown> = {}): Promise<EventView> {
      const title = `Evening ${crypto.randomUUID().slice(0, 8)}`;
      const body = eventBody(organizationId, { title, ...firstMonday, ...more });
      const response = await app.fetch("POST", "/v1/events", { user, body });
      expect(response.status).toBe(201);
      return response.json();
    },
    async publish(event: Pick<EventView, "id">): Promise<EventView> {
      const response = await app.fetch("POST", `/v1/events/${event.id}/publish`, { user });
      expect(response.status).toBe(200);
      return response.json();
    },
    request: (method: string, eventId: string, body?: unknown, path = "occurrences") =>
      app.fetch(method, `/v1/events/${eventId}/${path}`, { user, ...(body === undefined ? {} : { body }) }),
    async repeat(event: Pick<EventView, "id">, rrule: string, more: object = {}): Promise<SeriesView> {
      const response = await self.request("POST", event.id, { rrule, ...more });
      expect([response.status, response.status === 202 ? null : await response.clone().json()]).toEqual([202, null]);
      return response.json();
    },
    async patch(eventId: string, scope: string, body: unknown): Promise<EventView> {
      const response = await app.fetch("PATCH", `/v1/events/${eventId}?scope=${scope}`, { user, body });
      expect([response.status, response.status === 200 ? null : await response.clone().json()]).toEqual([200, null]);
      return response.json();
    },
    async read(eventId: string): Promise<EventView> {
      const response = await app.fetch("GET", `/v1/events/${eventId}`, { user });
      expect(response.status).toBe(200);
      return response.json();
    },
    async list(eventId: string): Promise<Occurrences> {
      const response = await app.fetch("GET", `/v1/events/${eventId}/occurrences?limit=100`, { user });
      expect(response.status).toBe(200);
      return response.json();
    },
    /** A series of so many Mondays, all made. */
    async mondays(count: number, more: Record<string, unknown> = {}): Promise<EventView[]> {
      const first = await self.draft(more);
      const series = await self.repeat(first, `FREQ=WEEKLY;BYDAY=MO;COUNT=${count}`);
      await workAll(app.deps, series.id);
      return self.all(first.id);
    },
    /** Every date that is made, whole, in order. */
    async all(eventId: string): Promise<EventView[]> {
      const { data } = await self.list(eventId);
      return Promise.all(data.map(({ id }) => self.read(id)));
    },
  };
  return self;
}

/** Rounds until there is nothing to do at once; how many there were. */
export async function workAll(deps: Deps, seriesId: Id<"series">): Promise<number> {
  let rounds = 1;
  while (await workSeries(deps, clockwork, seriesId)) rounds += 1;
  return rounds;
}

/** Lets a series that waits be due again. */
export async function makeDue(seriesId: string): Promise<void> {
  await env.EVENTS_DB.prepare("UPDATE series SET due_at_ms = 0 WHERE id = ?1").bind(seriesId).run();
}
