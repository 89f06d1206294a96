import { env } from "cloudflare:workers";
import type { EventInvitation } from "@foyer/contracts/events/guests";
import { newId } from "@foyer/kernel/ids";
import { describe, expect, test, vi } from "vitest";
import { deliveryOf, fakeEmail, message, newOrder, worker } from "../support.ts";

async function givenInvitation(over: Partial<EventInvitation> = {}) {
  const { event } = newOrder();
  const guestId = newId("guest", Date.now());
  const { eventId, organizationId } = event;
  const invitation: EventInvitation = {
    eventId,
    guestId,
    to: `guest-${crypto.randomUUID()}@example.com`,
    token: `${guestId}.secret-${crypto.randomUUID()}`,
    organizationName: "House of Strings",
    event: { ...event, accessVersion: 1 },
    ...over,
  };
  await env.EVENTS.testInvitation(guestId, invitation);
  return { invitation, due: message("event.invitation_due", { eventId, organizationId, guestId }) };
}

describe("an invitation to a private event", () => {
  test("says who invites to what, when and where, and links to the event with its secret in the fragment", async () => {
    const { invitation, due } = await givenInvitation();
    const { binding, mails } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual({ acked: ["q0"], retried: [] });
    expect(mails).toMatchObject([{ to: invitation.to, subject: "You are invited: Night of Strings" }]);
    for (const body of [mails[0]?.text, mails[0]?.html]) {
      expect(body).toContain("House of Strings");
      expect(body).toContain("Saturday, November 28, 2026");
      expect(body).toContain("Great Hall, Berlin");
      expect(body).toContain(`http://localhost:8787/events/${invitation.eventId}#invitation=${invitation.token}`);
    }
    expect(await deliveryOf(due.id)).toMatchObject({ kind: "event_invitation", status: "sent" });
  });

  test("goes out once, however often it is told", async () => {
    const { due } = await givenInvitation();
    const { binding, calls } = fakeEmail();
    const own = worker({ EMAIL: binding });
    await own.deliver([due, due]);
    await own.deliver([due]);
    expect(calls()).toBe(1);
  });

  test("is not sent once it is withdrawn, and its message is done", async () => {
    const { invitation, due } = await givenInvitation();
    await env.EVENTS.testInvitation(invitation.guestId, null);
    const { binding, calls } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual({ acked: ["q0"], retried: [] });
    expect([calls(), await deliveryOf(due.id)]).toEqual([0, null]);
  });

  test("waits while events is down", async () => {
    const { due } = await givenInvitation();
    const { binding, calls } = fakeEmail();
    await env.EVENTS.testDown(1);
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual({ acked: [], retried: ["q0"] });
    await worker({ EMAIL: binding }).deliver([due]);
    expect(calls()).toBe(1);
  });

  test("repeats no name that a mail program would turn into a link, and leaves no address or secret behind", async () => {
    const lines: string[] = [];
    const spies = (["debug", "info", "warn", "error"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line))),
    );
    const { invitation, due } = await givenInvitation({ organizationName: "buy-pills.example" });
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([due]);
    for (const spy of spies) spy.mockRestore();
    expect(mails[0]?.text).not.toContain("buy-pills");
    const kept = JSON.stringify(await deliveryOf(due.id)) + lines.join();
    for (const value of [invitation.to, invitation.token]) expect(kept).not.toContain(value);
  });
});
