import { signAccessToken } from "@foyer/auth/access-token";
import { newId } from "@foyer/kernel/ids";
import { buildWorkers } from "../../scripts/platform/build.ts";
import { newSecrets } from "../../scripts/platform/secrets.ts";
import { type OpenedSigningKey, openSigningKey } from "../../scripts/platform/signing-key.ts";
import { type Stack, startStack } from "../../scripts/platform/stack.ts";
import { freePort } from "../../scripts/platform/start.ts";
import { type Organizer, publishEvent, registerOrganizer } from "../../scripts/sale/organizer.ts";
import { type Ceilings, startCeilings } from "./ceilings.ts";
import { type Shelf, startShelf } from "./lists.ts";
import { seedEvents } from "./seed.ts";

/** A sale that is open, with one free ticket type. */
export interface OpenSale {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/** Everything running that one round is measured on. */
export interface Stage {
  /** The gateway's own socket. */
  readonly port: number;
  readonly ceilings: Ceilings;
  /** Authorization headers of signed-in buyers. */
  readonly buyers: readonly string[];
  /** Accounts that sign in by one password. */
  readonly people: { readonly accounts: readonly string[]; readonly password: string };
  /** Authorization headers of so many people, each of a token that nobody has shown yet. */
  newTokens(count: number): Promise<string[]>;
  /** Ids of published events, ten thousand of them. */
  readonly eventIds: readonly string[];
  /** Opens a fresh sale of so many tickets. */
  openSale(capacity: number): Promise<OpenSale>;
  /** A sale with nothing left. */
  soldOutSale(): Promise<OpenSale>;
  /** Tickets in reservations of a sale, as its box office counts them. */
  heldTickets(sale: OpenSale): Promise<number>;
  /** RFC 3339 of so many days from now. */
  dayAfter(days: number): string;
  /** Platforms that hold nothing but a hundred, and a hundred thousand, events; started when they are first asked for. */
  shelves(): Promise<{ readonly few: Shelf; readonly many: Shelf }>;
  stop(): Promise<void>;
}

const events = 10_000;
const signedInBuyers = 200;
const accountsCount = 64;
const password = "correct horse battery staple";

/** Starts the ceilings and the whole platform on fresh state, with ten thousand events and buyers signed in. */
export async function startStage(say: (text: string) => void): Promise<Stage> {
  say("bundling");
  const bundles = await buildWorkers();
  say("starting");
  const ceilings = await startCeilings();
  let stack: Stack;
  const port = await freePort();
  const secrets = newSecrets();
  try {
    stack = await startStack({ bundles, port, secrets, rateLimits: false });
  } catch (thrown) {
    await ceilings.stop();
    throw thrown;
  }
  let shelves: Promise<{ few: Shelf; many: Shelf }> | undefined;
  const stop = async (): Promise<void> => {
    const started = await shelves?.catch(() => undefined);
    await Promise.all([stack.stop(), ceilings.stop(), started?.few.stop(), started?.many.stop()]);
  };
  try {
    const organizer = await registerOrganizer(stack, {
      email: "organizer@example.com",
      password,
      name: "Organizer",
      organization: "Bench Hall",
    });
    say("seeding ten thousand events");
    const eventIds = await seedEvents(stack.platform, organizer.organizationId, events);
    const signingKey = await openSigningKey(stack.platform, secrets);
    const stage: Stage = {
      port,
      ceilings,
      buyers: await signTokens(signingKey, signedInBuyers),
      people: { accounts: await addAccounts(stack, accountsCount), password },
      newTokens: (count) => signTokens(signingKey, count),
      eventIds,
      openSale: (capacity) => openSale(organizer, capacity),
      async soldOutSale() {
        const sale = await openSale(organizer, 1);
        await organizer.foyer.post("/v1/events/{id}/reservations", {
          params: { path: { id: sale.eventId } },
          body: { items: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }] },
        });
        return sale;
      },
      async heldTickets({ eventId, ticketTypeId }) {
        const params = { path: { id: eventId } };
        const { data } = await organizer.foyer.get("/v1/events/{id}/ticket-types/{ticketTypeId}", {
          params: { path: { id: eventId, ticketTypeId } },
        });
        const pools = await organizer.foyer.get("/v1/events/{id}/pools", { params });
        return pools.data.data.filter(({ id }) => data.poolIds.includes(id)).reduce((sum, { held }) => sum + held, 0);
      },
      shelves: () => {
        shelves ??= startShelf(100).then(async (few) => ({ few, many: await startShelf(100_000) }));
        return shelves;
      },
      dayAfter: (days) => new Date(Date.now() + days * 86_400_000).toISOString(),
      stop,
    };
    return stage;
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function openSale(organizer: Organizer, capacity: number): Promise<OpenSale> {
  const event = await publishEvent(organizer, {
    title: `On sale ${capacity}`,
    description: "An event that is only there to be sold out.",
    startsAt: new Date(Date.now() + 90 * 86_400_000),
    hours: 3,
    timezone: "Europe/Berlin",
    location: { kind: "venue", name: "Bench Hall", address: "Pier 1", city: "Hamburg", country: "Germany" },
    categorySlug: "music",
    tags: [],
    colours: [
      [0, 0, 0],
      [255, 255, 255],
    ],
    paid: { name: "Seat", priceMinor: 1_000, currency: "EUR", capacity: 1 },
    free: { name: "Standing", capacity },
  });
  return { eventId: event.eventId, ticketTypeId: event.freeTypeId };
}

/** Access tokens made with the deployment's own key: signing in two hundred times would measure argon2. */
async function signTokens({ kid, key }: OpenedSigningKey, count: number): Promise<string[]> {
  const nowMs = Date.now();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const subject = {
        userId: newId("user", nowMs),
        sessionId: newId("session", nowMs),
        emailVerified: true,
        platformAdmin: false,
        authenticatedAtMs: nowMs,
        impersonatorId: null,
      };
      const token = await signAccessToken(subject, {
        issuer: "https://foyer.local",
        audience: "foyer",
        key,
        kid,
        nowMs,
      });
      return `Bearer ${token}`;
    }),
  );
}

/** Accounts with the organizer's password hash: to hash it for each would take longer than to measure. */
async function addAccounts(stack: Stack, count: number): Promise<string[]> {
  const nowMs = Date.now();
  const rows = Array.from({ length: count }, (_, index) => ({
    id: newId("user", nowMs),
    email: `person-${index}@example.com`,
  }));
  const db = await stack.platform.database("users");
  await db.batch([
    db
      .prepare(
        `INSERT INTO users (id, email, email_verified_at_ms, name, version, created_at_ms, updated_at_ms)
         SELECT value ->> 'id', value ->> 'email', ?2, 'Person', 1, ?2, ?2 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(rows), nowMs),
    db
      .prepare(
        `INSERT INTO credentials (user_id, password_hash, updated_at_ms)
         SELECT value ->> 'id', (SELECT password_hash FROM credentials LIMIT 1), ?2 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(rows), nowMs),
  ]);
  return rows.map(({ email }) => email);
}
