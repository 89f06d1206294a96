/** Which of two numbers around slashes is the month. */
export type DateOrder = "mdy" | "dmy";

/** A moment as an imported file gives it: an instant, a wall-clock time, or a day alone. */
export type ImportedTime =
  | { readonly kind: "instant"; readonly instant: string }
  | { readonly kind: "local"; readonly local: string }
  | { readonly kind: "date"; readonly date: string };

export type ReadTime =
  | ImportedTime
  | { readonly kind: "fault"; readonly code: "import.date_unreadable" | "import.date_ambiguous" };

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const unreadable = { kind: "fault", code: "import.date_unreadable" } as const;
const ambiguous = { kind: "fault", code: "import.date_ambiguous" } as const;

/**
 * Reads a date and a time as spreadsheets and exports write them: ISO 8601 with or without offset, `Jul 1, 2026 7:00 PM`, `1 July 2026, 19:00`,
 * `1.7.2026` (day first), `7/1/2026`. With slashes it must be known which comes first, from `order` or because one of them is no
 * month. The time may stand in a column of its own.
 */
export function readTime(dateText: string, timeText: string, order: DateOrder | null): ReadTime {
  const text = dateText.trim().replace(/\s+/g, " ");
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/.test(text)) {
    const epochMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
    return Number.isNaN(epochMs) ? unreadable : { kind: "instant", instant: new Date(epochMs).toISOString() };
  }
  const { date, rest } = splitDate(text);
  if (date === null) return unreadable;
  const day = readDate(date, order);
  if (typeof day !== "string") return day;
  const clock = timeText.trim() === "" ? rest : timeText.trim();
  if (clock === "") return { kind: "date", date: day };
  const time = readClock(clock);
  return time === null ? unreadable : { kind: "local", local: `${day}T${time}` };
}

const datePattern =
  /^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|(?:\p{L}{3,9}\.?,? )?(?:\p{L}{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? \p{L}{3,9}\.?,? \d{4}))(?:,? at |,? |T|$)(.*)$/iu;

function splitDate(text: string): { readonly date: string | null; readonly rest: string } {
  const [, date, rest] = datePattern.exec(text) ?? [];
  return { date: date ?? null, rest: rest?.trim() ?? "" };
}

function readDate(text: string, order: DateOrder | null): string | ReadTime {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso !== null) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const numbers = /^(\d{1,2})([./])(\d{1,2})\2(\d{2}|\d{4})$/.exec(text);
  if (numbers !== null) {
    const [first, second] = [Number(numbers[1]), Number(numbers[3])];
    const year = fullYear(Number(numbers[4]));
    if (numbers[2] === ".") return dayOf(year, second, first);
    if (first === second || first > 12 || order === "dmy") return dayOf(year, second, first);
    if (second > 12 || order === "mdy") return dayOf(year, first, second);
    return ambiguous;
  }
  const words = /(\p{L}{3,9})\.? (\d{1,2}),? (\d{4})$/iu.exec(text);
  if (words !== null) return dayOf(Number(words[3]), monthOf(words[1] ?? ""), Number(words[2]));
  const dayFirst = /(\d{1,2})\.? (\p{L}{3,9})\.?,? (\d{4})$/iu.exec(text);
  if (dayFirst !== null) return dayOf(Number(dayFirst[3]), monthOf(dayFirst[2] ?? ""), Number(dayFirst[1]));
  return unreadable;
}

function fullYear(year: number): number {
  return year < 100 ? 2_000 + year : year;
}

/** 1 to 12, or 0 where the word is no month's English name or its beginning. */
function monthOf(word: string): number {
  const index = months.indexOf(word.slice(0, 3).toLowerCase());
  if (index === -1) return 0;
  const whole = new Date(Date.UTC(2000, index, 1)).toLocaleDateString("en-US", { month: "long", timeZone: "UTC" });
  return whole.toLowerCase().startsWith(word.toLowerCase()) || word.toLowerCase() === "sept" ? index + 1 : 0;
}

function dayOf(year: number, month: number, day: number): string | ReadTime {
  const moment = new Date(Date.UTC(year, month - 1, day));
  const isDay = moment.getUTCFullYear() === year && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
  return isDay && month > 0 ? moment.toISOString().slice(0, 10) : unreadable;
}

/** `19:00`, `19:00:30`, `7 PM`, `7:00pm` as `HH:MM:SS`; null where it is none. */
function readClock(text: string): string | null {
  const [, hours, minutes = "00", seconds = "00", half] =
    /^(\d{1,2})(?:[:.](\d{2}))?(?::(\d{2}))? ?([ap]\.?m\.?)?$/i.exec(text) ?? [];
  if (hours === undefined) return null;
  if (half === undefined && !/[:.]/.test(text)) return null;
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.toLowerCase().startsWith("p") ? 12 : 0);
  }
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  return `${String(hour).padStart(2, "0")}:${minutes}:${seconds}`;
}
