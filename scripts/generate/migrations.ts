import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { generateSQLiteDrizzleJson } from "drizzle-kit/api";
import { type Domain, root } from "../platform/workers.ts";

/**
 * Whether a domain's schema says something that its newest migration does not. Compares what drizzle-kit would record with
 * what it recorded last: tables and views; the rest of a record is about the record.
 */
export async function staleMigrations(domain: Domain): Promise<boolean> {
  const schema: unknown = await import(path.join(root, "workers", domain, "src/db/schema.ts"));
  const wanted = await generateSQLiteDrizzleJson({ ...Object(schema) });
  const recorded = await newestSnapshot(path.join(root, "migrations", domain, "meta"));
  if (recorded === null) return true;
  const relevant = ({ tables, views }: { readonly tables?: unknown; readonly views?: unknown }): unknown =>
    JSON.parse(JSON.stringify({ tables, views })); // drops members that are undefined, as writing the record did
  return !isDeepStrictEqual(relevant(wanted), relevant(recorded));
}

async function newestSnapshot(directory: string): Promise<Record<string, unknown> | null> {
  const journal: unknown = JSON.parse(
    await readFile(path.join(directory, "_journal.json"), "utf8").catch(() => "null"),
  );
  if (typeof journal !== "object" || journal === null || !("entries" in journal)) return null;
  const { entries } = journal;
  const newest: unknown = Array.isArray(entries) ? entries.at(-1) : undefined;
  if (typeof newest !== "object" || newest === null || !("tag" in newest)) return null;
  const number = String(newest.tag).slice(0, 4);
  return JSON.parse(await readFile(path.join(directory, `${number}_snapshot.json`), "utf8"));
}
