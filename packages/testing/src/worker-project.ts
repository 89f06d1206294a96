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
  /** Stand-ins for the peers it is bound to; users has one ready. */
  readonly stubs?: readonly StubWorker[];
  /** Secrets and variables beside those of wrangler.toml. */
  readonly bindings?: Readonly<Record<string, string>>;
}

/**
 * The vitest project of one worker: its tests run inside workerd with the bindings of its own wrangler.toml, migrated
 * databases, and stubs in place of its peers.
 */
export async function workerProject(options: WorkerProjectOptions) {
  const root = path.resolve(import.meta.dirname, "../../..");
  const migrations = await readD1Migrations(path.join(root, "migrations", options.domain));
  const stubs = options.domain === "users" ? (options.stubs ?? []) : [usersStub, ...(options.stubs ?? [])];
  return defineProject({
    plugins: [
      cloudflareTest({
        main: path.join(root, "workers", options.domain, "src/index.ts"),
        wrangler: { configPath: path.join(root, "workers", options.domain, "wrangler.toml") },
        remoteBindings: false,
        miniflare: {
          bindings: { ...options.bindings, TEST_MIGRATIONS: migrations },
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
      name: options.domain,
      include: ["test/**/*.test.ts"],
      setupFiles: [path.join(root, "packages/testing/src/migrate.ts")],
      testTimeout: 30_000,
    },
  });
}
