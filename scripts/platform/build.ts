import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
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
 * Bundles workers as a deployment would, two at a time. A bundle is kept by the hash of the sources that it can come from, so
 * a worker that did not change is not built again.
 */
export async function buildWorkers(
  onBuilt: (domain: Domain) => void = () => {},
  only: readonly Domain[] = domains,
): Promise<Bundle[]> {
  const waiting = [...only];
  const directories = new Map<Domain, string>();
  const builder = async (): Promise<void> => {
    for (let domain = waiting.shift(); domain !== undefined; domain = waiting.shift()) {
      directories.set(domain, await buildWorker(domain));
      onBuilt(domain);
    }
  };
  await Promise.all([builder(), builder()]);
  return only.map((domain) => ({ domain, directory: directories.get(domain) ?? "" }));
}

async function buildWorker(domain: Domain): Promise<string> {
  const cache = path.join(root, ".cache/bundles", domain);
  const directory = path.join(cache, await hashSources(domain));
  if (existsSync(path.join(directory, "index.js"))) return directory;
  const building = path.join(root, ".cache/building", `${domain}-${process.pid}`);
  await rm(building, { recursive: true, force: true });
  await wrangler(["deploy", "--dry-run", "--outdir", building, "-c", configPathOf(domain)]);
  await mkdir(cache, { recursive: true });
  await removeOldBundles(cache);
  // Another process may have built the same meanwhile; either result will do.
  if (existsSync(path.join(directory, "index.js"))) await rm(building, { recursive: true, force: true });
  else await rename(building, directory);
  return directory;
}

/** A younger bundle may belong to a platform that runs in another process, and starts again from it. */
const bundleAgeMsMax = 3_600_000;

async function removeOldBundles(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const bundle = path.join(cache, name);
    const { mtimeMs } = await stat(bundle);
    if (Date.now() - mtimeMs > bundleAgeMsMax) await rm(bundle, { recursive: true, force: true });
  }
}

async function hashSources(domain: Domain): Promise<string> {
  const hash = createHash("sha256");
  const files = ["package-lock.json", path.relative(root, configPathOf(domain))];
  const folders = ["packages", `workers/${domain}/src`, ...(domain === "gateway" ? ["docs/openapi"] : [])];
  for (const folder of folders) {
    for (const entry of await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !/node_modules|\/test\/|\.turbo|\.md$|^packages\/(sdk|testing|emulators)\//.test(file))
        files.push(file);
    }
  }
  for (const file of files.sort()) hash.update(file).update(await readFile(path.join(root, file)));
  return hash.digest("hex").slice(0, 16);
}
