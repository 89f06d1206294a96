import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { unstable_splitSqlQuery } from "wrangler";
import { type Domain, root } from "./workers.ts";

/**
 * Brings one database to the newest schema, noting what was applied in the table that `wrangler d1 migrations` uses too. Each
 * file is one batch, so it is applied whole or not at all.
 */
export async function migrate(db: D1Database, domain: Domain): Promise<string[]> {
  const folder = path.join(root, "migrations", domain);
  if (!existsSync(folder)) return [];
  await db
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql") && !applied.has(name)).sort();
  for (const name of files) {
    const statements = unstable_splitSqlQuery(await readFile(path.join(folder, name), "utf8"));
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare("INSERT INTO d1_migrations (name) VALUES (?1)").bind(name),
    ]);
  }
  return files;
}
