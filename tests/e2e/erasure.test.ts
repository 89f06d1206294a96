import { required } from "@foyer/kernel/assert";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bought, order, pay, readOrder, reserve, ticketsOf, untilOrder } from "../../scripts/sale/buyer.ts";
import { mailsTo, until } from "../../scripts/sale/mails.ts";
import {
  type Account,
  type Organizer,
  type PublishedEvent,
  publishEvent,
  registerAccount,
} from "../../scripts/sale/organizer.ts";
import { makePicture } from "../../scripts/sale/picture.ts";
import { Caller } from "./support/http.ts";
import { won } from "./support/shop.ts";
import { countAllRowsAtRest, tablesHolding } from "./support/tables.ts";
import { newAddress, newOrganizer, newPlan, password, startWorld, type World } from "./support/world.ts";

/** What only this person is called, and writes. */
const mark = crypto.randomUUID().slice(0, 8);
const name = `Guest ${mark}`;
const guestName = `Companion ${mark}`;
const diet = `No nuts ${mark}`;

describe("a person who buys, and is forgotten", () => {
  let world: World;
  let caller: Caller;
  let organizer: Organizer;
  let event: PublishedEvent;
  let person: Account;
  let email: string;
  let userId: string;
  let avatarUrl: string;
  let others: { readonly bought: Bought; readonly name: string };
  /** What they bought: by their account, paid and free, and before they had one, under their address. */
  let bought: readonly Bought[];
  const texts = () => [mark, email];

  beforeAll(async () => {
    world = await startWorld();
    caller = new Caller(world);
    organizer = await newOrganizer(world);
    event = await publishEvent(organizer, newPlan({ paid: 10, free: 10 }, "Evening of songs"));
    email = newAddress("guest");
  });
  afterAll(() => world?.stop());

  /** Buys two tickets with all that can be said of their holders. */
  async function buy(ticketTypeId: string): Promise<Bought> {
    const { foyer } = person;
    const path = { id: event.eventId };
    const { data: held } = await foyer.post("/v1/events/{id}/reservations", {
      params: { path },
      body: { items: [{ ticketTypeId, quantity: 2 }] },
    });
    const { data } = await foyer.post("/v1/orders", {
      body: {
        reservationId: held.id,
        buyer: { name, email },
        attendees: [
          { name, email },
          { name: guestName, email: `companion.${email}` },
        ],
        answers: { diet },
      },
    });
    return { orderId: data.order.id, orderSecret: data.secret, email, totalMinor: data.order.total.amount };
  }

  /** Waits until these tables are among those that hold one of the texts. */
  async function untilHeld(held: readonly string[], tables: readonly string[]): Promise<void> {
    await until(`${tables.join(", ")} to hold ${held.join(", ")}`, async () => {
      const holding = await tablesHolding(world, held);
      return tables.every((table) => holding.includes(table)) ? true : null;
    });
  }

  /** What the organizer sees of the money, and of the places that are sold. */
  async function books(): Promise<unknown> {
    const { foyer, organizationId } = organizer;
    const { data: payments } = await foyer.get("/v1/payments", { params: { query: { organizationId } } });
    const { data: pools } = await foyer.get("/v1/events/{id}/pools", { params: { path: { id: event.eventId } } });
    const db = await world.platform.database("payments");
    const { results: ledger } = await db.prepare("SELECT * FROM ledger_entries ORDER BY transaction_id, line").all();
    return { payments: payments.data, pools: pools.data, ledger };
  }

  test("buys without an account, and then with one, and shows a picture", async () => {
    const guest = await order(world, won(await reserve(world, event.eventId, event.paidTypeId)).held, { name, email });
    await pay(world, guest);
    await untilOrder(world, guest, "confirmed");
    person = await registerAccount(world, { email, password, name });
    const paid = await buy(event.paidTypeId);
    await pay(world, paid);
    const free = await buy(event.freeTypeId);
    bought = [guest, paid, free];
    for (const each of bought) await untilOrder(world, each, "confirmed");
    const strange = { name: "Buyer Two", email: newAddress("buyer") };
    const { held } = won(await reserve(world, event.eventId, event.freeTypeId));
    others = { bought: await order(world, held, strange), name: strange.name };

    const token = person.accessToken;
    const uploaded = await caller.send("a picture", {
      path: "/v1/users/profile/avatar",
      token,
      headers: { "content-type": "image/png" },
      body: makePicture(64, 64, [0, 0, 0], [255, 255, 255]),
    });
    expect([uploaded.status, uploaded.text]).toEqual([200, expect.any(String)]);
    const { data: profile } = await person.foyer.get("/v1/users/profile");
    userId = profile.id;
    avatarUrl = required(profile.avatarUrl, "a picture was uploaded");
    const shown = await fetch(new URL(avatarUrl, world.url));
    expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "image/png"]);
    await shown.body?.cancel();
    await mailsTo(world, email, /tickets/i, bought.length);
    await untilHeld(texts(), ["bookings.orders", "payments.provider_events", "users.users"]);
  });

  test("gets one document of all that is kept, of theirs alone", async () => {
    const answer = await caller.send("the export", { path: "/v1/users/profile/export", token: person.accessToken });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="personal-data.json"');
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const ids = bought.map(({ orderId }) => orderId).sort();
    const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
    const { parts } = JSON.parse(answer.text);
    expect(Object.keys(parts).sort()).toEqual(["bookings", "events", "notifications", "payments", "users"]);
    expect(parts.users.account).toMatchObject({ id: userId, email, name });
    expect(parts.bookings.orders.sort(byId).map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(JSON.stringify(parts.bookings)).toContain(diet);
    expect(parts.payments.payments).toHaveLength(2);
    expect(parts.notifications.mails.map(({ kind }: { kind: string }) => kind)).toContain("order_confirmed");
    for (const strange of [organizer.email, others.bought.orderId, others.name, others.bought.email])
      expect(answer.text).not.toContain(strange);
  });

  test("is gone at once, and everywhere soon after", async () => {
    const before = await books();
    const token = person.accessToken;
    const erased = await caller.send("the erasure", { method: "DELETE", path: "/v1/users/profile", token });
    expect([erased.status, erased.document]).toMatchObject([202, { erasure: { status: "under_way" } }]);
    const login = await caller.send("signing in", { path: "/v1/auth/login", body: { email, password } });
    expect([login.status, login.document?.code]).toEqual([401, "users.invalid_credentials"]);
    expect((await caller.send("the picture", { path: new URL(avatarUrl, world.url).pathname })).status).toBe(404);
    await mailsTo(world, email, /account was deleted/i);

    const users = await world.platform.database("users");
    await until("all workers to have forgotten", () =>
      users.prepare("SELECT 1 FROM erasures WHERE user_id = ?1 AND completed_at_ms > 0").bind(userId).first(),
    );
    await countAllRowsAtRest(world);
    // The last letter says where it went, until its day is over.
    expect(await tablesHolding(world, texts())).toEqual(["users.letters"]);
    await users.prepare("UPDATE letters SET expires_at_ms = 1").run();
    await world.platform.runCron("users");
    expect(await tablesHolding(world, texts())).toEqual([]);
    const avatars = await world.platform.miniflare.getR2Bucket("AVATARS", "foyer-users");
    expect((await avatars.list()).objects).toEqual([]);
    expect(world.logs.filter(({ text }) => texts().some((own) => text.includes(own)))).toEqual([]);
    expect(await books()).toEqual(before);
  });

  test("leaves orders that tell nobody who bought them, in the event's own books as in the organizer's list", async () => {
    const { data } = await organizer.foyer.get("/v1/events/{id}/orders", { params: { path: { id: event.eventId } } });
    const ids = new Set(bought.map(({ orderId }) => orderId));
    const listed = data.data.filter(({ id }) => ids.has(id));
    expect(listed.map(({ buyer }) => buyer)).toEqual(bought.map(() => ({ name: "Deleted", email: "" })));
    for (const each of bought) {
      const text = JSON.stringify([await readOrder(world, each), await ticketsOf(world, each)]);
      expect(text).toContain("Deleted");
      for (const own of [...texts(), userId]) expect(text).not.toContain(own);
    }
    const other = data.data.find(({ id }) => id === others.bought.orderId);
    expect(other).toMatchObject({ buyer: { name: others.name, email: others.bought.email } });
  });

  test("has tickets that still open the door, once", async () => {
    for (const each of bought) {
      for (const ticket of await ticketsOf(world, each)) {
        const scan = () =>
          caller.send("the door", {
            path: `/v1/events/${event.eventId}/check-ins`,
            token: organizer.accessToken,
            body: { code: ticket.code },
          });
        expect((await scan()).document).toMatchObject({ result: "admitted", ticket: { holderName: "Deleted" } });
        expect((await scan()).document).toMatchObject({ result: "already_checked_in" });
      }
    }
    expect(await tablesHolding(world, texts())).toEqual([]);
  });

  test("may come back under the address as somebody new, whom nothing connects with it", async () => {
    const again = await registerAccount(world, { email, password, name: "Newcomer" }, 2);
    const { data: profile } = await again.foyer.get("/v1/users/profile");
    expect(profile.id).not.toBe(userId);
    const { data } = await again.foyer.get("/v1/orders");
    expect(data.data).toEqual([]);
    const { held } = won(await reserve(world, event.eventId, event.freeTypeId));
    const anew = await order(world, held, { name: "Newcomer", email });
    await untilOrder(world, anew, "confirmed");
    await mailsTo(world, email, /tickets/i, bought.length + 1);
    // The list has it only once it was held against those who are forgotten.
    await untilHeld([email], ["bookings.orders"]);
    expect(await readOrder(world, anew)).toMatchObject({ buyer: { name: "Newcomer", email } });
  });

  test("and nothing of that was a fault", () => {
    expect(caller.answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([]);
    expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
  });
});
