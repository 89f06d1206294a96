import { assert } from "./assert.ts";

/** Every kind of id the platform hands out, by its public prefix. */
export const idPrefixes = {
  user: "usr",
  session: "ses",
  token: "tok",
  letter: "ltr",
  identity: "idn",
  passkey: "psk",
  avatar: "ava",
  consent: "con",
  invitation: "inv",
  organization: "org",
  membership: "mem",
  apiKey: "key",
  event: "evt",
  venue: "ven",
  room: "rom",
  series: "ser",
  guest: "gst",
  upload: "upl",
  eventImport: "imp",
  category: "cat",
  media: "med",
  ticketType: "tt",
  pool: "pool",
  reservation: "rsv",
  order: "ord",
  ticket: "tkt",
  checkIn: "chk",
  payment: "pay",
  refund: "ref",
  reviewCase: "rev",
  waitlistEntry: "wl",
  message: "msg",
  delivery: "dlv",
  deadLetter: "ddl",
  audit: "aud",
} as const;

export type IdKind = keyof typeof idPrefixes;
export type Id<K extends IdKind> = `${(typeof idPrefixes)[K]}_${string}`;
export type UserId = Id<"user">;
export type OrganizationId = Id<"organization">;
export type EventId = Id<"event">;
export type TicketTypeId = Id<"ticketType">;
export type PoolId = Id<"pool">;
export type ReservationId = Id<"reservation">;
export type OrderId = Id<"order">;
export type TicketId = Id<"ticket">;
export type PaymentId = Id<"payment">;
export type RefundId = Id<"refund">;
export type ReviewCaseId = Id<"reviewCase">;
export type MessageId = Id<"message">;

/** Ids that carry their event's id, so that one look at them finds the object that owns them. */
export type SaleIdKind = "reservation" | "order" | "ticket";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32, lower case: sorts as it counts
const body = `[${alphabet}]`;
const timeLength = 10; // 50 bits of milliseconds
const randomLength = 16; // 80 bits
const plainLength = timeLength + randomLength;
const saleRandomLength = 10; // 50 bits beside the millisecond, within one event

/** Port for randomness; fills and returns the given bytes. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** The platform's cryptographic randomness. */
export const secureRandom: RandomBytes = (bytes) => crypto.getRandomValues(bytes);

/** Every two characters of the alphabet: ids are made thousands of times a second, and this halves the steps. */
const pairs: readonly string[] = Array.from(alphabet, (first) =>
  Array.from(alphabet, (second) => first + second),
).flat();
const pairsCount = pairs.length;

let encodedMs = -1;
let encoded = "";

function encodeTime(epochMs: number): string {
  if (epochMs === encodedMs) return encoded;
  assert(Number.isSafeInteger(epochMs) && epochMs >= 0, "an id needs a whole, positive time");
  let rest = epochMs;
  let text = "";
  for (let index = 0; index < timeLength; index += 2) {
    text = (pairs[rest % pairsCount] ?? "") + text;
    rest = Math.floor(rest / pairsCount);
  }
  encodedMs = epochMs;
  encoded = text;
  return text;
}

/** Randomness for some hundred ids, fetched at once, because each fetch costs more than an id. No byte is used twice. */
const drawn = new Uint8Array(4_096);
let drawnUsed = drawn.length;

function encodeRandom(length: number, random: RandomBytes): string {
  let bytes = drawn;
  let at = drawnUsed;
  if (random === secureRandom) {
    if (at + length > drawn.length) {
      secureRandom(drawn);
      at = 0;
    }
    drawnUsed = at + length;
  } else {
    bytes = random(new Uint8Array(length));
    at = 0;
  }
  let text = "";
  for (const end = at + length; at < end; at += 2) {
    text += pairs[(((bytes[at] ?? 0) & 31) << 5) | ((bytes[at + 1] ?? 0) & 31)];
  }
  return text;
}

/** A new id that sorts by time of making: prefix, 50 bits of milliseconds, 80 random bits (as in the ULID spec). */
export function newId<K extends IdKind>(kind: K, epochMs: number, random: RandomBytes = secureRandom): Id<K> {
  return `${idPrefixes[kind]}_${encodeTime(epochMs)}${encodeRandom(randomLength, random)}` as Id<K>;
}

/** A new id inside one event's sale; it ends in the event's own id, see {@link eventIdOf}. */
export function newSaleId<K extends SaleIdKind>(
  kind: K,
  eventId: EventId,
  epochMs: number,
  random: RandomBytes = secureRandom,
): Id<K> {
  const eventBody = eventId.slice(idPrefixes.event.length + 1);
  return `${idPrefixes[kind]}_${encodeTime(epochMs)}${encodeRandom(saleRandomLength, random)}${eventBody}` as Id<K>;
}

/** The event whose box office owns this reservation, order or ticket. The id must have passed {@link isId}. */
export function eventIdOf(id: ReservationId | OrderId | TicketId): EventId {
  return `${idPrefixes.event}_${id.slice(-plainLength)}`;
}

const saleKinds: readonly string[] = ["reservation", "order", "ticket"] satisfies SaleIdKind[];

/** The exact shape of an id of this kind, anchored; for schemas and routes. */
export function idPattern(kind: IdKind): RegExp {
  const length = saleKinds.includes(kind) ? timeLength + saleRandomLength + plainLength : plainLength;
  return new RegExp(`^${idPrefixes[kind]}_${body}{${length}}$`);
}

const patterns = new Map<IdKind, RegExp>();

/** Whether a text is a well-formed id of this kind; says nothing about its existence. */
export function isId<K extends IdKind>(kind: K, text: string): text is Id<K> {
  let pattern = patterns.get(kind);
  if (pattern === undefined) {
    pattern = idPattern(kind);
    patterns.set(kind, pattern);
  }
  return pattern.test(text);
}
