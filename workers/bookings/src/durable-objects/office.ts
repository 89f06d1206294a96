import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { required } from "@foyer/kernel/assert";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { Logger } from "@foyer/telemetry/logger";
import { capacityFacts } from "../domain/availability.ts";
import { factsFrom, type Sale } from "../domain/model.ts";
import { defaultCurrency } from "../domain/pricing.ts";
import { Answers } from "./answers.ts";
import { Catalog } from "./catalog.ts";
import { OrdersTable } from "./orders-table.ts";
import { Outbox } from "./outbox.ts";
import { createPooledRandom } from "./pooled-random.ts";
import { ReservationsTable } from "./reservations-table.ts";
import { Rounds } from "./rounds.ts";
import { migrate, schemaVersion, versionOf } from "./schema.ts";
import { Stock } from "./stock.ts";
import { TicketsTable } from "./tickets-table.ts";

/**
 * One event's box office inside a transaction: what is in memory, what is in SQL, and the moment that the batch is decided
 * at. Operations read, decide and write through it, synchronously. Nothing here awaits.
 */
export class Office {
  readonly log: Logger;
  readonly sql: SqlStorage;
  readonly random = createPooledRandom();
  /** How long a new reservation or order holds its places. */
  readonly holdMs: number;
  /** The batch's moment, epoch milliseconds. */
  nowMs = 0;
  /** Of the call that is being decided, for messages and log lines. */
  requestId = "";
  stock: Stock;
  catalog: Catalog;
  reservations: ReservationsTable;
  orders: OrdersTable;
  tickets: TicketsTable;
  rounds: Rounds;
  outbox: Outbox;
  answers: Answers;
  #sale: Sale | null = null;
  #statusVersion = 0;
  #revision = 0;
  #announced = "";
  #counted = nothingCounted();

  constructor(sql: SqlStorage, log: Logger, holdMs: number) {
    this.sql = sql;
    this.holdMs = holdMs;
    this.log = log;
    this.stock = new Stock(sql);
    this.catalog = new Catalog(sql);
    this.reservations = new ReservationsTable(sql);
    this.orders = new OrdersTable(sql);
    this.tickets = new TicketsTable(sql);
    this.rounds = new Rounds(sql);
    this.outbox = new Outbox(sql);
    this.answers = new Answers(sql);
  }

  /**
   * Reads everything that is kept in memory from SQL: at the start, and after a transaction that was rolled back. An
   * event that was never prepared has no tables, and none are made for it.
   */
  load(): void {
    this.#sale = null;
    this.#statusVersion = 0;
    this.#counted = nothingCounted();
    this.stock = new Stock(this.sql);
    this.catalog = new Catalog(this.sql);
    this.reservations = new ReservationsTable(this.sql);
    this.orders = new OrdersTable(this.sql);
    this.tickets = new TicketsTable(this.sql);
    this.rounds = new Rounds(this.sql);
    this.outbox = new Outbox(this.sql);
    this.answers = new Answers(this.sql);
    const version = versionOf(this.sql);
    if (version === 0) return;
    if (version < schemaVersion) migrate(this.sql);
    const [row] = this.sql
      .exec<{ status: Sale["status"]; status_version: number; facts: string; revision: number; announced: string }>(
        "SELECT status, status_version, facts, revision, announced FROM sale WHERE id = 1",
      )
      .toArray();
    if (row === undefined) return;
    this.#sale = { status: row.status, facts: factsFrom(row.facts) };
    this.#statusVersion = row.status_version;
    this.#revision = row.revision;
    this.#announced = row.announced;
    for (const part of [
      this.stock,
      this.catalog,
      this.reservations,
      this.orders,
      this.tickets,
      this.rounds,
      this.outbox,
      this.answers,
    ]) {
      part.load();
    }
  }

  /** The sale, or null for an event that was never prepared. */
  get preparedSale(): Sale | null {
    return this.#sale;
  }

  /** The sale, where something of the event was found already. */
  get sale(): Sale {
    return required(this.#sale, "the box office is not prepared");
  }

  get eventId(): EventId {
    return this.sale.facts.eventId;
  }

  get scope(): { readonly eventId: EventId; readonly organizationId: OrganizationId } {
    const { eventId, organizationId } = this.sale.facts;
    return { eventId, organizationId };
  }

  /** Version of the event whose news last said what becomes of it: that it is sold, or no longer. Facts have a version of their own. */
  get statusVersion(): number {
    return this.#statusVersion;
  }

  /** Grows with every change of stock or offer. */
  get revision(): number {
    return this.#revision;
  }

  /** Stores the sale; the first time, this is what makes the tables. */
  putSale(sale: Sale, statusVersion: number): void {
    if (this.#sale === null) {
      migrate(this.sql);
      this.sql.exec(
        "INSERT INTO sale (id, version, status, status_version, facts, revision, announced) VALUES (1, ?, ?, ?, ?, 1, '')",
        sale.facts.version,
        sale.status,
        statusVersion,
        JSON.stringify(sale.facts),
      );
      this.load();
      return;
    }
    this.sql.exec(
      "UPDATE sale SET version = ?, status = ?, status_version = ?, facts = ? WHERE id = 1",
      sale.facts.version,
      sale.status,
      statusVersion,
      JSON.stringify(sale.facts),
    );
    this.#sale = sale;
    this.#statusVersion = statusVersion;
  }

  /** Promises a message within this transaction. */
  tell<T extends MessageType>(type: T, payload: Payload<T>): void {
    this.outbox.add(type, payload, { requestId: this.requestId, nowMs: this.nowMs, random: this.random });
  }

  /** Counts what became of a reservation; all of a batch is told as one message. */
  countReservation(what: "created" | "released" | "expired"): void {
    this.#counted[what] += 1;
  }

  /** Writes what the batch gathered; the last thing before the transaction commits. */
  flush(): void {
    if (this.#sale === null) return;
    this.#announceCapacity();
    this.#tellOfReservations();
    this.reservations.flush();
    this.tickets.flush();
    this.stock.flush();
    this.outbox.flush();
    this.answers.flush();
  }

  /** When the object must wake by itself: the next expiry, message or purge, or a round that is to go on. */
  nextWakeMs(): number | null {
    if (this.#sale === null) return null;
    const moments = [
      this.reservations.nextExpiryMs,
      this.orders.nextExpiryMs,
      this.rounds.nextDueMs(),
      this.outbox.nextDueMs(),
      this.answers.nextPurgeMs(),
    ].filter((moment) => moment !== null);
    return moments.length === 0 ? null : Math.min(...moments);
  }

  #tellOfReservations(): void {
    const counted = this.#counted;
    if (counted.created + counted.released + counted.expired === 0) return;
    this.tell("reservations.counted", { ...this.scope, ...counted });
    this.#counted = nothingCounted();
  }

  #announceCapacity(): void {
    if (!this.stock.isDirty && !this.catalog.isDirty) return;
    this.catalog.clean();
    this.#revision += 1;
    const facts = capacityFacts(this.catalog.types.values(), this.stock.pools);
    const announced = JSON.stringify(facts);
    if (announced !== this.#announced && this.sale.status === "open") {
      this.#announced = announced;
      const money = (amount: number | null) =>
        amount === null ? null : { amount, currency: facts.currency ?? defaultCurrency };
      this.tell("capacity.changed", {
        ...this.scope,
        sequence: this.#revision,
        priceMin: money(facts.priceMinMinor),
        priceMax: money(facts.priceMaxMinor),
        soldOut: facts.soldOut,
      });
    }
    this.sql.exec("UPDATE sale SET revision = ?, announced = ? WHERE id = 1", this.#revision, this.#announced);
  }
}

function nothingCounted(): { created: number; released: number; expired: number } {
  return { created: 0, released: 0, expired: 0 };
}
