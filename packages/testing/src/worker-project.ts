import { existsSync } from "node:fs";
import path from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";
import { usersStub } from "./users-stub.ts";

/** A worker written as plain JavaScript that stands in for a peer behind a service binding. */
export interface StubWorker {
  readonly name: string;
  readonly script: string;
}

export interface WorkerProjectOptions {
  /** The worker's domain: its folder below `workers/` and its database below `migrations/`. */
  readonly domain: string;
  /** Its wrangler.toml, from the root; `workers/<domain>/wrangler.toml` unless said otherwise. */
  readonly configPath?: string;
  /** Stand-ins for the peers it is bound to; users has one ready, which one of the same name replaces. */
  readonly stubs?: readonly StubWorker[];
  /** Secrets and variables beside those of wrangler.toml. */
  readonly bindings?: Readonly<Record<string, string>>;
  /** Libraries of hundreds of files, which are made one file before tests import them: that saves each test file seconds. */
  readonly bundled?: readonly string[];
  /** Further setup files, run once the databases are migrated. */
  readonly setupFiles?: readonly string[];
  /** Name of the stub that answers everything the worker fetches from outside; bound to the tests as `OUTSIDE`. */
  readonly outside?: string;
}

/**
 * The vitest project of one worker: its tests run inside workerd with the bindings of its own wrangler.toml, migrated
 * databases where it has any, and stubs in place of its peers.
 */
export async function workerProject(options: WorkerProjectOptions) {
  const root = path.resolve(import.meta.dirname, "../../..");
  const migrationsPath = path.join(root, "migrations", options.domain);
  const migrations = existsSync(migrationsPath) ? await readD1Migrations(migrationsPath) : null;
  const given = options.stubs ?? [];
  const needsUsers = options.domain !== "users" && !given.some((stub) => stub.name === usersStub.name);
  const stubs = needsUsers ? [usersStub, ...given] : given;
  const configPath = path.join(root, options.configPath ?? `workers/${options.domain}/wrangler.toml`);
  return defineProject({
    plugins: [
      cloudflareTest({
        main: path.join(root, "workers", options.domain, "src/index.ts"),
        wrangler: { configPath },
        remoteBindings: false,
        miniflare: {
          ...(options.outside === undefined
            ? {}
            : { outboundService: options.outside, serviceBindings: { OUTSIDE: options.outside } }),
          bindings: { ...options.bindings, ...(migrations === null ? {} : { TEST_MIGRATIONS: migrations }) },
          workers: stubs.map((stub) => ({
            name: stub.name,
            modules: [{ type: "ESModule" as const, path: "index.mjs", contents: stub.script }],
            compatibilityDate: "2026-10-01",
            compatibilityFlags: ["nodejs_compat"],
          })),
        },
      }),
    ],
    test: {
      ...(options.bundled === undefined
        ? {}
        : { deps: { optimizer: { ssr: { enabled: true, include: [...options.bundled] } } } }),
      name: options.domain,
      include: ["test/**/*.test.ts"],
      setupFiles: [
        ...(migrations === null ? [] : [path.join(root, "packages/testing/src/migrate.ts")]),
        ...(options.setupFiles ?? []),
      ],
      testTimeout: 30_000,
    },
  });
}
