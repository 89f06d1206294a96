import type { FieldFault } from "@foyer/kernel/result";
import type { Columns, ImportField } from "./columns.ts";
import { type DateOrder, type ImportedTime, readTime } from "./dates.ts";

/** How a file is to be read. */
export interface ImportOptions {
  /** Where a line names no zone. */
  readonly timezone: string;
  readonly dateOrder: DateOrder | null;
}

/** A line as the body of a new event, still to be validated; or all that is wrong with it by column. */
export interface ReadRow {
  readonly body: Readonly<Record<string, unknown>>;
  /** By slug or name, for whoever knows the categories. */
  readonly category: string | null;
  readonly externalId: string | null;
  readonly faults: readonly FieldFault[];
}

/** Turns one line into the body of `POST /v1/events`. What a line leaves empty is left out. */
export function readRow(cells: readonly string[], columns: Columns, options: ImportOptions): ReadRow {
  const faults: FieldFault[] = [];
  const text = (field: ImportField): string => {
    const column = columns.byField.get(field);
    return column === undefined ? "" : (cells[column.index] ?? "").trim();
  };
  const fault = (field: ImportField, code: string, message: string): void => {
    faults.push({ path: pathOf(columns, field), code, message });
  };
  const moment = (day: "start" | "end", clock: "startTime" | "endTime"): ImportedTime | null => {
    if (text(day) === "") return null;
    const read = readTime(text(day), text(clock), options.dateOrder);
    if (read.kind !== "fault") return read;
    fault(day, read.code, faultTexts[read.code]);
    return null;
  };

  const start = moment("start", "startTime");
  const end = moment("end", "endTime");
  const allDay = start?.kind === "date" && (end === null || end.kind === "date");
  if (!allDay && start?.kind === "date") fault("start", "import.time_missing", "A time of day is missing");
  if (!allDay && end?.kind === "date") fault("end", "import.time_missing", "A time of day is missing");

  const body: Record<string, unknown> = {
    title: text("title"),
    description: text("description"),
    timezone: text("timezone") || options.timezone,
    allDay,
    startsAt: inputOf(start),
    // A day alone lasts that day.
    endsAt: inputOf(allDay ? (end ?? start) : end),
    location: readLocation(text, fault),
    tags: text("tags")
      .split(/[,;|]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
    visibility: readVisibility(text("visibility"), text("listed")),
  };
  if (text("slug") !== "") body.slug = text("slug");
  return { body, category: text("category") || null, externalId: text("externalId") || null, faults };
}

/** Name of the column that a field of an event came from, for the report; the field's own where the file has none. */
export function pathOf(columns: Columns, field: ImportField): string {
  return columns.byField.get(field)?.header ?? field;
}

const fieldsOfBody: Readonly<Record<string, ImportField>> = {
  title: "title",
  description: "description",
  timezone: "timezone",
  startsAt: "start",
  endsAt: "end",
  "location.name": "venue",
  "location.address": "address",
  "location.city": "city",
  "location.region": "region",
  "location.postalCode": "postalCode",
  "location.country": "country",
  "location.latitude": "latitude",
  "location.longitude": "longitude",
  "location.url": "url",
  location: "venue",
  categoryId: "category",
  tags: "tags",
  visibility: "visibility",
  slug: "slug",
};

/** The column that a path of an event's body came from. */
export function columnOf(columns: Columns, bodyPath: string): string {
  const [first = ""] = bodyPath.split(".");
  const field = fieldsOfBody[bodyPath] ?? fieldsOfBody[first];
  return field === undefined ? bodyPath : pathOf(columns, field);
}

const faultTexts = {
  "import.date_unreadable": "Not a date and time that can be read; write 2026-07-01 19:00",
  "import.date_ambiguous": "Day or month first? Say dateOrder=dmy or dateOrder=mdy",
} as const;

function inputOf(time: ImportedTime | null): unknown {
  if (time === null) return null;
  if (time.kind === "instant") return time.instant;
  return time.kind === "date" ? time.date : { local: time.local };
}

function readLocation(
  text: (field: ImportField) => string,
  fault: (field: ImportField, code: string, message: string) => void,
): unknown {
  const number = (field: "latitude" | "longitude"): number | undefined => {
    const value = text(field);
    if (value === "") return undefined;
    if (/^-?\d{1,3}(?:\.\d+)?$/.test(value)) return Number(value);
    fault(field, "import.number_unreadable", "Not a number of degrees");
    return undefined;
  };
  const hasVenue = text("venue") !== "" || text("address") !== "" || text("city") !== "";
  const isOnline = isYes(text("online")) || text("url") !== "";
  if (!hasVenue && !isOnline) return null;
  const url = text("url") === "" ? {} : { url: text("url") };
  if (!hasVenue) return { kind: "online", ...url };
  const optional = Object.fromEntries(
    (["region", "postalCode"] as const).flatMap((field) => (text(field) === "" ? [] : [[field, text(field)]])),
  );
  const [latitude, longitude] = [number("latitude"), number("longitude")];
  return {
    kind: isOnline ? "hybrid" : "venue",
    name: text("venue"),
    address: text("address"),
    city: text("city"),
    country: text("country"),
    ...optional,
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
    ...(isOnline ? url : {}),
  };
}

/** Said outright, or as Eventbrite does: what is not listed has to be known. Anything else is left for validation to refuse. */
function readVisibility(visibility: string, listed: string): string {
  if (visibility !== "") return visibility.toLowerCase();
  return listed === "" || isYes(listed) ? "public" : "unlisted";
}

function isYes(text: string): boolean {
  return ["yes", "y", "true", "1", "online", "x"].includes(text.toLowerCase());
}
