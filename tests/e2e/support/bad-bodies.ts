import type { Request } from "./http.ts";

/** Whose things the requests are about. */
export interface Target {
  readonly eventId: string;
  readonly paidTypeId: string;
  readonly freeTypeId: string;
  readonly organizationId: string;
  readonly poolId: string;
  readonly token: string;
}

/** A reservation somebody holds, and a confirmed order. */
export interface Holding {
  readonly reservationId: string;
  readonly secret: string;
}

/** A request that must be refused, with the status, and the path that the answer must name. */
export interface BadRequest {
  readonly what: string;
  readonly request: Request;
  readonly status: number;
  readonly field?: string;
}

/** Texts that no field for a name takes. */
const badLines: Readonly<Record<string, unknown>> = {
  "a NUL": "Buyer\u0000One",
  "an escape sequence": "Buyer\u001b[2J",
  "a line break": "Buyer\r\nBcc: everybody@example.com",
  "a line separator": "Buyer\u2028One",
  "half of a surrogate pair": "Buyer \ud83d",
  "nothing but spaces": "   ",
  "a name beyond the limit": "n".repeat(121),
  "a number": 7,
  "an object": { $ne: null },
  null: null,
};

/** What is wrong with a reservation, an order, and everything else that an anonymous caller may send. */
export function badCheckouts(house: Target, rival: Target, holding: Holding): BadRequest[] {
  const path = `/v1/events/${house.eventId}/reservations`;
  const one = { ticketTypeId: house.paidTypeId, quantity: 1 };
  const reserve = (what: string, body: unknown, field: string, status = 422): BadRequest => ({
    what: `reservation: ${what}`,
    request: { path, body },
    status,
    field,
  });
  const quantity = (what: string, value: unknown) =>
    reserve(`quantity ${what}`, { items: [{ ...one, quantity: value }] }, "items.0.quantity");
  const rawQuantity = (text: string, status: number): BadRequest => ({
    what: `reservation: quantity ${text}`,
    request: { path, body: `{"items":[{"ticketTypeId":"${house.paidTypeId}","quantity":${text}}]}` },
    status,
  });
  const order = (what: string, change: object, field: string, status = 422): BadRequest => ({
    what: `order: ${what}`,
    request: {
      path: "/v1/orders",
      headers: { "x-reservation-secret": holding.secret },
      body: {
        reservationId: holding.reservationId,
        buyer: { name: "Buyer One", email: "buyer@example.com" },
        ...change,
      },
    },
    status,
    field,
  });
  return [
    quantity("zero", 0),
    quantity("negative", -1),
    quantity("fractional", 1.5),
    quantity("huge", 1e9),
    quantity("as text", "1"),
    quantity("as a list", [1]),
    quantity("null", null),
    quantity("true", true),
    quantity("one beyond the limit", 101),
    rawQuantity("1e400", 422),
    rawQuantity("-0", 422),
    rawQuantity("NaN", 400),
    rawQuantity("0x10", 400),
    reserve("more than an order may have", { items: [{ ...one, quantity: 11 }] }, "items.0.quantity"),
    reserve("no items", { items: [] }, "items"),
    reserve("items as an object", { items: { 0: one } }, "items"),
    reserve("too many items", { items: Array.from({ length: 21 }, () => one) }, "items"),
    reserve("one type twice", { items: [one, one] }, "items.1.ticketTypeId"),
    reserve("a status of its own", { items: [one], status: "confirmed" }, "status"),
    reserve("a price of its own", { items: [{ ...one, price: { amount: 1, currency: "EUR" } }] }, "items.0.price"),
    reserve("a total of its own", { items: [one], total: { amount: 0, currency: "EUR" } }, "total"),
    reserve("an access code with a NUL", { items: [one], accessCode: "a\u0000b" }, "accessCode"),
    reserve("an access code beyond the limit", { items: [one], accessCode: "a".repeat(65) }, "accessCode"),
    reserve("a list for a body", [one], "body"),
    reserve("text for a body", '"text"', "body"),
    reserve("null for a body", "null", "body"),
    reserve("deep nesting", `{"items":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "items.0"),
    reserve("a prototype", `{"items":[${JSON.stringify(one)}],"__proto__":{"quantity":1}}`, "__proto__"),
    reserve("a key twice, the last one wrong", `{"items":[${JSON.stringify(one)}],"items":[]}`, "items"),
    reserve("another event's ticket type", { items: [{ ...one, ticketTypeId: rival.paidTypeId }] }, "", 404),
    reserve(
      "a ticket type that does not exist",
      { items: [{ ...one, ticketTypeId: `tt_${"0".repeat(26)}` }] },
      "",
      404,
    ),
    reserve(
      "a ticket type's id that is none",
      { items: [{ ...one, ticketTypeId: "tt_'; --" }] },
      "items.0.ticketTypeId",
    ),
    ...Object.entries(badLines).map(([what, name]) =>
      order(`a buyer's name with ${what}`, { buyer: { name, email: "buyer@example.com" } }, "buyer.name"),
    ),
    order("an address that is none", { buyer: { name: "Buyer One", email: "buyer@" } }, "buyer.email"),
    order(
      "an address with a header",
      { buyer: { name: "Buyer One", email: "a@example.com\nBcc: b@example.com" } },
      "buyer.email",
    ),
    order(
      "an address beyond the limit",
      { buyer: { name: "Buyer One", email: `${"a".repeat(250)}@example.com` } },
      "buyer.email",
    ),
    order("a status of its own", { status: "confirmed" }, "status"),
    order("a total of its own", { total: { amount: 0, currency: "EUR" } }, "total"),
    order(
      "a buyer's id of its own",
      { buyer: { name: "Buyer One", email: "buyer@example.com", userId: "usr_1" } },
      "buyer.userId",
    ),
    order("more attendees than tickets", { attendees: [{ name: "Guest" }, { name: "Guest" }] }, "attendees"),
    order("answers to questions that cannot be", { answers: { "a b": "yes" } }, "answers.a b"),
    order("an answer beyond the limit", { answers: { diet: "x".repeat(501) } }, "answers.diet"),
    order("a reservation that is not there", { reservationId: withOtherEnd(holding.reservationId) }, "", 404),
  ];
}

/** What is wrong with what an organizer sends about things of their own. */
export function badOrganizing(own: Target, other: Target): BadRequest[] {
  const { token } = own;
  const event = (what: string, change: object, field: string, status = 422): BadRequest => ({
    what: `event: ${what}`,
    request: { path: "/v1/events", token, body: { organizationId: own.organizationId, title: "Concert", ...change } },
    status,
    field,
  });
  const noVenue = `ven_${"0".repeat(26)}`;
  const venue = (what: string, change: object, field: string, status = 422): BadRequest => ({
    what: `venue: ${what}`,
    request: {
      path: "/v1/venues",
      token,
      body: {
        organizationId: own.organizationId,
        name: "Hall",
        address: "1 Road",
        city: "Oslo",
        country: "NO",
        ...change,
      },
    },
    status,
    field,
  });
  const recurrence = (what: string, rrule: unknown, field: string, change: object = {}): BadRequest => ({
    what: `series: ${what}`,
    request: { path: `/v1/events/${own.eventId}/occurrences`, token, body: { rrule, ...change } },
    status: 422,
    field,
  });
  const type = (what: string, change: object, field: string, status = 422): BadRequest => ({
    what: `ticket type: ${what}`,
    request: {
      path: `/v1/events/${own.eventId}/ticket-types`,
      token,
      body: { name: "Seat", kind: "paid", price: { amount: 100, currency: "EUR" }, capacity: 5, ...change },
    },
    status,
    field,
  });
  const priced = (what: string, price: unknown, field: string) => type(`price ${what}`, { price }, field);
  const pool = (what: string, capacity: unknown): BadRequest => ({
    what: `pool: capacity ${what}`,
    request: { path: `/v1/events/${own.eventId}/pools`, token, body: { name: "Hall", capacity } },
    status: 422,
    field: "capacity",
  });
  const move = (what: string, name: string, body: unknown, field: string): BadRequest => ({
    what,
    request: { path: `/v1/events/${own.eventId}/${name}`, token, body },
    status: 422,
    field,
  });
  const patch = (what: string, path: string, body: unknown, field: string): BadRequest => ({
    what,
    request: { method: "PATCH", path, token, body },
    status: 422,
    field,
  });
  return [
    ...Object.entries(badLines)
      .filter(([what]) => what !== "a name beyond the limit")
      .map(([what, title]) => event(`a title with ${what}`, { title }, "title")),
    event("a title beyond the limit", { title: "t".repeat(201) }, "title"),
    event("a text beyond the limit", { description: "t".repeat(20_001) }, "description"),
    event("a status of its own", { status: "published" }, "status"),
    event("a slug that is none", { slug: "Not A Slug" }, "slug"),
    event("a version of its own", { version: 9 }, "version"),
    event("a gate without a password", { visibility: "password" }, "password"),
    event("a password without a gate", { password: "open sesame" }, "password"),
    event("a password beyond the limit", { visibility: "password", password: "p".repeat(101) }, "password"),
    event("a language that is none", { locale: "??" }, "locale"),
    event("a translation without a title", { translations: { de: {} } }, "translations.de.title"),
    event("a translation into its own language", { translations: { en: { title: "Again" } } }, "translations.en"),
    event("an age before birth", { minimumAge: -1 }, "minimumAge"),
    event("a link that runs", { links: [{ label: "x", url: "javascript:alert(1)" }] }, "links.0.url"),
    event("a contact that is no address", { contact: { email: "nobody" } }, "contact.email"),
    event("a start that is no time", { startsAt: "tomorrow" }, "startsAt"),
    event("a start on a day that does not exist", { startsAt: "2027-02-30T10:00:00Z" }, "startsAt"),
    event(
      "a start that its zone skips",
      { timezone: "Europe/Berlin", startsAt: { local: "2027-03-28T02:30" } },
      "startsAt",
    ),
    event(
      "a start that its zone has twice",
      { timezone: "Europe/Berlin", startsAt: { local: "2027-10-31T02:30" } },
      "startsAt",
    ),
    event("a date for a start with hours", { startsAt: "2027-01-01" }, "startsAt"),
    event("an instant for an all-day event", { allDay: true, startsAt: "2027-01-01T00:00:00Z" }, "startsAt"),
    move("a publication in the past", "publish", { publishAt: "2020-01-01T00:00:00Z" }, "publishAt"),
    move("a publication at no time", "publish", { publishAt: "soon" }, "publishAt"),
    move("a cancellation without words", "cancel", { note: "" }, "note"),
    move("a postponement with too many words", "postpone", { note: "n".repeat(1_001) }, "note"),
    move("a copy without a title", "duplicate", { title: "" }, "title"),
    move("a copy of another organization", "duplicate", { organizationId: other.organizationId }, "organizationId"),
    event("a time zone that does not exist", { timezone: "Europe/Atlantis" }, "timezone"),
    event("a location of no kind", { location: { kind: "moon" } }, "location.kind"),
    event("a venue that does not exist", { location: { kind: "venue", venueId: noVenue } }, "location.venueId"),
    event("a venue of no form", { location: { kind: "venue", venueId: "1 OR 1=1" } }, "location.venueId"),
    event("a place without an address", { location: { kind: "hybrid", name: "Hall" } }, "location.city"),
    event("a tag that is nothing", { tags: ["#"] }, "tags.0"),
    event("a tag with a NUL", { tags: ["a\u0000"] }, "tags.0"),
    event("too many tags", { tags: Array.from({ length: 21 }, (_, index) => `tag ${index}`) }, "tags"),
    event("an organization that is none", { organizationId: "org_1" }, "organizationId"),
    event("another's organization", { organizationId: other.organizationId }, "", 404),
    ...Object.entries(badLines)
      .filter(([what]) => what !== "a name beyond the limit")
      .map(([what, name]) => venue(`a name with ${what}`, { name }, "name")),
    venue("a country that is none", { country: "XX" }, "country"),
    venue("a point off the map", { latitude: 91 }, "latitude"),
    venue("a capacity as text", { capacity: "10" }, "capacity"),
    venue("a revision of its own", { revision: 9 }, "revision"),
    venue("a room of another venue", { rooms: [{ id: `rom_${"0".repeat(26)}`, name: "Room" }] }, "rooms.0.id"),
    venue("accessibility of no kind", { accessibility: { lift: true } }, "accessibility.lift"),
    venue("another's organization", { organizationId: other.organizationId }, "", 404),
    priced("negative", { amount: -1, currency: "EUR" }, "price.amount"),
    priced("fractional", { amount: 0.5, currency: "EUR" }, "price.amount"),
    priced("huge", { amount: 1e12, currency: "EUR" }, "price.amount"),
    priced("as text", { amount: "100", currency: "EUR" }, "price.amount"),
    priced("in no currency", { amount: 100, currency: "XXX" }, "price.currency"),
    priced("in lower case", { amount: 100, currency: "eur" }, "price.currency"),
    priced("with more than it has", { amount: 100, currency: "EUR", discount: 50 }, "price.discount"),
    type("another currency in one event", { price: { amount: 100, currency: "USD" } }, "price.currency"),
    type("paid without a price", { price: undefined }, "price"),
    type("free with a price", { kind: "free" }, "price"),
    type("of no kind", { kind: "stolen" }, "kind"),
    type("capacity negative", { capacity: -1 }, "capacity"),
    type("capacity fractional", { capacity: 1.5 }, "capacity"),
    type("capacity huge", { capacity: 1e9 }, "capacity"),
    type("both a capacity and pools", { poolIds: [own.poolId] }, "poolIds"),
    type("another event's pool", { capacity: undefined, poolIds: [other.poolId] }, "", 404),
    type("least above most", { minPerOrder: 5, maxPerOrder: 2 }, "minPerOrder"),
    type(
      "an end before its start",
      { salesStartAt: "2027-02-01T00:00:00Z", salesEndAt: "2027-01-01T00:00:00Z" },
      "salesEndAt",
    ),
    type("a start that is a duration", { salesStartAt: "P1D" }, "salesStartAt"),
    type("an end so many weeks before", { salesEndAt: { before: "P1W", of: "start" } }, "salesEndAt.before"),
    type("an end before and after", { salesEndAt: { before: "P1D", after: "P1D", of: "start" } }, "salesEndAt"),
    type("a start that is after the event", { salesStartAt: { after: "PT0M", of: "end" } }, "salesStartAt"),
    type("stock of its own", { sold: 0 }, "sold"),
    pool("negative", -1),
    pool("fractional", 0.1),
    pool("huge", 1e15),
    pool("as text", "10"),
    patch("profile: an administrator's right", "/v1/users/profile", { platformAdmin: true }, "platformAdmin"),
    patch("profile: another address", "/v1/users/profile", { email: "other@example.com" }, "email"),
    patch("profile: a verified address", "/v1/users/profile", { emailVerified: true }, "emailVerified"),
    patch("organization: another owner", `/v1/organizations/${own.organizationId}`, { ownerId: "usr_1" }, "ownerId"),
    patch("organization: another id", `/v1/organizations/${own.organizationId}`, { id: "org_1" }, "id"),
    patch("event: another's", `/v1/events/${own.eventId}`, { organizationId: other.organizationId }, "organizationId"),
    patch("event: a version of its own", `/v1/events/${own.eventId}`, { version: 99 }, "version"),
    recurrence("no rule", undefined, "rrule"),
    recurrence("a rule that is a list", ["FREQ=DAILY;COUNT=2"], "rrule"),
    recurrence("a rule without an end", "FREQ=DAILY", "rrule"),
    recurrence("a rule by the second", "FREQ=SECONDLY;COUNT=2", "rrule"),
    recurrence("a rule that never matches", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "rrule"),
    recurrence("a rule of a billion dates", "FREQ=DAILY;COUNT=999999999", "rrule"),
    recurrence("a rule with a line of its own", "FREQ=DAILY;COUNT=2\r\nATTENDEE:mailto:everybody@example.com", "rrule"),
    recurrence("a rule beyond the limit", `FREQ=DAILY;COUNT=2;BYHOUR=${"1,".repeat(250)}1`, "rrule"),
    recurrence("an addition that no calendar has", "FREQ=DAILY;COUNT=2", "additions.0", { additions: ["2037-02-30"] }),
    recurrence("an exception with an offset", "FREQ=DAILY;COUNT=2", "exceptions.0", {
      exceptions: ["2037-01-01T10:00Z"],
    }),
    {
      what: "door: a code beyond the limit",
      request: { path: `/v1/events/${own.eventId}/check-ins`, token, body: { code: "F1.".repeat(100) } },
      status: 422,
      field: "code",
    },
    {
      what: "organization: a name with markup is a name, one with a NUL is none",
      request: { path: "/v1/organizations", token, body: { name: "<script>\u0000" } },
      status: 422,
      field: "name",
    },
  ];
}

/** An id of the same form and event that is another one. */
function withOtherEnd(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
}
