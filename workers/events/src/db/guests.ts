import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { events } from "./schema.ts";

/** Who is invited to a private event. Addresses are here and nowhere else; they go with the event's end, the guest's erasure, or the organizer's wish. */
export const eventGuests = sqliteTable(
  "event_guests",
  {
    id: text("id").primaryKey(),
    eventId: text("event_id")
      .notNull()
      .references(() => events.id, { onDelete: "cascade" }),
    organizationId: text("organization_id").notNull(),
    /** Lower case. */
    email: text("email").notNull(),
    name: text("name"),
    /** The token of the invitation is computed from this, and kept nowhere. */
    nonce: text("nonce").notNull(),
    /** When the next mail is to be tried, which waits until the event can be read; null where none is due. */
    mailDueAtMs: integer("mail_due_at_ms"),
    mailsSent: integer("mails_sent").notNull(),
    lastSentAtMs: integer("last_sent_at_ms"),
    createdAtMs: integer("created_at_ms").notNull(),
    /** When it is to be looked at again, to be forgotten if the event is over by then. */
    keptUntilMs: integer("kept_until_ms").notNull(),
  },
  (table) => [
    uniqueIndex("event_guests_by_email").on(table.eventId, table.email),
    index("event_guests_of_person").on(table.email),
    index("event_guests_to_forget").on(table.keptUntilMs),
    index("event_guests_to_invite").on(table.mailDueAtMs).where(sql`mail_due_at_ms IS NOT NULL`),
  ],
);

/** How many mails of invitations an organization has caused in a day. */
export const invitationMails = sqliteTable(
  "invitation_mails",
  {
    organizationId: text("organization_id").notNull(),
    /** Days since 1970, UTC. */
    day: integer("day").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.day] })],
);
