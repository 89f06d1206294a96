import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  type V4WorkerOptions,
} from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { Bundle } from "./build.ts";
import { migrate } from "./migrate.ts";
import type { Secrets } from "./secrets.ts";
import { configPathOf, type Domain, workerNameOf } from "./workers.ts";

/** One local deployment of all workers, in one workerd, over their real configurations. */
export interface Platform {
  /** Where the gateway answers, without a trailing slash. */
  readonly url: string;
  readonly miniflare: Miniflare;
  /** Replaces the workers by newly built ones; what is stored stays. */
  reload(bundles: readonly Bundle[]): Promise<void>;
  /** Runs a worker's cron trigger now. */
  runCron(domain: Domain): Promise<void>;
  /** A worker's own database, for looking at what it stored. */
  database(domain: Domain): Promise<D1Database>;
  stop(): Promise<void>;
}

export interface PlatformOptions {
  readonly bundles: readonly Bundle[];
  /** Port of the gateway on the loopback address. */
  readonly port: number;
  /** Where databases, objects and media are kept; left out, they die with the process. */
  readonly stateDirectory?: string;
  readonly secrets: Secrets;
  /** Variables that replace those of the configurations, by worker. */
  readonly variables?: { readonly [D in Domain]?: Readonly<Record<string, string>> };
  /** Port of the inspector protocol, for debuggers and profilers; left out, there is none. */
  readonly inspectorPort?: number;
  /** What the workers log; left out, it goes nowhere. */
  readonly onLog?: (line: string, level: string) => void;
}

const host = "127.0.0.1";

/** Starts all workers and migrates their databases. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const miniflare = new Miniflare(await runtimeOptions(options, options.bundles));
  const database = (domain: Domain): Promise<D1Database> =>
    miniflare.getD1Database(`${domain.toUpperCase()}_DB`, workerNameOf(domain));
  const migrateAll = async (): Promise<void> => {
    await miniflare.ready;
    for (const { domain } of options.bundles) if (domain !== "gateway") await migrate(await database(domain), domain);
  };
  try {
    await migrateAll();
  } catch (thrown) {
    await miniflare.dispose();
    throw thrown;
  }
  return {
    url: `http://${host}:${options.port}`,
    miniflare,
    database,
    async reload(bundles) {
      await miniflare.setOptions(await runtimeOptions(options, bundles));
      await migrateAll();
    },
    async runCron(domain) {
      const worker = await miniflare.getWorker(workerNameOf(domain));
      await worker.scheduled({ cron: "* * * * *" });
    },
    stop: () => miniflare.dispose(),
  };
}

async function runtimeOptions(options: PlatformOptions, bundles: readonly Bundle[]): Promise<MiniflareOptions> {
  const { onLog } = options;
  const workers = await Promise.all(bundles.map((bundle) => workerOptions(bundle, options)));
  // The gateway answers for everything that reaches the entry of the runtime.
  workers.sort((left, right) => Number(right.name === "foyer-gateway") - Number(left.name === "foyer-gateway"));
  return convertV4MiniflareOptions({
    host,
    port: 0,
    cf: false,
    log: new Log(LogLevel.ERROR),
    telemetry: { enabled: false },
    ...(options.stateDirectory === undefined ? {} : { resourcePersistencePath: options.stateDirectory }),
    ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort, inspectorHost: host }),
    handleStructuredLogs: ({ level, message }) => onLog?.(message, level),
    workers,
  });
}

/** Bundled files by their ending; everything else beside a bundle is for people. */
const moduleTypes: Readonly<Record<string, "ESModule" | "CompiledWasm" | "Text" | "Data">> = {
  ".js": "ESModule",
  ".wasm": "CompiledWasm",
  ".html": "Text",
  ".txt": "Text",
  ".sql": "Text",
  ".bin": "Data",
};

async function workerOptions({ domain, directory }: Bundle, options: PlatformOptions): Promise<V4WorkerOptions> {
  // What the configuration says, except how to find the sources: those are bundled already.
  const { modulesRules: _rules, ...configured } = unstable_getMiniflareWorkerOptions(
    configPathOf(domain),
  ).workerOptions;
  const files = (await readdir(directory)).filter((name) => name !== "index.js").sort();
  return {
    ...configured,
    name: workerNameOf(domain),
    rootPath: directory,
    modulesRoot: directory,
    modules: ["index.js", ...files].flatMap((name) => {
      const type = moduleTypes[path.extname(name)];
      return type === undefined ? [] : [{ type, path: path.join(directory, name) }];
    }),
    bindings: Object.assign({}, configured.bindings, options.variables?.[domain], options.secrets[domain]),
    ...(domain === "gateway" ? { unsafeDirectSockets: [{ host, port: options.port }] } : {}),
  };
}

/** Below those that systems give to outgoing connections (from 32768 on Linux), so that none of these takes one before it is listened on. */
const ports = { from: 20_000, count: 12_000 };

/** A port that nothing listens on, on the loopback address. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = ports.from + Math.floor(Math.random() * ports.count);
    if (await isPortFree(port)) return port;
  }
  throw new Error("no port is free");
}

/** Whether a port on the loopback address can be listened on. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
