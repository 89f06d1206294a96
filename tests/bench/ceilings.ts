import { readFile } from "node:fs/promises";
import path from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { freePort } from "../../scripts/platform/start.ts";

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
/** Rows of the bare table that list and search are held against. */
const bareEvents = 10_000;

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
  const db = await miniflare.getD1Database("BENCH_DB", "bare");
  await db.batch([
    db.prepare("CREATE TABLE bare_events (id INTEGER PRIMARY KEY, title TEXT NOT NULL, starts_at INTEGER NOT NULL)"),
    db
      .prepare(
        `INSERT INTO bare_events (id, title, starts_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i, 'Event ' || i, i FROM n`,
      )
      .bind(bareEvents),
    db.prepare("CREATE INDEX bare_events_by_start ON bare_events (starts_at, id)"),
  ]);
  return {
    barePort: ports[0],
    behindGatewayPort: ports[1],
    stop: () => miniflare.dispose(),
  };
}
