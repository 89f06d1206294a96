import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { CsvError, parse } from "csv-parse/sync";

/** A table as a file had it. */
export interface CsvTable {
  readonly header: readonly string[];
  /** Lines that hold anything, with their number in the file. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/**
 * Reads a table of comma, semicolon or tab separated values (RFC 4180), whichever its first line has most of. `events.import_unreadable` where it
 * is none, `events.import_too_long` past {@link limits.importLinesMax} lines.
 */
export function readCsv(text: string): Result<CsvTable> {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      // One more than may be, so that a longer file is known to be longer; the header is a line as well.
      to: limits.importLinesMax + 2,
      max_record_size: limits.importLineCharsMax,
    }) as unknown as typeof records; // what `info: true` makes of it, which the types do not know
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const line = typeof thrown.lines === "number" ? thrown.lines : null;
    return fail("events.import_unreadable", "The file is not a table of separated values.", { extra: { line } });
  }
  const [first, ...others] = records;
  if (first === undefined || others.length === 0)
    return fail("events.import_unreadable", "The file needs a line of column names and a line for each event.");
  if (others.length > limits.importLinesMax)
    return fail("events.import_too_long", `A file has at most ${limits.importLinesMax} events.`, {
      extra: { linesMax: limits.importLinesMax },
    });
  const rows = others.map(({ record, info }) => ({ line: info.lines - lineBreaksIn(record), cells: record }));
  return ok({ header: first.record, rows });
}

/** A record's own number is that of its last line; breaks inside quotes lie between that and its first. */
function lineBreaksIn(cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
}

function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = end === -1 ? text : text.slice(0, end);
  const counts = [",", ";", "\t"].map((mark) => ({ mark, count: first.split(mark).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).mark;
}
