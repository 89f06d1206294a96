import { createPublicKey, verify } from "node:crypto";
import { createFoyer } from "@foyer/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Attempt,
  type Bought,
  confirmIntent,
  openPayment,
  order,
  pay,
  readPayment,
  reserve,
  ticketsOf,
  untilOrder,
} from "../../scripts/sale/buyer.ts";
import { mailsTo, until } from "../../scripts/sale/mails.ts";
import type { Organizer, PublishedEvent } from "../../scripts/sale/organizer.ts";
import { publishEvent, registerOrganizer } from "../../scripts/sale/organizer.ts";
import { newAddress, newPlan, password, startWorld, type World } from "./support/world.ts";

/** Seats that are sold before the rush, and those that the rush is for. */
const early = 2;
const contested = 50;
const rushBuyers = 300;
const paidInRush = contested / 2;

type Won = Extract<Attempt, { won: true }>;

describe("a sale, from registration to the door", () => {
  let world: World;
  let organizer: Organizer;
  let event: PublishedEvent;
  const paid: Bought[] = [];
  const free: Bought[] = [];
  let winners: Won[] = [];

  beforeAll(async () => {
    world = await startWorld({ reservationTtlSeconds: 12 });
  });
  afterAll(() => world?.stop());

  const seatsLeft = async (): Promise<number | undefined> => {
    const { data } = await createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/availability", {
      params: { path: { id: event.eventId } },
    });
    return data.ticketTypes.find(({ id }) => id === event.paidTypeId)?.available;
  };

  test("an organizer registers, follows the link of the mail, signs in and founds an organization", async () => {
    const email = newAddress("organizer");
    organizer = await registerOrganizer(world, { email, password, name: "Organizer", organization: "Harbour Hall" });
    const profile = (await organizer.foyer.get("/v1/users/profile")).data;
    expect(profile).toMatchObject({ email, emailVerified: true });
    const mails = await mailsTo(world, email, /./);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain(`${world.url}/verify-email#token=`);
    const organizations = (await organizer.foyer.get("/v1/organizations")).data.data;
    expect(organizations.map(({ id }) => id)).toEqual([organizer.organizationId]);
  });

  test("an event with an image and ticket types is published", async () => {
    event = await publishEvent(organizer, newPlan({ paid: early + contested, free: 10 }, "Midwinter Concert"));
    const { data } = await createFoyer({ baseUrl: world.url }).get("/v1/events/{idOrSlug}", {
      params: { path: { idOrSlug: event.eventId } },
    });
    expect(data).toMatchObject({ id: event.eventId, title: "Midwinter Concert", status: "published" });
  });

  test("search finds a published event within two seconds", async () => {
    const foyer = createFoyer({ baseUrl: world.url });
    const found = await until("search to find the event", async () => {
      const { data } = await foyer.get("/v1/search/events", { params: { query: { q: "midwinter" } } });
      return data.data.find(({ id }) => id === event.eventId) ?? null;
    });
    expect(performance.now() - event.publishedAtMs).toBeLessThanOrEqual(2_000);
    expect(found.title).toBe("Midwinter Concert");
  });

  test("an image is delivered as what it is, whole, in part, or not at all to who has it", async () => {
    const url = new URL(event.mediaUrl, world.url);
    const whole = await fetch(url);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    expect(whole.status).toBe(200);
    expect(whole.headers.get("content-type")).toBe("image/png");
    expect(whole.headers.get("x-content-type-options")).toBe("nosniff");
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);

    const part = await fetch(url, { headers: { range: "bytes=0-9" } });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 0-9/${bytes.length}`);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.subarray(0, 10));

    const etag = whole.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"/);
    const had = await fetch(url, { headers: { "if-none-match": etag } });
    expect(had.status).toBe(304);
    expect(await had.text()).toBe("");

    const beyond = await fetch(url, { headers: { range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
    await beyond.body?.cancel();
  });

  test("a buyer pays on the provider's page and gets tickets", async () => {
    expect(await seatsLeft()).toBe(early + contested);
    const attempt = won(await reserve(world, event.eventId, event.paidTypeId));
    const bought = await order(world, attempt.held, { name: "Buyer One", email: newAddress("buyer") });
    expect(bought.totalMinor).toBe(4_500);
    await pay(world, bought);
    const confirmed = await untilOrder(world, bought, "confirmed");
    expect(confirmed).toMatchObject({ total: { amount: 4_500, currency: "EUR" }, expiresAt: null });
    expect((await readPayment(world, bought)).status).toBe("succeeded");
    paid.push(bought);
  });

  test("a buyer pays in the client's own page and gets tickets", async () => {
    const attempt = won(await reserve(world, event.eventId, event.paidTypeId));
    const bought = await order(world, attempt.held, { name: "Buyer Two", email: newAddress("buyer") });
    const payment = await openPayment(world, bought, "intent");
    expect(payment.checkoutUrl).toBeNull();
    expect(await confirmIntent(world, payment.clientSecret)).toBe(200);
    await untilOrder(world, bought, "confirmed");
    paid.push(bought);
    const [first, second] = await Promise.all(paid.map((each) => ticketsOf(world, each)));
    expect(first).toHaveLength(1);
    expect(second).toHaveLength(1);
    expect(first?.[0]?.code).not.toBe(second?.[0]?.code);
    expect(second?.[0]).toMatchObject({ status: "valid", holderName: "Buyer Two" });
  });

  test("free tickets need no payment", async () => {
    for (let index = 0; index < 3; index += 1) {
      const attempt = won(await reserve(world, event.eventId, event.freeTypeId, 2));
      const bought = await order(world, attempt.held, { name: "Zoë 🎫 Guest", email: newAddress("guest") });
      await untilOrder(world, bought, "confirmed");
      const holders = (await ticketsOf(world, bought)).map(({ holderName }) => holderName);
      expect(holders).toEqual(["Zoë 🎫 Guest", "Zoë 🎫 Guest"]);
      free.push(bought);
    }
  });

  test("300 buyers for 50 tickets: exactly 50 win, everybody else learns what is left", async () => {
    await until("availability to be fresh", async () => ((await seatsLeft()) === contested ? true : null));
    const attempts = await Promise.all(
      Array.from({ length: rushBuyers }, () => reserve(world, event.eventId, event.paidTypeId)),
    );
    winners = attempts.filter((attempt) => attempt.won);
    const refused = attempts.filter((attempt) => !attempt.won);
    expect(winners).toHaveLength(contested);
    expect(new Set(winners.map(({ held }) => held.reservationId)).size).toBe(contested);
    expect(refused).toHaveLength(rushBuyers - contested);
    for (const attempt of refused) expect(attempt).toEqual({ won: false, code: "bookings.sold_out", left: 0 });
  });

  test("half of the winners pay, all at once", async () => {
    const orders = await Promise.all(
      winners.slice(0, paidInRush).map(({ held }) => order(world, held, { name: "Buyer", email: newAddress("rush") })),
    );
    paid.push(...(await payAll(orders)));
    expect(paid).toHaveLength(early + paidInRush);
  });

  test("what the others let expire goes to the next buyers, and not one ticket more", async () => {
    const next: Won[] = [];
    await until(
      "the reservations to expire",
      async () => {
        const wanted = contested - paidInRush - next.length;
        const attempts = await Promise.all(
          Array.from({ length: wanted + 1 }, () => reserve(world, event.eventId, event.paidTypeId)),
        );
        next.push(...attempts.filter((attempt) => attempt.won));
        return next.length >= contested - paidInRush ? true : null;
      },
      25_000,
    );
    expect(next).toHaveLength(contested - paidInRush);
    const abandoned = winners.at(-1);
    const late = createFoyer({ baseUrl: world.url }).post("/v1/orders", {
      reservationSecret: abandoned?.held.secret ?? "",
      body: {
        reservationId: abandoned?.held.reservationId ?? "",
        buyer: { name: "Late Buyer", email: newAddress("late") },
      },
    });
    await expect(late).rejects.toMatchObject({ status: 410, code: "bookings.reservation_expired" });
    const orders = await Promise.all(
      next.map(({ held }) => order(world, held, { name: "Buyer", email: newAddress("next") })),
    );
    paid.push(...(await payAll(orders)));
    expect(paid).toHaveLength(early + contested);
    expect(await reserve(world, event.eventId, event.paidTypeId)).toMatchObject({ won: false });
  });

  test("every buyer got exactly one mail, with the codes of their own tickets", async () => {
    const buyers = [...paid, ...free];
    await until("all mails", async () => {
      const mails = await world.emulators.resend.listMails();
      return buyers.every(({ email }) => mails.some(({ to }) => to.includes(email))) ? true : null;
    });
    const mails = await world.emulators.resend.listMails();
    const all: string[] = [];
    for (const bought of buyers) {
      const own = mails.filter(({ to }) => to.includes(bought.email));
      const codes = (await ticketsOf(world, bought)).map(({ code }) => code ?? "no code");
      expect(own).toHaveLength(1);
      for (const code of codes) expect(own[0]?.text).toContain(code);
      all.push(...codes);
    }
    expect(new Set(all).size).toBe(early + contested + 6);
  });

  test("a door without a network can check the codes with the event's public key", async () => {
    const { data: jwk } = await organizer.foyer.get("/v1/events/{id}/check-ins/key", {
      params: { path: { id: event.eventId } },
    });
    const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
    const isGenuine = (code: string): boolean => {
      const end = code.lastIndexOf(".");
      const [signed, signature] = [code.slice(0, end), code.slice(end + 1)];
      return verify(null, Buffer.from(signed), key, Buffer.from(signature, "base64url"));
    };
    const codes = await firstCodes(5);
    for (const code of codes) expect(isGenuine(code)).toBe(true);
    const [one = "", two = ""] = codes;
    const swapped = `${one.slice(0, one.lastIndexOf("."))}${two.slice(two.lastIndexOf("."))}`;
    expect(isGenuine(swapped)).toBe(false);
  });

  test("the door admits a ticket once, tells when that was, and refuses a forged code", async () => {
    const scan = async (code: string) =>
      (
        await organizer.foyer.post("/v1/events/{id}/check-ins", {
          params: { path: { id: event.eventId } },
          body: { code },
        })
      ).data;
    const codes = await firstCodes(10);
    const first = [];
    for (const code of codes) first.push(await scan(code));
    expect(first.map(({ result }) => result)).toEqual(codes.map(() => "admitted"));
    expect(first[0]?.checkedInAt).toMatch(/Z$/);
    const again = await scan(codes[0] ?? "");
    expect(again).toMatchObject({ result: "already_checked_in", checkedInAt: first[0]?.checkedInAt });
    const forged = await scan(`${(codes[1] ?? "").slice(0, -8)}AAAAAAAA`);
    expect(forged).toEqual({ result: "unknown", ticket: null, checkedInAt: null });
  });

  test("the organizer's list of orders converges to what was sold", async () => {
    const all = [...paid, ...free];
    const listed = await until("the list of orders", async () => {
      const orders = [];
      for await (const each of organizer.foyer.paginate("/v1/events/{id}/orders", {
        params: { path: { id: event.eventId }, query: { limit: 25 } },
      })) {
        orders.push(each);
      }
      const confirmed = orders.filter(({ status }) => status === "confirmed");
      return confirmed.length >= all.length ? orders : null;
    });
    expect(listed.map(({ id }) => id).sort()).toEqual(all.map(({ orderId }) => orderId).sort());
    expect(listed.every(({ status }) => status === "confirmed")).toBe(true);
  });

  test("analytics, stock and the provider's account agree", async () => {
    const params = { path: { id: event.eventId } };
    const orders = early + contested + free.length;
    const expected = {
      reservations: {
        created: early + contested + (contested - paidInRush) + free.length,
        expired: contested - paidInRush,
      },
      orders: { created: orders, confirmed: orders, cancelled: 0, refunded: 0 },
      ticketsSold: early + contested + 6,
      revenue: [{ amount: (early + contested) * 4_500, currency: "EUR" }],
      checkIns: 10,
    };
    const summary = await until("analytics to catch up", async () => {
      const { data } = await organizer.foyer.get("/v1/events/{id}/analytics/summary", { params });
      return data.checkIns >= 10 && data.orders.confirmed >= orders && data.reservations.expired >= 25 ? data : null;
    });
    expect(summary).toMatchObject(expected);
    const pools = (await organizer.foyer.get("/v1/events/{id}/pools", { params })).data.data;
    expect(pools.map(({ sold, held, available }) => ({ sold, held, available }))).toEqual([
      { sold: early + contested, held: 0, available: 0 },
      { sold: 6, held: 0, available: 4 },
    ]);
    const { charges, refunds } = await world.emulators.stripe.state();
    expect(charges.filter((charge) => charge.paid)).toHaveLength(early + contested);
    expect(charges.reduce((sum, { amount }) => sum + amount, 0)).toBe((early + contested) * 4_500);
    expect(refunds).toHaveLength(0);
    expect(await seatsLeft()).toBe(0);
  });

  test("nothing went wrong unseen: no worker logged an error", () => {
    expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  async function payAll(orders: readonly Bought[]): Promise<readonly Bought[]> {
    await Promise.all(
      orders.map(async (bought) => {
        await pay(world, bought);
        await untilOrder(world, bought, "confirmed", 25_000);
      }),
    );
    return orders;
  }

  async function firstCodes(count: number): Promise<string[]> {
    const tickets = await Promise.all(paid.slice(0, count).map((bought) => ticketsOf(world, bought)));
    return tickets.flat().map(({ code }) => code ?? "no code");
  }
});

function won(attempt: Attempt): Won {
  if (!attempt.won) throw new Error(`the reservation was refused: ${attempt.code}`);
  return attempt;
}
