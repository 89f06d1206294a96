import { bareIds } from "./ceilings.ts";
import { serverCpuSeconds } from "./cpu.ts";
import { identityScenarios } from "./identity.ts";
import { listScenarios } from "./lists.ts";
import { type LoadResult, runLoad, serializeRequest } from "./load.ts";
import {
  connections,
  type Figure,
  figureOf,
  measure,
  mustBe,
  type Scenario,
  secondsMax,
  unique,
  uniqueKey,
} from "./measure.ts";
import { benchWords } from "./seed.ts";
import type { Stage } from "./stage.ts";

const sold = (result: LoadResult): number =>
  ((result.statuses.get(201) ?? 0) * 1_000) / (result.lastAtMs.get(201) ?? 1);

async function bareHolds(stage: Stage, capacity: number, attempts: number): Promise<Figure> {
  const object = `bare-${unique()}`;
  const port = stage.ceilings.barePort;
  await fetch(`http://127.0.0.1:${port}/fill?object=${object}`, { method: "POST", body: String(capacity) });
  const figure = await measure({
    port,
    count: attempts,
    make: () => serializeRequest("POST", `/hold?object=${object}`, {}, JSON.stringify({ key: `key-${unique()}` })),
    expected: [201, 409],
    ...(capacity < attempts ? { rate: sold } : {}),
  });
  const held = await fetch(`http://127.0.0.1:${port}/count?object=${object}`);
  mustBe("bare holds", Number(await held.text()), Math.min(capacity, attempts));
  return figure;
}

async function holds(stage: Stage, capacity: number, attempts: number): Promise<Figure> {
  const sale = await stage.openSale(capacity);
  const body = JSON.stringify({ items: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }] });
  const figure = await measure({
    port: stage.port,
    count: attempts,
    make: (index) =>
      serializeRequest(
        "POST",
        `/v1/events/${sale.eventId}/reservations`,
        { Authorization: stage.buyers[index % stage.buyers.length] ?? "", "Idempotency-Key": uniqueKey() },
        body,
      ),
    expected: [201, 409],
    ...(capacity < attempts ? { rate: sold } : {}),
  });
  mustBe("held tickets", await stage.heldTickets(sale), Math.min(capacity, attempts));
  return figure;
}

async function refusals(stage: Stage, keyed: boolean): Promise<Figure> {
  const sale = await stage.soldOutSale();
  const body = JSON.stringify({ items: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }] });
  return measure({
    port: stage.port,
    count: 15_000,
    make: () =>
      serializeRequest(
        "POST",
        `/v1/events/${sale.eventId}/reservations`,
        keyed ? { "Idempotency-Key": uniqueKey() } : {},
        body,
      ),
    expected: [409],
  });
}

/** Two requests for each sale: the order follows its reservation on whichever connection is free. */
async function freeOrders(stage: Stage): Promise<Figure> {
  const sales = 2_000;
  const sale = await stage.openSale(sales);
  const reservation = JSON.stringify({ items: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }] });
  const orders: Buffer[] = [];
  let reserved = 0;
  let confirmed = 0;
  let pending = 0;
  const cpuBefore = serverCpuSeconds();
  const result = await runLoad({
    port: stage.port,
    connections,
    secondsMax,
    next: () => {
      const order = orders.pop();
      if (order !== undefined) return order;
      if (reserved >= sales) return null;
      reserved += 1;
      pending += 1;
      return serializeRequest(
        "POST",
        `/v1/events/${sale.eventId}/reservations`,
        { "Idempotency-Key": uniqueKey() },
        reservation,
      );
    },
    onAnswer: (status, text) => {
      if (status !== 201) return;
      const answer = JSON.parse(text) as { id?: string; secret?: string; order?: { status: string } };
      if (answer.order === undefined) {
        pending -= 1;
        const body = { reservationId: answer.id, buyer: { name: "Buyer", email: `buyer-${unique()}@example.com` } };
        const headers = { "X-Reservation-Secret": answer.secret ?? "", "Idempotency-Key": uniqueKey() };
        orders.push(serializeRequest("POST", "/v1/orders", headers, JSON.stringify(body)));
      } else if (answer.order.status === "confirmed") confirmed += 1;
    },
  });
  // The last few connections may close before the last orders are known; they are sent one by one.
  for (const order of orders.splice(0)) {
    const rest = await runLoad({ port: stage.port, connections: 1, secondsMax, next: once(order) });
    confirmed += rest.statuses.get(201) ?? 0;
  }
  mustBe("unanswered reservations", pending, 0);
  mustBe("confirmed free orders", confirmed, sales);
  return figureOf(result, [201], cpuBefore, (all) => confirmed / all.seconds);
}

function once(request: Buffer): () => Buffer | null {
  let left: Buffer | null = request;
  return () => {
    const next = left;
    left = null;
    return next;
  };
}

/** A word and a number, another pair each time. */
function searchText(): string {
  const number = unique();
  return `${benchWords[number % benchWords.length]}+${number % 5_000}`;
}

/** Everything that `npm run bench` measures; a ceiling stands before what is held against it. */
export const scenarios: readonly Scenario[] = [
  {
    name: "empty-worker",
    what: "a Worker that answers at once",
    run: ({ ceilings }) =>
      measure({
        port: ceilings.barePort,
        count: 20_000,
        make: () => serializeRequest("GET", "/empty"),
        expected: [200],
      }),
  },
  {
    name: "empty-behind-gateway",
    what: "the same behind a gateway that passes on",
    run: ({ ceilings }) =>
      measure({
        port: ceilings.behindGatewayPort,
        count: 15_000,
        make: () => serializeRequest("GET", "/empty"),
        expected: [200],
      }),
  },
  {
    name: "empty-object",
    what: "an empty call to an object, behind two workers",
    run: ({ ceilings }) =>
      measure({
        port: ceilings.behindGatewayPort,
        count: 10_000,
        make: () => serializeRequest("GET", "/object"),
        expected: [200],
      }),
  },
  {
    name: "bare-page",
    what: "a Worker that asks D1 for one event",
    run: ({ ceilings }) =>
      measure({
        port: ceilings.barePort,
        count: 2_500,
        make: () => serializeRequest("GET", `/d1/page?id=${bareIds[unique() % bareIds.length]}`),
        expected: [200],
      }),
  },
  {
    name: "bare-list",
    what: "a Worker that asks D1 for a page of events",
    run: (stage) =>
      measure({
        port: stage.ceilings.barePort,
        count: 2_500,
        make: () => serializeRequest("GET", `/d1/list?from=${Date.parse(stage.dayAfter(unique() % 300))}`),
        expected: [200],
      }),
  },
  {
    name: "bare-search",
    what: "a Worker that asks D1's full-text index",
    run: ({ ceilings }) =>
      measure({
        port: ceilings.barePort,
        count: 2_500,
        make: () => serializeRequest("GET", `/d1/search?q=${searchText()}`),
        expected: [200],
      }),
  },
  { name: "bare-object", what: "5 000 holds on the bare object", run: (stage) => bareHolds(stage, 5_000, 5_000) },
  {
    name: "holds",
    what: "5 000 POST reservations on 5 000 tickets, signed in, keyed",
    ceiling: "bare-object",
    target: 0.55,
    spreadMax: 12,
    cpuMax: 2,
    run: (stage) => holds(stage, 5_000, 5_000),
  },
  {
    name: "bare-sell-out",
    what: "5 000 attempts on 1 000 of the bare object: tickets/s until sold out",
    run: (stage) => bareHolds(stage, 1_000, 5_000),
  },
  {
    name: "sell-out",
    what: "5 000 attempts on 1 000 tickets: tickets/s until sold out",
    ceiling: "bare-sell-out",
    target: 0.7,
    run: (stage) => holds(stage, 1_000, 5_000),
  },
  {
    name: "sold-out-edge",
    what: "refused at the edge",
    ceiling: "empty-worker",
    target: 0.6,
    run: (stage) => refusals(stage, false),
  },
  {
    name: "sold-out-object",
    what: "refused by the object, keyed",
    ceiling: "empty-object",
    target: 0.6,
    run: (stage) => refusals(stage, true),
  },
  {
    name: "availability",
    what: "GET availability",
    ceiling: "empty-behind-gateway",
    run: async (stage) => {
      const sale = await stage.openSale(100);
      const path = `/v1/events/${sale.eventId}/availability`;
      return measure({ port: stage.port, count: 15_000, make: () => serializeRequest("GET", path), expected: [200] });
    },
  },
  {
    name: "event-hot",
    what: "GET event, the same again and again",
    ceiling: "empty-behind-gateway",
    target: 0.5,
    run: (stage) =>
      measure({
        port: stage.port,
        count: 15_000,
        make: () => serializeRequest("GET", `/v1/events/${stage.eventIds[0]}`),
        expected: [200],
      }),
  },
  {
    name: "event-cold",
    what: "GET event, each time another",
    ceiling: "bare-page",
    target: 0.8,
    run: (stage) =>
      measure({
        port: stage.port,
        count: 2_500,
        make: () => serializeRequest("GET", `/v1/events/${stage.eventIds[unique() % stage.eventIds.length]}`),
        expected: [200],
      }),
  },
  {
    name: "list",
    what: "GET events, 10 000 of them, from different days on",
    ceiling: "bare-list",
    target: 0.8,
    run: (stage) =>
      measure({
        port: stage.port,
        count: 2_500,
        make: () => serializeRequest("GET", `/v1/events?from=${stage.dayAfter(unique() % 300)}`),
        expected: [200],
      }),
  },
  {
    name: "search",
    what: "GET search over 10 000 events, different words",
    ceiling: "bare-search",
    target: 0.8,
    run: (stage) =>
      measure({
        port: stage.port,
        count: 2_500,
        make: () => serializeRequest("GET", `/v1/search/events?q=${searchText()}`),
        expected: [200],
      }),
  },
  ...listScenarios,
  ...identityScenarios,
  // Last, because mails and order lists follow each order for a while.
  { name: "free-order", what: "reservation and free order: orders/s", ceiling: "bare-object", run: freeOrders },
];
