import { required } from "@foyer/kernel/assert";
import { createFoyer, FoyerProblem } from "@foyer/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Bought } from "../../scripts/sale/buyer.ts";
import { mailsTo, until } from "../../scripts/sale/mails.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../scripts/sale/organizer.ts";
import { takeFreeTickets } from "./support/shop.ts";
import { newAddress, newOrganizer, newPlan, startWorld, type World } from "./support/world.ts";

const patienceMs = 40_000;

let world: World;
let organizer: Organizer;

beforeAll(async () => {
  world = await startWorld();
  organizer = await newOrganizer(world);
});
afterAll(() => world?.stop());

const byId = ({ eventId }: PublishedEvent) => ({ params: { path: { id: eventId } } });
const byAddress = ({ eventId }: PublishedEvent) => ({ params: { path: { idOrSlug: eventId } } });

/** What a refusal says. */
async function refusal(call: Promise<unknown>): Promise<FoyerProblem> {
  const thrown = await call.then(
    () => expect.unreachable("it is refused"),
    (problem: unknown) => problem,
  );
  if (thrown instanceof FoyerProblem) return thrown;
  throw thrown;
}

/** Subjects of all mails to a buyer but the first, which has the tickets; the oldest first. */
async function noticesTo({ email }: Bought): Promise<string[]> {
  const mails = await world.emulators.resend.listMails();
  return mails
    .filter(({ to }) => to.includes(email))
    .map(({ subject }) => subject)
    .slice(1);
}

/** The grant to a gated event, for what is shown. */
async function access(eventId: string, body: { password?: string; invitation?: string }) {
  const { data } = await createFoyer({ baseUrl: world.url }).post("/v1/events/{id}/access", {
    params: { path: { id: eventId } },
    body,
  });
  return data.grant;
}

async function reserveOne(event: PublishedEvent, eventAccess?: string) {
  const { data } = await createFoyer({ baseUrl: world.url }).post("/v1/events/{id}/reservations", {
    ...byId(event),
    body: { items: [{ ticketTypeId: event.freeTypeId, quantity: 1 }] },
    ...(eventAccess === undefined ? {} : { eventAccess }),
  });
  return data.id;
}

describe("an event that is moved", () => {
  test("tells whoever holds a ticket of each change once, and nobody before it is confirmed", async () => {
    const { foyer } = organizer;
    const event = await publishEvent(organizer, newPlan({ paid: 4, free: 4 }, "Wandering Night"));
    const holder = await takeFreeTickets(world, event.eventId, event.freeTypeId);
    await mailsTo(world, holder.email, /./);

    await foyer.post("/v1/events/{id}/postpone", { ...byId(event), body: { note: "The singer is ill." } });
    const [postponed] = await mailsTo(world, holder.email, /^Postponed/);
    expect(postponed?.text).toContain("The singer is ill.");
    expect((await refusal(reserveOne(event))).code).toMatch(/^bookings\./);

    const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const dates = { startsAt: later(60), endsAt: later(61) };
    const unasked = await refusal(foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: dates }));
    expect(unasked.code).toBe("events.confirmation_required");
    await foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: { ...dates, confirm: true } });
    await foyer.post("/v1/events/{id}/publish", byId(event));
    await mailsTo(world, holder.email, /^New date/);
    await until("the sale to be open again", () => reserveOne(event).catch(() => null), patienceMs);

    const location = { kind: "venue", name: "Pier Two", address: "Pier 2", city: "Kiel", country: "Germany" } as const;
    await foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: { location, confirm: true } });
    const [moved] = await mailsTo(world, holder.email, /^New place/);
    expect(moved?.text).toContain("Pier Two, Kiel");
    expect(await noticesTo(holder)).toEqual([
      expect.stringMatching(/^Postponed/),
      expect.stringMatching(/^New date/),
      expect.stringMatching(/^New place/),
    ]);
    const feed = await fetch(new URL(`/v1/events/${event.eventId}/calendar.ics`, world.url));
    expect(await feed.text()).toMatch(/SEQUENCE:[1-9]/);
  });
});

describe("a gated event", () => {
  test("is read and sold to whoever shows its password, and a new password shuts the door at both", async () => {
    const { foyer } = organizer;
    const event = await publishEvent(organizer, newPlan({ paid: 4, free: 1_000 }, "Behind the Curtain"));
    const gate = { visibility: "password" as const, password: "open sesame" };
    await foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: gate });
    await until(
      "the box office to know the gate",
      async () => {
        const code = await reserveOne(event).then(
          () => null,
          (thrown: unknown) => (thrown instanceof FoyerProblem ? thrown.code : null),
        );
        return code === "bookings.access_required" ? code : null;
      },
      patienceMs,
    );
    const page = await fetch(new URL(`/v1/events/${event.eventId}`, world.url));
    expect([page.status, await page.json()]).toEqual([
      403,
      expect.objectContaining({ code: "events.password_required", eventTitle: "Behind the Curtain" }),
    ]);
    expect((await refusal(access(event.eventId, { password: "guess" }))).code).toBe("events.access_denied");
    const grant = await access(event.eventId, { password: "open sesame" });
    const shown = await fetch(new URL(`/v1/events/${event.eventId}`, world.url), {
      headers: { "x-event-access": grant },
    });
    expect([shown.status, shown.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    await reserveOne(event, grant);

    await foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: { password: "another word" } });
    await until(
      "the old grant to be void",
      async () => {
        const refused = await reserveOne(event, grant).then(
          () => null,
          (thrown: unknown) => (thrown instanceof FoyerProblem ? thrown.code : null),
        );
        return refused === "bookings.access_required" ? refused : null;
      },
      patienceMs,
    );
    await reserveOne(event, await access(event.eventId, { password: "another word" }));
  });

  test("lets a guest in by the link of the mail, and nobody whose invitation is taken back", async () => {
    const { foyer } = organizer;
    const event = await publishEvent(organizer, newPlan({ paid: 4, free: 4 }, "Among Friends"));
    await foyer.patch("/v1/events/{idOrSlug}", { ...byAddress(event), body: { visibility: "private" } });
    const email = newAddress("guest");
    const { data } = await foyer.post("/v1/events/{id}/guests", { ...byId(event), body: { guests: [{ email }] } });
    const [mail] = await mailsTo(world, email, /./);
    const [, invitation] = /#invitation=([\w.-]+)/.exec(mail?.text ?? "") ?? [];
    const grant = await access(event.eventId, { invitation: required(invitation, "the mail has a link") });
    const read = (headers: Record<string, string>) =>
      fetch(new URL(`/v1/events/${event.eventId}`, world.url), { headers }).then(({ status }) => status);
    expect([await read({}), await read({ "x-event-access": grant })]).toEqual([404, 200]);

    const guest = required(data.data[0], "one was invited");
    await foyer.delete("/v1/events/{id}/guests/{guestId}", {
      params: { path: { id: event.eventId, guestId: guest.id } },
    });
    expect(await read({ "x-event-access": grant })).toBe(404);
    expect(await refusal(access(event.eventId, { invitation: invitation ?? "" }))).toMatchObject({ status: 404 });
  });
});

describe("a series", () => {
  test("has a sale of its own at each date, made in the background like the first's", async () => {
    const { foyer } = organizer;
    const event = await publishEvent(organizer, newPlan({ paid: 3, free: 2 }, "Every Week"));
    const made = await foyer.post("/v1/events/{id}/occurrences", {
      ...byId(event),
      body: { rrule: "FREQ=WEEKLY;COUNT=3" },
    });
    expect(made.response.status).toBe(202);
    const dates = await until(
      "the dates to be public",
      async () => {
        const { data } = await createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/occurrences", byId(event));
        return data.data.length === 3 ? data.data : null;
      },
      patienceMs,
    );
    expect(new Set(dates.map(({ id }) => id)).size).toBe(3);
    expect(dates[0]?.id).toBe(event.eventId);
    for (const { id } of dates.slice(1)) {
      const { data } = await createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/availability", {
        params: { path: { id } },
      });
      expect(data.ticketTypes.map(({ available }) => available).sort()).toEqual([2, 3]);
      const free = required(
        data.ticketTypes.find(({ available }) => available === 2),
        "free tickets are on sale",
      );
      await takeFreeTickets(world, id, free.id);
    }
    const { data: first } = await createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/availability", byId(event));
    expect(first.ticketTypes.map(({ available }) => available).sort()).toEqual([2, 3]);
  });
});
