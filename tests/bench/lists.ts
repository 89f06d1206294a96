import { newId } from "@foyer/kernel/ids";
import { buildWorkers } from "../../scripts/platform/build.ts";
import { newSecrets } from "../../scripts/platform/secrets.ts";
import { startStack } from "../../scripts/platform/stack.ts";
import { freePort } from "../../scripts/platform/start.ts";
import { serializeRequest } from "./load.ts";
import { type Figure, measure, type Scenario, unique } from "./measure.ts";
import { seedEvents } from "./seed.ts";

/** A platform of its own with so many events and nothing else. */
export interface Shelf {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a platform with so many published events of one organization. */
export async function startShelf(count: number): Promise<Shelf> {
  const port = await freePort();
  const stack = await startStack({ bundles: await buildWorkers(), port, secrets: newSecrets(), rateLimits: false });
  try {
    await seedEvents(stack.platform, newId("organization", Date.now()), count, ["events"]);
  } catch (thrown) {
    await stack.stop();
    throw thrown;
  }
  return { port, stop: () => stack.stop() };
}

const requests = 1_500;
const dayMs = 86_400_000;

/** Pages that no cache has: each is asked for by an address of its own, which narrows nothing. */
function pages(port: number, query: () => string): Promise<Figure> {
  return measure({
    port,
    count: requests,
    connections: 20,
    make: () => {
      const to = new Date(Date.UTC(2100, 0, 1) + unique()).toISOString();
      return serializeRequest("GET", `/v1/events?limit=20&to=${to}${query()}`);
    },
    expected: [200],
  });
}

/** A cursor into the midst of the list: what it names need not exist. */
function deepCursor(): string {
  const startsAtMs = Date.now() + (30 + (unique() % 300)) * dayMs;
  return Buffer.from(JSON.stringify([startsAtMs, "evt_0"])).toString("base64url");
}

/** Whether a list grows slower with its events: by a fifth at most, from a hundred to a hundred thousand. */
export const listScenarios: readonly Scenario[] = [
  {
    name: "list-of-100",
    what: "GET events, the first page of 100",
    run: async ({ shelves }) => pages((await shelves()).few.port, () => ""),
  },
  {
    name: "list-of-100k",
    what: "GET events, the first page of 100 000",
    ceiling: "list-of-100",
    target: 0.83,
    run: async ({ shelves }) => pages((await shelves()).many.port, () => ""),
  },
  {
    name: "list-deep",
    what: "GET events, a page deep in 100 000",
    ceiling: "list-of-100",
    target: 0.83,
    run: async ({ shelves }) => pages((await shelves()).many.port, () => `&cursor=${deepCursor()}`),
  },
];
