import { required } from "@foyer/kernel/assert";
import { createFoyer } from "@foyer/sdk";
import type { Stack } from "../platform/stack.ts";
import { type Attempt, type Bought, order, pay, reserve, ticketsOf, untilOrder } from "../sale/buyer.ts";
import { mailsTo, until } from "../sale/mails.ts";
import { type Organizer, type PublishedEvent, publishEvent, registerOrganizer } from "../sale/organizer.ts";
import type { Report } from "./report.ts";

/** The figures of the demonstration. */
export const plan = {
  paidCapacity: 50,
  freeCapacity: 20,
  rushBuyers: 300,
  priceMinor: 4_500,
  currency: "EUR",
  /** Long enough to pay in, short enough to wait for. */
  reservationTtlSeconds: 15,
} as const;

/** Everything that one step hands to the next. */
export class Sale {
  readonly stack: Stack;
  readonly report: Report;
  winners: Extract<Attempt, { won: true }>[] = [];
  paid: Bought[] = [];
  free: Bought[] = [];
  #organizer: Organizer | null = null;
  #event: PublishedEvent | null = null;

  constructor(stack: Stack, report: Report) {
    this.stack = stack;
    this.report = report;
  }

  get organizer(): Organizer {
    return required(this.#organizer, "the organizer registers first");
  }

  set organizer(organizer: Organizer) {
    this.#organizer = organizer;
  }

  get event(): PublishedEvent {
    return required(this.#event, "the event is published before it is sold");
  }

  set event(event: PublishedEvent) {
    this.#event = event;
  }
}

/** One step of the demonstration: a title, and what is done and proven. */
export interface Step {
  readonly title: string;
  run(sale: Sale, say: (text: string) => void): Promise<void>;
}

const ms = (from: number): string => `${Math.round(performance.now() - from)} ms`;

/** The sale, from registration to the door. */
export const steps: readonly Step[] = [
  {
    title: "An organizer registers, verifies by mail, signs in and founds an organization",
    async run(sale) {
      sale.organizer = await registerOrganizer(sale.stack, {
        email: "organizer@example.com",
        password: "correct horse battery staple",
        name: "Organizer",
        organization: "Harbour Hall",
      });
      sale.report.happened("organization", sale.organizer.organizationId);
    },
  },
  {
    title: "They publish a concert with an image, a paid and a free ticket type",
    async run(sale) {
      sale.event = await publishEvent(sale.organizer, {
        title: "Midwinter Concert",
        description: "Two hours of chamber music in the old harbour hall.",
        startsAt: new Date(Date.now() + 30 * 86_400_000),
        hours: 2,
        timezone: "Europe/Berlin",
        location: { kind: "venue", name: "Harbour Hall", address: "Pier 1", city: "Hamburg", country: "Germany" },
        categorySlug: "music",
        tags: ["chamber music"],
        colours: [
          [20, 30, 80],
          [220, 120, 60],
        ],
        paid: { name: "Seat", priceMinor: plan.priceMinor, currency: plan.currency, capacity: plan.paidCapacity },
        free: { name: "Student standing", capacity: plan.freeCapacity },
      });
      const image = await fetch(new URL(sale.event.mediaUrl, sale.stack.url));
      await image.arrayBuffer();
      sale.report.invariant("the image is delivered as what it is", image.headers.get("content-type"), "image/png");
    },
  },
  {
    title: "Search finds it",
    async run(sale) {
      const foyer = createFoyer({ baseUrl: sale.stack.url });
      await until("search to find the concert", async () => {
        const { data } = await foyer.get("/v1/search/events", { params: { query: { q: "midwinter" } } });
        return data.data.find(({ id }) => id === sale.event.eventId) ?? null;
      });
      const tookMs = Math.round(performance.now() - sale.event.publishedAtMs);
      sale.report.happened("found after publishing", `${tookMs} ms`);
      sale.report.invariant("found within two seconds", tookMs <= 2_000, true);
    },
  },
  {
    title: "300 buyers go for 50 tickets at once",
    async run(sale, say) {
      const { stack, event, report } = sale;
      const visitor = createFoyer({ baseUrl: stack.url });
      const path = { id: event.eventId };
      for (let sent = 0; sent < plan.rushBuyers; sent += 20) {
        const views = Array.from({ length: Math.min(20, plan.rushBuyers - sent) }, (_, index) => ({
          type: "view" as const,
          eventId: event.eventId,
          visitor: `visitor-${sent + index}`.padEnd(16, "0"),
        }));
        await visitor.post("/v1/analytics/track", { body: { events: views } });
      }
      const before = (await visitor.get("/v1/events/{id}/availability", { params: { path } })).data;
      report.invariant(
        "available before the rush",
        before.ticketTypes.find(({ id }) => id === event.paidTypeId)?.available,
        plan.paidCapacity,
      );
      const startedMs = performance.now();
      const attempts = await Promise.all(
        Array.from({ length: plan.rushBuyers }, () => reserve(stack, event.eventId, event.paidTypeId)),
      );
      report.happened("the rush took", ms(startedMs));
      sale.winners = attempts.filter((attempt) => attempt.won);
      const refused = attempts.filter((attempt) => !attempt.won);
      say(`${sale.winners.length} won`);
      report.invariant("reserved in the rush", sale.winners.length, plan.paidCapacity);
      report.invariant(
        "everyone else was told bookings.sold_out",
        refused.filter(({ code }) => code === "bookings.sold_out").length,
        plan.rushBuyers - plan.paidCapacity,
      );
      report.invariant(
        "and how many are left",
        refused.every(({ left }) => left === 0),
        true,
      );
    },
  },
  {
    title: "Half of the winners pay",
    async run(sale, say) {
      const paying = sale.winners.slice(0, plan.paidCapacity / 2);
      const startedMs = performance.now();
      sale.paid = await payAll(sale, paying, "first", say);
      sale.report.happened("25 orders paid, from order to tickets", ms(startedMs));
    },
  },
  {
    title: "The other half's reservations expire, and the next buyers get the stock",
    async run(sale, say) {
      const { stack, event } = sale;
      const half = plan.paidCapacity / 2;
      const next: Extract<Attempt, { won: true }>[] = [];
      await until(
        "the reservations to expire",
        async () => {
          const tries = await Promise.all(
            Array.from({ length: half - next.length }, () => reserve(stack, event.eventId, event.paidTypeId)),
          );
          next.push(...tries.filter((attempt) => attempt.won));
          say(`${next.length} of ${half} went to the next buyers`);
          return next.length === half ? true : null;
        },
        (plan.reservationTtlSeconds + 15) * 1_000,
      );
      sale.report.invariant("expired stock sold again", next.length, half);
      const one = await reserve(stack, event.eventId, event.paidTypeId);
      sale.report.invariant("and not one more", one.won, false);
      sale.paid.push(...(await payAll(sale, next, "second", say)));
    },
  },
  {
    title: "Free tickets need no payment",
    async run(sale) {
      const { stack, event, report } = sale;
      sale.free = [];
      for (let index = 0; index < 5; index += 1) {
        const attempt = await reserve(stack, event.eventId, event.freeTypeId, 2);
        if (!attempt.won) throw new Error(`a free reservation was refused: ${attempt.code}`);
        sale.free.push(
          await order(stack, attempt.held, { name: `Guest ${index + 1}`, email: `guest-${index + 1}@example.com` }),
        );
      }
      const confirmed = await Promise.all(sale.free.map((bought) => untilOrder(stack, bought, "confirmed")));
      report.invariant("free orders confirmed at once", confirmed.length, 5);
    },
  },
  {
    title: "Every buyer gets one mail with the tickets",
    async run(sale) {
      const { stack, report } = sale;
      const buyers = [...sale.paid, ...sale.free];
      for (const { email } of buyers) await mailsTo(stack, email, /./);
      const mails = await stack.emulators.resend.listMails();
      const counts = buyers.map(({ email }) => mails.filter(({ to }) => to.includes(email)).length);
      report.invariant("buyers with exactly one mail", counts.filter((count) => count === 1).length, buyers.length);
      const codes = await Promise.all(
        buyers.map(async (bought) => (await ticketsOf(stack, bought)).map(({ code }) => code)),
      );
      const all = codes.flat();
      report.invariant("tickets with a signed code of their own", new Set(all).size, plan.paidCapacity + 10);
    },
  },
  {
    title: "The door checks tickets in, and knows a second scan",
    async run(sale) {
      const { organizer, stack, report, event } = sale;
      const params = { path: { id: event.eventId } };
      const scan = async (code: string) =>
        (await organizer.foyer.post("/v1/events/{id}/check-ins", { params, body: { code } })).data;
      let admitted = 0;
      const codes = (await Promise.all(sale.paid.slice(0, 10).map((bought) => ticketsOf(stack, bought)))).flat();
      let firstAt: string | null = null;
      for (const { code } of codes) {
        const answer = await scan(code ?? "");
        if (answer.result === "admitted") admitted += 1;
        firstAt ??= answer.checkedInAt;
      }
      const again = await scan(codes[0]?.code ?? "");
      report.invariant("admitted", admitted, codes.length);
      report.invariant("a second scan", again.result, "already_checked_in");
      report.invariant("names the time of the first", again.checkedInAt, firstAt);
      report.invariant("a forged code", (await scan(`${codes[1]?.code?.slice(0, -4)}AAAA`)).result, "unknown");
    },
  },
  {
    title: "Analytics agree, and the books add up",
    async run(sale) {
      const { organizer, event, report, stack } = sale;
      const params = { path: { id: event.eventId } };
      const revenue = plan.paidCapacity * plan.priceMinor;
      const expected = {
        views: plan.rushBuyers,
        reservations: plan.paidCapacity + plan.paidCapacity / 2 + 5,
        expired: plan.paidCapacity / 2,
        confirmed: plan.paidCapacity + 5,
        tickets: plan.paidCapacity + 10,
        revenue,
        checkIns: 10,
      };
      const read = async () => {
        const { data } = await organizer.foyer.get("/v1/events/{id}/analytics/summary", { params });
        return {
          views: data.views,
          reservations: data.reservations.created,
          expired: data.reservations.expired,
          confirmed: data.orders.confirmed,
          tickets: data.ticketsSold,
          revenue: data.revenue.find(({ currency }) => currency === plan.currency)?.amount ?? 0,
          checkIns: data.checkIns,
        };
      };
      let summary = await read();
      await until("analytics to catch up", async () => {
        summary = await read();
        return JSON.stringify(summary) === JSON.stringify(expected) ? true : null;
      }).catch(() => null);
      for (const [name, value] of Object.entries(expected)) {
        report.invariant(`analytics: ${name}`, summary[name as keyof typeof summary], value);
      }
      const pools = (await organizer.foyer.get("/v1/events/{id}/pools", { params })).data.data;
      for (const pool of pools) {
        report.invariant(
          `pool ${pool.name}: sold + held + free = capacity`,
          pool.sold + pool.held + pool.available,
          pool.capacity,
        );
      }
      const sold = pools.find(({ capacity }) => capacity === plan.paidCapacity);
      report.invariant("paid tickets sold", sold?.sold, plan.paidCapacity);
      const { charges } = await stack.emulators.stripe.state();
      const taken = charges.filter(({ paid }) => paid).reduce((sum, { amount }) => sum + amount, 0);
      report.invariant("money taken by the provider, minor units", taken, revenue);
    },
  },
];

async function payAll(
  sale: Sale,
  winners: readonly Extract<Attempt, { won: true }>[],
  who: string,
  say: (text: string) => void,
): Promise<Bought[]> {
  let done = 0;
  return Promise.all(
    winners.map(async ({ held }, index) => {
      const bought = await order(sale.stack, held, {
        name: `Buyer ${index + 1}`,
        email: `${who}-${index + 1}@example.com`,
      });
      await pay(sale.stack, bought);
      await untilOrder(sale.stack, bought, "confirmed", 30_000);
      done += 1;
      say(`${done} of ${winners.length} paid`);
      return bought;
    }),
  );
}
