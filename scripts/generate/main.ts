import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { domains, root } from "../platform/workers.ts";
import { generateCommonPasswords } from "./common-passwords.ts";
import { staleMigrations } from "./migrations.ts";
import { generateOpenApi } from "./openapi.ts";
import { generatePageAssets } from "./pages.ts";
import { generateSdkTypes } from "./sdk-types.ts";

/**
 * Writes what is derived from the sources: the OpenAPI document of all workers, the client's types from it, the scripts
 * of the gateway's pages, and the list of common passwords. `--check` writes nothing and fails with the list of files that are stale. Both fail where a schema
 * is ahead of its migrations, because a migration wants a name and a look.
 */

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });

const stale: string[] = [];

/** Compares a generated text with its file, and writes it unless only checking. */
async function emit(file: string, text: string): Promise<void> {
  const target = path.join(root, file);
  const present = existsSync(target) ? await readFile(target, "utf8") : null;
  if (present === text) return;
  if (options.check) {
    stale.push(`${file}: run npm run generate`);
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
  console.log(`wrote ${file}`);
}

/** Workers with an HTTP surface of their own to describe. */
const described = domains.filter(
  (domain) => domain !== "gateway" && existsSync(path.join(root, "workers", domain, "src/app.ts")),
);
const documentText = await generateOpenApi(described);
await emit("workers/users/src/clients/common-passwords.txt", generateCommonPasswords());
await emit("docs/openapi/openapi.json", documentText);
await emit("packages/sdk/src/generated/api.ts", await generateSdkTypes(documentText));
await emit("workers/gateway/src/pages/generated/assets.json", await generatePageAssets());
for (const domain of domains) {
  if (domain === "gateway" || !(await staleMigrations(domain))) continue;
  stale.push(`migrations/${domain}: run FOYER_DOMAIN=${domain} npx drizzle-kit generate --name <what changes>`);
}

if (stale.length > 0) {
  console.error(stale.join("\n"));
  process.exitCode = 1;
}
