import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import { type Guest, mailDayOf } from "../domain/guests.ts";

const columns = `g.id, g.event_id AS eventId, g.organization_id AS organizationId, g.email, g.name, g.nonce,
  g.mail_due_at_ms AS mailDueAtMs, g.mails_sent AS mailsSent, g.last_sent_at_ms AS lastSentAtMs, g.created_at_ms AS createdAtMs`;

/** What is kept about a person who is on guest lists. */
export interface Invited extends Pick<Guest, "eventId" | "name" | "createdAtMs" | "lastSentAtMs"> {
  readonly title: string;
}

/** Guests of private events in the worker's own database. */
export function createGuestRepository(db: D1Database) {
  return {
    async find(eventId: EventId, guestId: Id<"guest">): Promise<Guest | null> {
      return db
        .prepare(`SELECT ${columns} FROM event_guests g WHERE g.id = ?2 AND g.event_id = ?1`)
        .bind(eventId, guestId)
        .first<Guest>();
    },

    async findByEmail(eventId: EventId, email: string): Promise<Guest | null> {
      return db
        .prepare(`SELECT ${columns} FROM event_guests g WHERE g.event_id = ?1 AND g.email = ?2`)
        .bind(eventId, email)
        .first<Guest>();
    },

    /** Guests of an event with these addresses, in the order of their ids. */
    async listByEmails(eventId: EventId, emails: readonly string[]): Promise<Guest[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM event_guests g
           WHERE g.event_id = ?1 AND g.email IN (SELECT value FROM json_each(?2)) ORDER BY g.id`,
        )
        .bind(eventId, JSON.stringify(emails))
        .all<Guest>();
      return results;
    },

    async list(eventId: EventId, page: { readonly after: string; readonly limit: number }): Promise<Guest[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM event_guests g WHERE g.event_id = ?1 AND g.id > ?2 ORDER BY g.id LIMIT ?3`)
        .bind(eventId, page.after, page.limit)
        .all<Guest>();
      return results;
    },

    /**
     * Puts guests on an event's list; who is on it stays as they are. `full`, with none added, where the list would have more than
     * {@link limits.guestsPerEventMax}; `gone` where there is no such event any more.
     */
    async add(eventId: EventId, guests: readonly Guest[], keptUntilMs: number): Promise<"stored" | "full" | "gone"> {
      const statements = guests.map((guest) =>
        db
          .prepare(
            `INSERT INTO event_guests (id, event_id, organization_id, email, name, nonce, mail_due_at_ms, mails_sent, created_at_ms, kept_until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9) ON CONFLICT (event_id, email) DO NOTHING`,
          )
          .bind(
            guest.id,
            eventId,
            guest.organizationId,
            guest.email,
            guest.name,
            guest.nonce,
            guest.mailDueAtMs,
            guest.createdAtMs,
            keptUntilMs,
          ),
      );
      try {
        await db.batch([...statements, this.keepWithinLimit(eventId)]);
        return "stored";
      } catch (thrown) {
        if (!(thrown instanceof Error)) throw thrown;
        if (thrown.message.includes("NOT NULL constraint failed: event_guests.email")) return "full";
        if (thrown.message.includes("FOREIGN KEY constraint failed")) return "gone";
        throw thrown;
      }
    },

    /** Ends the batch where an event has more guests than it can have. */
    keepWithinLimit(eventId: EventId): D1PreparedStatement {
      return db
        .prepare(
          `UPDATE event_guests SET email = NULL WHERE event_id = ?1
             AND (SELECT count(*) FROM event_guests WHERE event_id = ?1) > ${limits.guestsPerEventMax}`,
        )
        .bind(eventId);
    },

    /** Takes a guest off the list. */
    removal(guestId: Id<"guest">): D1PreparedStatement {
      return db.prepare("DELETE FROM event_guests WHERE id = ?1").bind(guestId);
    },

    /** Asks for another mail, unless one is due already. */
    async askForMail(guestId: Id<"guest">, nowMs: number): Promise<void> {
      await db
        .prepare("UPDATE event_guests SET mail_due_at_ms = coalesce(mail_due_at_ms, ?2) WHERE id = ?1")
        .bind(guestId, nowMs)
        .run();
    },

    /** Guests whose mail is due, longest first; of one event where that is named. */
    async listDue(nowMs: number, limit: number, eventId: EventId | null): Promise<Guest[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM event_guests g WHERE g.mail_due_at_ms <= ?1 ${eventId === null ? "" : "AND g.event_id = ?3"}
           ORDER BY g.mail_due_at_ms, g.id LIMIT ?2`,
        )
        .bind(nowMs, limit, ...(eventId === null ? [] : [eventId]))
        .all<Guest>();
      return results;
    },

    /** Looks at these again later; those whose mail went out meanwhile are left alone. */
    async postpone(guestIds: readonly Guest["id"][], untilMs: number): Promise<void> {
      await db
        .prepare(
          `UPDATE event_guests SET mail_due_at_ms = ?2
           WHERE mail_due_at_ms IS NOT NULL AND id IN (SELECT value FROM json_each(?1))`,
        )
        .bind(JSON.stringify(guestIds), untilMs)
        .run();
    },

    /** How many more mails an organization may cause today. */
    async mailsLeft(organizationId: OrganizationId, nowMs: number): Promise<number> {
      const row = await db
        .prepare("SELECT count FROM invitation_mails WHERE organization_id = ?1 AND day = ?2")
        .bind(organizationId, mailDayOf(nowMs))
        .first<{ count: number }>();
      return Math.max(0, limits.invitationMailsPerDayMax - (row?.count ?? 0));
    },

    /**
     * Notes that these guests of one organization are written to, with the messages that see to it, all or nothing: `overtaken` where one of them
     * was written to meanwhile, or is gone, or the organization has used up its day.
     */
    async beginMails(
      organizationId: OrganizationId,
      guestIds: readonly Guest["id"][],
      messages: readonly AnyEnvelope[],
      nowMs: number,
    ): Promise<"stored" | "overtaken"> {
      const ids = JSON.stringify(guestIds);
      try {
        await db.batch([
          db
            .prepare(
              `INSERT INTO invitation_mails (organization_id, day, count)
               SELECT ?1, ?2, CASE WHEN count(*) = ?3 THEN ?3 END FROM event_guests
               WHERE id IN (SELECT value FROM json_each(?4)) AND mail_due_at_ms IS NOT NULL
               ON CONFLICT (organization_id, day) DO UPDATE
               SET count = CASE WHEN count + excluded.count <= ${limits.invitationMailsPerDayMax} THEN count + excluded.count END`,
            )
            .bind(organizationId, mailDayOf(nowMs), guestIds.length, ids),
          db
            .prepare(
              `UPDATE event_guests SET mail_due_at_ms = NULL, mails_sent = mails_sent + 1, last_sent_at_ms = ?2
               WHERE id IN (SELECT value FROM json_each(?1))`,
            )
            .bind(ids, nowMs),
          ...outboxStatements(db, messages, nowMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (thrown instanceof Error && thrown.message.includes("NOT NULL constraint failed: invitation_mails.count"))
          return "overtaken";
        throw thrown;
      }
    },

    /** Forgets guests whose event ended before a moment, and looks at the others again when theirs has. */
    async forgetPast(nowMs: number, keptMs: number): Promise<void> {
      const due = `SELECT g.id FROM event_guests g WHERE g.kept_until_ms <= ?1 ORDER BY g.kept_until_ms LIMIT ${limits.guestsPerSweepMax}`;
      const endOf = "(SELECT coalesce(e.ends_at_ms, ?1) FROM events e WHERE e.id = event_guests.event_id)";
      await db.batch([
        db.prepare(`DELETE FROM event_guests WHERE id IN (${due}) AND ${endOf} + ?2 <= ?1`).bind(nowMs, keptMs),
        db.prepare(`UPDATE event_guests SET kept_until_ms = ${endOf} + ?2 WHERE id IN (${due})`).bind(nowMs, keptMs),
        db.prepare("DELETE FROM invitation_mails WHERE day < ?1").bind(mailDayOf(nowMs) - 1),
      ]);
    },

    /** Takes everybody with this address off all lists that they were put on up to a moment. */
    forgetPerson(email: string, untilMs: number): D1PreparedStatement {
      return db.prepare("DELETE FROM event_guests WHERE email = ?1 AND created_at_ms <= ?2").bind(email, untilMs);
    },

    /** The lists that an address is on, newest first. */
    async listOfPerson(email: string, limit: number): Promise<Invited[]> {
      const { results } = await db
        .prepare(
          `SELECT g.event_id AS eventId, e.title, g.name, g.created_at_ms AS createdAtMs, g.last_sent_at_ms AS lastSentAtMs
           FROM event_guests g JOIN events e ON e.id = g.event_id WHERE g.email = ?1 ORDER BY g.id DESC LIMIT ?2`,
        )
        .bind(email, limit)
        .all<Invited>();
      return results;
    },
  };
}

export type GuestRepository = ReturnType<typeof createGuestRepository>;
