import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { configPathOf, type Domain, domains, root } from "./workers.ts";

const run = promisify(execFile);

/**
 * Environment of every wrangler process we start: no telemetry, no network look-ups, no colours in captured text.
 */
export const wranglerEnv: NodeJS.ProcessEnv = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  NO_COLOR: "1",
  CI: "1",
};

const wranglerBin = path.join(root, "node_modules/wrangler/bin/wrangler.js");

/** Runs one wrangler command on the Node that runs us, and returns what it printed. */
export async function wrangler(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [wranglerBin, ...args], {
    cwd: root,
    env: wranglerEnv,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout + stderr;
}

/** Where a worker's bundle is, once built. */
export interface Bundle {
  readonly domain: Domain;
  readonly directory: string;
}

/**
 * Bundles every worker as a deployment would, two at a time. Bundles are kept by the hash of all sources, so an unchanged
 * tree builds once.
 */
export async function buildWorkers(
  onBuilt: (domain: Domain) => void = () => {},
  only: readonly Domain[] = domains,
): Promise<Bundle[]> {
  const cache = path.join(root, ".cache/bundles");
  const key = await hashSources();
  await forgetOtherBundles(cache, key);
  const waiting = [...only];
  const bundles: Bundle[] = [];
  const builder = async (): Promise<void> => {
    for (let domain = waiting.shift(); domain !== undefined; domain = waiting.shift()) {
      const directory = path.join(cache, key, domain);
      if (!existsSync(path.join(directory, "index.js"))) {
        const building = `${directory}.${process.pid}`;
        await rm(building, { recursive: true, force: true });
        await wrangler(["deploy", "--dry-run", "--outdir", building, "-c", configPathOf(domain)]);
        await mkdir(path.dirname(directory), { recursive: true });
        await rm(directory, { recursive: true, force: true });
        await rename(building, directory);
      }
      bundles.push({ domain, directory });
      onBuilt(domain);
    }
  };
  await Promise.all([builder(), builder()]);
  return domains.flatMap((domain) => bundles.filter((bundle) => bundle.domain === domain));
}

async function hashSources(): Promise<string> {
  const hash = createHash("sha256");
  const files = ["wrangler.toml", "package-lock.json"];
  for (const folder of ["packages", "workers", "docs/openapi"]) {
    if (!existsSync(path.join(root, folder))) continue;
    for (const entry of await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !/node_modules|\/test\/|\.wrangler|\.turbo|\.md$/.test(file)) files.push(file);
    }
  }
  for (const file of files.sort()) hash.update(file).update(await readFile(path.join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

async function forgetOtherBundles(cache: string, keep: string): Promise<void> {
  if (!existsSync(cache)) return;
  const kept = (await readdir(cache)).filter((name) => name !== keep);
  for (const name of kept.slice(0, Math.max(0, kept.length - 3))) {
    await rm(path.join(cache, name), { recursive: true, force: true });
  }
}
