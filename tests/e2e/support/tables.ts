import type { Domain } from "../../../scripts/platform/workers.ts";
import { until } from "../../../scripts/sale/mails.ts";
import type { World } from "./world.ts";

const databases: readonly Domain[] = [
  "users",
  "events",
  "bookings",
  "payments",
  "notifications",
  "search",
  "analytics",
];

/** Does something with every table of every database, by `domain.table`. */
async function eachTable(
  world: World,
  act: (name: string, db: Awaited<ReturnType<World["platform"]["database"]>>, table: string) => Promise<void>,
): Promise<void> {
  for (const domain of databases) {
    const db = await world.platform.database(domain);
    const { results } = await db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
      )
      .all<{ name: string }>();
    for (const { name } of results) await act(`${domain}.${name}`, db, name);
  }
}

/** Rows of every table of every database, by `domain.table`. */
async function countAllRows(world: World): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  await eachTable(world, async (name, db, table) => {
    const row = await db.prepare(`SELECT count(*) AS n FROM "${table}"`).first<{ n: number }>();
    counts[name] = row?.n ?? 0;
  });
  return counts;
}

/** Every table of every database that has one of these texts in a row, in upper or lower case; sorted, `domain.table`. */
export async function tablesHolding(world: World, texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  await eachTable(world, async (name, db, table) => {
    const { results } = await db.prepare(`SELECT * FROM "${table}"`).all();
    const rows = JSON.stringify(results).toLowerCase();
    if (texts.some((text) => rows.includes(text.toLowerCase()))) found.push(name);
  });
  return found.sort();
}

/** Rows once nothing moves any more: outboxes are empty, and nothing has changed for two seconds. */
export async function countAllRowsAtRest(world: World): Promise<Readonly<Record<string, number>>> {
  let last = "";
  let sinceMs = performance.now();
  return until(
    "the platform to come to rest",
    async () => {
      const counts = await countAllRows(world);
      const text = JSON.stringify(counts);
      if (text !== last || Object.entries(counts).some(([name, n]) => name.endsWith(".outbox") && n > 0)) {
        last = text;
        sinceMs = performance.now();
      }
      return performance.now() - sinceMs > 2_000 ? counts : null;
    },
    30_000,
  );
}
