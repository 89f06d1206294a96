import type { Rule, SourceTree, Violation } from "../source-tree.ts";
import { configsOf } from "./ownership.ts";

/** The page that says what is kept, where, for how long, and of whom. */
export const page = "docs/design/storage.md";

/** Something that holds data: where the page must name it (owner and heading), and the file that makes it. */
interface Holding {
  readonly place: string;
  readonly name: string;
  readonly file: string;
}

const statement =
  /\b(?:CREATE (?:VIRTUAL )?TABLE(?: IF NOT EXISTS)?\s+[`"]?(?<made>\w+)|DROP TABLE(?: IF EXISTS)?\s+[`"]?(?<dropped>\w+)|ALTER TABLE\s+[`"]?(?<from>\w+)[`"]?\s+RENAME TO\s+[`"]?(?<to>\w+))/gi;

/** Tables that are there once these files have run in order, each with the file that made it. */
function tablesOf(files: readonly (readonly [string, string])[]): Map<string, string> {
  const tables = new Map<string, string>();
  for (const [file, text] of files) {
    for (const { groups } of text.matchAll(statement)) {
      const gone = groups?.dropped ?? groups?.from;
      const made = groups?.made ?? groups?.to;
      if (gone !== undefined) tables.delete(gone);
      if (made !== undefined) tables.set(made, file);
    }
  }
  return tables;
}

function databaseHoldings(tree: SourceTree): Holding[] {
  const byDomain = Map.groupBy(
    [...tree].filter(([file]) => /^migrations\/[a-z]+\/[^/]+\.sql$/.test(file)).sort(([a], [b]) => (a < b ? -1 : 1)),
    ([file]) => file.split("/")[1] ?? "",
  );
  return [...byDomain].flatMap(([domain, files]) =>
    [...tablesOf(files)].map(([name, file]) => ({ place: `${domain} / Database`, name, file })),
  );
}

function bindingHoldings(tree: SourceTree): Holding[] {
  return configsOf(tree).flatMap(({ file, domain, config }) => {
    const queues = [
      ...(config.queues?.producers ?? []).map(({ queue }) => queue),
      ...(config.queues?.consumers ?? []).flatMap(({ queue, dead_letter_queue: letters }) => [queue, letters]),
    ].filter((queue) => queue !== undefined);
    const schema = `workers/${domain}/src/durable-objects/schema.ts`;
    return [
      // A queue is named after the worker that consumes it.
      ...queues.map((name) => ({ place: `${name.replace(/^foyer-|-dlq$/g, "")} / Queues`, name, file })),
      ...(config.r2_buckets ?? []).map(({ bucket_name: name }) => ({ place: `${domain} / Buckets`, name, file })),
      ...(config.durable_objects?.bindings ?? [])
        .filter(({ script_name: elsewhere }) => elsewhere === undefined)
        .flatMap(({ class_name: name }) => {
          const place = `${domain} / Object ${name}`;
          const tables = [...tablesOf([[schema, tree.get(schema) ?? ""]]).keys()];
          return [{ place, name, file }, ...tables.map((table) => ({ place, name: table, file: schema }))];
        }),
    ];
  });
}

/** One line of the page: a heading has no cells. */
interface PageLine {
  /** The `##` heading above. */
  readonly owner: string;
  /** The `###` heading above it; empty where there is none. */
  readonly kind: string;
  readonly cells: readonly string[];
}

/** The headings and table rows of the page. */
export function linesOf(text: string): PageLine[] {
  const found: PageLine[] = [];
  let owner = "";
  let kind = "";
  for (const line of text.split("\n")) {
    const heading = /^(###?) (.+)$/.exec(line);
    if (heading?.[1] === "##") [owner, kind] = [heading[2] ?? "", ""];
    else if (heading !== null) kind = (heading[2] ?? "").replaceAll("`", "");
    else if (!line.startsWith("| ")) continue;
    const cells = heading === null ? line.split("|").slice(1, -1) : [];
    found.push({ owner, kind, cells: cells.map((cell) => cell.trim()) });
  }
  return found;
}

/** What the page names: the first cell of every row, under its owner's `##` and the kind's `###` heading. */
function documented(text: string): Holding[] {
  return linesOf(text).flatMap(({ owner, kind, cells }) => {
    const [cell] = cells;
    const name = (cell === undefined ? /^Object (\w+)$/ : /^`([\w-]+)`$/).exec(cell ?? kind)?.[1];
    return name === undefined || kind === "" ? [] : [{ place: `${owner} / ${kind}`, name, file: page }];
  });
}

function missing(
  wanted: readonly Holding[],
  known: readonly Holding[],
  say: (holding: Holding) => string,
): Violation[] {
  const keys = new Set(known.map(({ place, name }) => `${place} / ${name}`));
  return wanted
    .filter(({ place, name }) => !keys.has(`${place} / ${name}`))
    .map((holding) => ({ rule: "storage-documented", file: holding.file, message: say(holding) }));
}

/** The page of storage names every table, bucket, queue and object class under its owner, and nothing that is gone. */
export const storageDocumented: Rule = {
  name: "storage-documented",
  check: (tree) => {
    const held = [...databaseHoldings(tree), ...bindingHoldings(tree)];
    const named = documented(tree.get(page) ?? "");
    return [
      ...missing(held, named, ({ place, name }) => `${name} is not named in ${page} under ${place}`),
      ...missing(named, held, ({ place, name }) => `names ${name} under ${place}, which does not exist`),
    ];
  },
};
