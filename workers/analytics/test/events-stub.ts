import type { StubWorker } from "@foyer/testing/worker-project";

/** Stands in for the events worker: knows the events that tests tell it of, and fails on demand. */
export const eventsStub: StubWorker = {
  name: "foyer-events",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const owners = new Map();
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testEvent(eventId, organizationId) { owners.set(eventId, organizationId); }
      async getEvent(call, { eventId }) {
        const organizationId = owners.get(eventId);
        if (organizationId === "down") throw new Error("events is down");
        if (call.actor.kind !== "system" || organizationId === undefined)
          return { ok: false, error: { code: "events.not_found", detail: "No such event." } };
        return { ok: true, value: { eventId, organizationId, version: 1, status: "published", slug: "s", title: "t",
          startsAtMs: 0, endsAtMs: 1, timezone: "UTC", place: "Online", accessVersion: null, note: null } };
      }
    }
  `,
};
