import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";

// Setup file of every worker project: brings the worker's own database to the newest schema.
const bindings = env as unknown as Record<string, unknown> & { readonly TEST_MIGRATIONS: D1Migration[] };
for (const [name, binding] of Object.entries(bindings)) {
  if (name.endsWith("_DB")) await applyD1Migrations(binding as D1Database, bindings.TEST_MIGRATIONS);
}
