import { watch } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Bundle, buildWorkers } from "../platform/build.ts";
import { newSecrets, type Secrets } from "../platform/secrets.ts";
import { type Stack, startStack } from "../platform/stack.ts";
import { isPortFree } from "../platform/start.ts";
import { domains, root } from "../platform/workers.ts";
import { accounts, seed } from "./seed.ts";

/**
 * `npm run dev`: the whole platform on http://localhost:8787 with its third parties emulated. State is kept in
 * `.wrangler/dev`; delete it to start afresh. Sources are rebuilt and reloaded when they change.
 */

const { values: options } = parseArgs({ options: { port: { type: "string", default: "8787" } } });
const port = Number(options.port);
const ports = { gateway: port, stripe: port + 1, resend: port + 2, oauth: port + 3 };
const home = path.join(root, ".wrangler/dev");
const site = `http://localhost:${ports.gateway}`;

for (const [name, wanted] of Object.entries(ports)) {
  if (await isPortFree(wanted)) continue;
  console.error(
    `Port ${wanted} (${name}) is in use. End what listens there, or choose others: npm run dev -- --port 9000`,
  );
  process.exit(1);
}

/** Secrets are kept, because what was signed and derived with them is kept too. */
async function keptSecrets(): Promise<Secrets> {
  const file = path.join(home, "secrets.json");
  try {
    return JSON.parse(await readFile(file, "utf8")) as Secrets; // written below
  } catch {
    const secrets = newSecrets(); // the first start
    await mkdir(home, { recursive: true });
    await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
    return secrets;
  }
}

function log(line: string, level: string): void {
  if (level === "error" || level === "warn") console.error(line);
}

console.log("Bundling eight workers ...");
const secrets = await keptSecrets();
const stack: Stack = await startStack({
  bundles: await buildWorkers(),
  port: ports.gateway,
  publicUrl: site,
  emulatorPorts: { stripe: ports.stripe, resend: ports.resend, oauth: ports.oauth },
  secrets,
  stateDirectory: path.join(home, "state"),
  rateLimits: false,
  onLog: log,
});

let stopping = false;
const cron = setInterval(() => void runCrons(), 60_000);
async function runCrons(): Promise<void> {
  for (const domain of domains) {
    if (domain !== "gateway" && !stopping)
      await stack.platform.runCron(domain).catch((thrown) => console.error(String(thrown)));
  }
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  clearInterval(cron);
  await stack.stop();
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));

try {
  await seed(stack, (text) => console.log(`  ${text}`));
} catch (thrown) {
  console.error(thrown);
  await stop(1);
}

console.log(`
Foyer runs at ${site}
  API reference      ${site}/docs
  events             ${site}/v1/events
  health             ${site}/health/ready
  mails              http://localhost:${ports.resend}/inbox
  emulated Stripe    http://localhost:${ports.stripe}
  emulated sign-in   http://localhost:${ports.oauth}

  organizer          ${accounts.organizer.email}   ${accounts.organizer.password}
  administrator      ${accounts.administrator.email}       ${accounts.administrator.password}

State is kept in .wrangler/dev, but for what Stripe, the providers and the inbox know: those start empty. Ctrl-C ends everything.`);

let rebuild: NodeJS.Timeout | null = null;
for (const folder of ["workers", "packages", "migrations"]) {
  watch(path.join(root, folder), { recursive: true }, (_event, file) => {
    if (file === null || /node_modules|\.wrangler|\.turbo|\/test\//.test(file) || !/\.(ts|toml|sql)$/.test(file))
      return;
    if (rebuild !== null) clearTimeout(rebuild);
    rebuild = setTimeout(() => void reload(), 300);
  });
}

async function reload(): Promise<void> {
  if (stopping) return;
  try {
    const changed: string[] = [];
    const bundles: Bundle[] = await buildWorkers((domain) => changed.push(domain));
    await stack.platform.reload(bundles);
    console.log(`reloaded at ${new Date().toLocaleTimeString()}`);
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
