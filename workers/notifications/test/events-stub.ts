import type { StubWorker } from "@foyer/testing/worker-project";

/** Stands in for events: it knows the invitations that tests put there, and is down when told so. */
export const eventsStub: StubWorker = {
  name: "foyer-events",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const invitations = new Map();
    let failuresLeft = 0;
    export default class extends WorkerEntrypoint {
      async testInvitation(guestId, invitation) { invitations.set(guestId, invitation); }
      async testDown(calls) { failuresLeft = calls; }
      async getInvitation(call, { guestId }) {
        if (failuresLeft > 0) { failuresLeft -= 1; throw new Error("events is down"); }
        if (call.actor.kind !== "system") return { ok: false, error: { code: "auth.forbidden", detail: "Not for callers from outside." } };
        const value = invitations.get(guestId) ?? null;
        return value === null
          ? { ok: false, error: { code: "events.invitation_void", detail: "This invitation is no longer good." } }
          : { ok: true, value };
      }
    }
  `,
};
