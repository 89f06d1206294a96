import { readFile } from "node:fs/promises";
import path from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { freePort } from "../../scripts/platform/start.ts";
import { benchEvents, benchLocation } from "./seed.ts";

/** The bare workers, running; each on a socket of its own. */
export interface Ceilings {
  /** One Worker that answers, calls an object, holds in the bare object, or asks D1, by path. */
  readonly barePort: number;
  /** The same behind a gateway that only passes on: what lies behind the real gateway has this ceiling. */
  readonly behindGatewayPort: number;
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const compatibilityDate = "2026-10-01";
/** Starts the bare workers in one workerd of their own. */
export async function startCeilings(): Promise<Ceilings> {
  const folder = path.join(import.meta.dirname, "workers");
  const [ceilings, front] = await Promise.all(
    ["ceilings.mjs", "front.mjs"].map((name) => readFile(path.join(folder, name), "utf8")),
  );
  const ports = [await freePort(), await freePort()] as const;
  const module = (contents: string | undefined) => [
    { type: "ESModule" as const, path: "index.mjs", contents: contents ?? "" },
  ];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host,
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      telemetry: { enabled: false },
      workers: [
        {
          name: "bare",
          modules: module(ceilings),
          compatibilityDate,
          durableObjects: { BARE: { className: "BareObject", useSQLite: true } },
          d1Databases: { BENCH_DB: "bench" },
          r2Buckets: { BENCH_BUCKET: "bench" },
          unsafeDirectSockets: [{ host, port: ports[0] }],
        },
        {
          name: "bare-gateway",
          modules: module(front),
          compatibilityDate,
          serviceBindings: { BEHIND: "bare" },
          unsafeDirectSockets: [{ host, port: ports[1] }],
        },
      ],
    }),
  );
  await miniflare.ready;
  await fillBareDatabase(await miniflare.getD1Database("BENCH_DB", "bare"));
  return {
    barePort: ports[0],
    behindGatewayPort: ports[1],
    stop: () => miniflare.dispose(),
  };
}

/** The events of the stage, in one plain table and one plain index of texts. */
async function fillBareDatabase(db: D1Database): Promise<void> {
  await db.batch([
    db.prepare(
      `CREATE TABLE bare_events (id TEXT PRIMARY KEY, organization_id TEXT, organization_name TEXT, slug TEXT, status TEXT, version INTEGER,
         title TEXT, summary TEXT, description TEXT, starts_at_ms INTEGER, ends_at_ms INTEGER, timezone TEXT, location TEXT, category_id TEXT,
         tags TEXT, visibility TEXT, cover_media_id TEXT, created_at_ms INTEGER, updated_at_ms INTEGER, published_at_ms INTEGER)`,
    ),
    db.prepare("CREATE VIRTUAL TABLE bare_texts USING fts5 (title, description, tokenize = 'porter unicode61')"),
  ]);
  for (const rows of benchEvents(bareIds, 500)) {
    await db
      .prepare(
        `INSERT INTO bare_events SELECT value ->> 'id', 'org_bench', 'Bench Hall', value ->> 'slug', 'published', 1, value ->> 'title',
           value ->> 'description', value ->> 'description', value ->> 'startsAtMs', value ->> 'endsAtMs', 'Europe/Berlin', ?2, NULL, '["bench"]',
           'public', NULL, 0, 0, 0 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(rows), benchLocation)
      .run();
  }
  await db.batch([
    db.prepare("INSERT INTO bare_texts (rowid, title, description) SELECT rowid, title, description FROM bare_events"),
    db.prepare("CREATE INDEX bare_events_by_start ON bare_events (starts_at_ms, id)"),
  ]);
}

/** Ids of the bare events, in order. */
export const bareIds: readonly string[] = Array.from({ length: 10_000 }, (_, index) => `evt_bare_${index}`);
