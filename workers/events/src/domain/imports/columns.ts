/** What a column of an imported file may mean for an event. */
export const importFields = [
  "externalId",
  "title",
  "description",
  "start",
  "startTime",
  "end",
  "endTime",
  "timezone",
  "venue",
  "address",
  "city",
  "region",
  "postalCode",
  "country",
  "latitude",
  "longitude",
  "online",
  "url",
  "category",
  "tags",
  "visibility",
  "listed",
  "slug",
] as const;
export type ImportField = (typeof importFields)[number];

/**
 * Names of columns, without case and punctuation: our own, those of Eventbrite's export of events, and those that its API's objects have once
 * they are flattened into a table.
 */
const names: Readonly<Record<ImportField, readonly string[]>> = {
  externalId: ["external id", "event id", "id"],
  title: ["title", "event name", "event title", "name", "name text", "event"],
  description: ["description", "event description", "description text", "summary", "event summary"],
  start: ["starts at", "start", "start date", "event start date", "event start", "start local", "start utc", "date"],
  startTime: ["start time", "event start time", "time"],
  end: ["ends at", "end", "end date", "event end date", "event end", "end local", "end utc"],
  endTime: ["end time", "event end time"],
  timezone: ["timezone", "time zone", "event timezone", "start timezone", "event time zone"],
  venue: ["venue", "venue name", "event venue", "location", "location name", "event location"],
  address: ["address", "venue address", "address 1", "address line 1", "street", "venue address address 1"],
  city: ["city", "venue city", "town", "event city", "venue address city"],
  region: ["region", "state", "venue state", "venue region", "venue address region"],
  postalCode: ["postal code", "zip", "zip code", "venue postal code", "venue zip", "venue address postal code"],
  country: ["country", "venue country", "event country", "venue address country"],
  latitude: ["latitude", "lat", "venue latitude"],
  longitude: ["longitude", "lng", "lon", "venue longitude"],
  online: ["online", "online event", "is online", "virtual"],
  url: ["online url", "meeting url", "online link", "join url"],
  category: ["category", "event category", "category name"],
  tags: ["tags", "event tags", "keywords"],
  visibility: ["visibility", "privacy", "event privacy"],
  listed: ["listed", "is listed"],
  slug: ["slug"],
};

const fieldByName: ReadonlyMap<string, ImportField> = new Map(
  importFields.flatMap((field) => names[field].map((name) => [name, field] as const)),
);

/** A file's header, read: which column means what, and which mean nothing here. */
export interface Columns {
  /** For each field its column's index and its name as the file has it. */
  readonly byField: ReadonlyMap<ImportField, { readonly index: number; readonly header: string }>;
  readonly ignored: readonly string[];
}

/** Reads a header. Of two columns that mean the same, the first counts. */
export function readHeader(header: readonly string[]): Columns {
  const byField = new Map<ImportField, { index: number; header: string }>();
  const ignored: string[] = [];
  for (const [index, text] of header.entries()) {
    const field = fieldByName.get(plainName(text));
    if (field === undefined || byField.has(field)) ignored.push(text);
    else byField.set(field, { index, header: text });
  }
  return { byField, ignored };
}

/** `Event Start-Date` and `event.start_date`, `startsAt` and `starts at` are the same. */
function plainName(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
