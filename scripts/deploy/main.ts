import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { consumers, deadLetterQueueName, queueName } from "@foyer/contracts/messages/routing";
import { wrangler } from "../platform/build.ts";
import { requiredSecrets } from "../platform/secrets.ts";
import { configPathOf, type Domain, domains, workerNameOf } from "../platform/workers.ts";

/**
 * Deploys every worker to the Cloudflare account that wrangler is signed in to: queues and buckets first, then each worker behind
 * its database and migrations, peers before those who ask them, the gateway last. The code before runs on the new tables for some
 * seconds, so migrations add, and take away only what no code reads any more. `--dry-run` bundles everything and checks every
 * configuration without touching the account.
 */

const { values: options } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });

async function step(name: string, act: () => Promise<string>): Promise<void> {
  process.stdout.write(`${name} ... `);
  console.log(await act());
}

async function dryRun(domain: Domain): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "foyer-deploy-"));
  try {
    const output = await wrangler(["deploy", "--dry-run", "--outdir", directory, "-c", configPathOf(domain)]);
    return /Total Upload: (.+)/.exec(output)?.[1] ?? "bundled";
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Creates something that may be there already; any other refusal stops the deployment. */
async function createOnce(args: readonly string[]): Promise<string> {
  try {
    await wrangler(args);
    return "created";
  } catch (thrown) {
    if (thrown instanceof Error && /already (exists|taken|own)/i.test(thrown.message)) return "there";
    throw thrown;
  }
}

/** Brings a domain's database to the state that its code expects, a new one included. */
async function migrate(domain: Domain): Promise<string> {
  const name = `foyer-${domain}`;
  await createOnce(["d1", "create", name]);
  await wrangler(["d1", "migrations", "apply", name, "--remote", "-c", configPathOf(domain)]);
  return "migrated";
}

async function missingSecrets(domain: Domain): Promise<string[]> {
  const names = requiredSecrets[domain] ?? [];
  if (names.length === 0) return [];
  const output = await wrangler(["secret", "list", "--format", "json", "-c", configPathOf(domain)]).catch(() => "[]");
  return names.filter((name) => !output.includes(`"${name}"`));
}

async function deployAll(): Promise<void> {
  for (const consumer of consumers) {
    for (const name of [queueName(consumer), deadLetterQueueName(consumer)]) {
      await step(`queue ${name}`, () => createOnce(["queues", "create", name]));
    }
  }
  for (const bucket of ["foyer-media", "foyer-avatars"]) {
    await step(`bucket ${bucket}`, () => createOnce(["r2", "bucket", "create", bucket]));
  }
  for (const domain of domains) {
    if (domain !== "gateway") await step(`database foyer-${domain}`, () => migrate(domain));
    await step(`worker ${workerNameOf(domain)}`, async () => {
      const output = await wrangler(["deploy", "-c", configPathOf(domain)]);
      return /https:\/\/\S+/.exec(output)?.[0] ?? "deployed";
    });
  }
  const missing = await Promise.all(domains.map(async (domain) => ({ domain, names: await missingSecrets(domain) })));
  for (const { domain, names } of missing) {
    for (const name of names) {
      console.error(
        `secret missing: npx wrangler secret put ${name} -c ${path.relative(process.cwd(), configPathOf(domain))}`,
      );
      process.exitCode = 1;
    }
  }
}

if (options["dry-run"]) for (const domain of domains) await step(workerNameOf(domain), () => dryRun(domain));
else await deployAll();
