/**
 * The box office's own database, by versions: entry N brings an object from version N to N + 1. Entries are never
 * edited once released; a later version adds one. An object that was never prepared has no tables at all.
 */
const versions: readonly string[] = [
  `
  CREATE TABLE sale (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'closed')),
    facts TEXT NOT NULL,
    revision INTEGER NOT NULL,
    announced TEXT NOT NULL
  ) STRICT;
  CREATE TABLE pools (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    sold INTEGER NOT NULL CHECK (sold >= 0),
    version INTEGER NOT NULL,
    CHECK (held + sold <= capacity)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ticket_types (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL,
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    currency TEXT,
    min_per_order INTEGER NOT NULL,
    max_per_order INTEGER NOT NULL,
    sales_start_at_ms INTEGER,
    sales_end_at_ms INTEGER,
    visibility TEXT NOT NULL,
    access_code TEXT,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ticket_type_pools (
    ticket_type_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    PRIMARY KEY (ticket_type_id, pool_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    pool_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    held INTEGER NOT NULL,
    sold INTEGER NOT NULL,
    ref TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TRIGGER ledger_is_not_edited BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  CREATE TABLE reservations (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    lines TEXT NOT NULL,
    currency TEXT NOT NULL,
    user_id TEXT,
    expires_at_ms INTEGER NOT NULL,
    extended INTEGER NOT NULL,
    order_id TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reservations_to_expire ON reservations (expires_at_ms) WHERE status = 'active';
  CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    reservation_id TEXT NOT NULL,
    status TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    lines TEXT NOT NULL,
    currency TEXT NOT NULL,
    subtotal_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    fees_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    buyer TEXT NOT NULL,
    user_id TEXT,
    attendees TEXT,
    answers TEXT NOT NULL,
    payment_id TEXT,
    expires_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    confirmed_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX orders_to_expire ON orders (expires_at_ms) WHERE status = 'pending_payment';
  CREATE TABLE order_payments (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('confirmed', 'refund_due')),
    at_ms INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX order_payments_by_order ON order_payments (order_id);
  CREATE TABLE order_refunds (
    refund_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    ticket_type_id TEXT NOT NULL,
    ticket_type_name TEXT NOT NULL,
    status TEXT NOT NULL,
    code_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    holder_name TEXT NOT NULL,
    holder_email TEXT,
    checked_in_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tickets_by_order ON tickets (order_id, position);
  CREATE TABLE ticket_tallies (
    ticket_type_id TEXT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (ticket_type_id, status)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE check_ins (
    seq INTEGER PRIMARY KEY,
    ticket_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    result TEXT NOT NULL,
    nonce TEXT UNIQUE,
    answer TEXT NOT NULL,
    scanned_at_ms INTEGER NOT NULL,
    recorded_at_ms INTEGER NOT NULL,
    scanned_by TEXT NOT NULL
  ) STRICT;
  CREATE TABLE idempotency (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    consumer TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_by_lane ON outbox (consumer);
  `,
  // What the door was told names nobody: the holder's name is the ticket's, and is read from there when an answer is given again.
  "UPDATE check_ins SET answer = json_remove(answer, '$.ticket.holderName')",
  // A bound that moves with the event is kept as it was given, and none in milliseconds beside it. Orders whose tickets stand are counted, and
  // found by whose they are.
  `
  ALTER TABLE ticket_types ADD COLUMN sales_start_rule TEXT CHECK (sales_start_rule IS NULL OR sales_start_at_ms IS NULL);
  ALTER TABLE ticket_types ADD COLUMN sales_end_rule TEXT CHECK (sales_end_rule IS NULL OR sales_end_at_ms IS NULL);
  CREATE INDEX orders_standing ON orders (user_id, status) WHERE status IN ('confirmed', 'partially_refunded');
  `,
  // News of what becomes of an event and news of what it is come side by side, so each has its own version. Rounds through all orders.
  `
  ALTER TABLE sale ADD COLUMN status_version INTEGER NOT NULL DEFAULT 0;
  UPDATE sale SET status_version = version;
  CREATE TABLE rounds (
    kind TEXT PRIMARY KEY CHECK (kind IN ('cancellation', 'notice')),
    version INTEGER NOT NULL,
    notice TEXT CHECK ((notice IS NULL) = (kind = 'cancellation')),
    began_at_ms INTEGER NOT NULL,
    after_order_id TEXT NOT NULL,
    visited INTEGER NOT NULL,
    finished_at_ms INTEGER,
    request_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Version that this code works with. */
export const schemaVersion = versions.length;

/** Version of an object's database; 0 where it was never prepared. Writes nothing. */
export function versionOf(sql: SqlStorage): number {
  const known = sql
    .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'box_office_schema'")
    .toArray();
  if (known.length === 0) return 0;
  return sql.exec<{ version: number }>("SELECT version FROM box_office_schema").one().version;
}

/** Brings the database to {@link schemaVersion}. Run it in a transaction. */
export function migrate(sql: SqlStorage): void {
  const from = versionOf(sql);
  if (from === 0) {
    sql.exec("CREATE TABLE box_office_schema (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT");
    sql.exec("INSERT INTO box_office_schema (id, version) VALUES (1, 0)");
  }
  if (from >= schemaVersion) return;
  for (const statements of versions.slice(from)) sql.exec(statements);
  sql.exec("UPDATE box_office_schema SET version = ?", schemaVersion);
}
