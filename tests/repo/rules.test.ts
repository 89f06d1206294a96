import { describe, expect, test } from "vitest";
import { root } from "../../scripts/platform/workers.ts";
import { rules } from "../../scripts/verify/rules/all.ts";
import { importsOf, readSourceTree } from "../../scripts/verify/source-tree.ts";

const tree = readSourceTree(root);

/** A violation for each rule, as a file that somebody might add or change. Each must be seen. */
const planted: Readonly<Record<string, readonly { readonly file: string; readonly text: string }[]>> = {
  "workers-apart": [
    {
      file: "workers/events/src/service/peek.ts",
      text: 'import type { Order } from "../../../bookings/src/domain/order.ts";\n',
    },
    {
      file: "workers/events/src/service/peek.ts",
      text: 'import { createBookingsApp } from "@foyer/bookings-worker/app";\n',
    },
  ],
  "packages-inward": [
    { file: "packages/kernel/src/peek.ts", text: 'import * as z from "zod";\n' },
    { file: "packages/contracts/src/users/peek.ts", text: 'import { createApp } from "@foyer/http/app";\n' },
    { file: "packages/http/src/peek.ts", text: 'export { consume } from "@foyer/messaging/consumer";\n' },
  ],
  "layers-inward": [
    { file: "workers/events/src/domain/peek.ts", text: 'import { createEvent } from "../service/create-event.ts";\n' },
    {
      file: "workers/events/src/service/peek.ts",
      text: 'import { createRepository } from "../repository/events.ts";\n',
    },
    { file: "workers/events/src/repository/peek.ts", text: 'import { app } from "../app.ts";\n' },
  ],
  "libraries-in-place": [
    { file: "workers/users/src/service/peek.ts", text: 'import { eq } from "drizzle-orm";\n' },
    { file: "workers/users/src/domain/peek.ts", text: 'import { Hono } from "hono";\n' },
    { file: "workers/payments/src/service/peek.ts", text: 'import Stripe from "stripe";\n' },
    { file: "workers/users/src/service/peek.ts", text: 'import { env } from "cloudflare:workers";\n' },
  ],
  "apps-in-plain-node": [
    {
      file: "workers/users/src/app.ts",
      text: 'import { WorkerEntrypoint } from "cloudflare:workers";\nexport const app = WorkerEntrypoint;\n',
    },
  ],
  "domain-is-pure": [
    { file: "workers/events/src/domain/peek.ts", text: "export const now = () => Date.now();\n" },
    { file: "workers/events/src/domain/peek.ts", text: "export const pick = () => Math.random();\n" },
    { file: "workers/events/src/domain/peek.ts", text: "export const load = (db: D1Database) => db;\n" },
  ],
  "rooms-stay-small": [{ file: "workers/events/src/service/peek.ts", text: "export {};\n".repeat(401) }],
  "nothing-unfinished": [
    { file: "workers/events/src/service/peek.ts", text: "// TODO: the rest\n" },
    { file: "workers/events/src/service/peek.ts", text: "export const x = (value: unknown) => value as any;\n" },
    { file: "workers/events/test/peek.test.ts", text: 'test.skip("later", () => {});\n' },
  ],
  "one-owner": [
    {
      file: "workers/search/wrangler.toml",
      text: 'name = "foyer-search"\n[[d1_databases]]\nbinding = "EVENTS_DB"\ndatabase_name = "foyer-events"\n',
    },
    {
      file: "workers/search/wrangler.toml",
      text: '[[durable_objects.bindings]]\nname = "BOX_OFFICE"\nclass_name = "BoxOffice"\nscript_name = "foyer-bookings"\n',
    },
    { file: "workers/search/wrangler.toml", text: '[[queues.consumers]]\nqueue = "foyer-analytics"\n' },
  ],
  "no-cycles": [
    {
      file: "workers/bookings/wrangler.toml",
      text: '[[services]]\nbinding = "PAYMENTS"\nservice = "foyer-payments"\n',
    },
  ],
  "dead-letters-kept": [
    { file: "workers/search/wrangler.toml", text: '[[queues.consumers]]\nqueue = "foyer-search"\n' },
  ],
  "bindings-declared": [{ file: "workers/search/wrangler.toml", text: '[vars]\nFORGOTTEN = "yes"\n' }],
  "storage-documented": [
    { file: "migrations/users/0009_peek.sql", text: "CREATE TABLE `peek` (`id` text PRIMARY KEY);\n" },
    { file: "migrations/search/0009_peek.sql", text: "CREATE VIRTUAL TABLE peek_fts USING fts5 (word);\n" },
    { file: "migrations/search/0009_peek.sql", text: "CREATE TABLE sessions (id text PRIMARY KEY);\n" },
    { file: "migrations/users/0009_peek.sql", text: "ALTER TABLE `sessions` RENAME TO `peek`;\n" },
    {
      file: "workers/bookings/src/durable-objects/schema.ts",
      text: "CREATE TABLE peek (id TEXT PRIMARY KEY) STRICT;\n",
    },
    {
      file: "workers/search/wrangler.toml",
      text: '[[queues.producers]]\nbinding = "QUEUE_PEEK"\nqueue = "foyer-peek"\n',
    },
    { file: "workers/search/wrangler.toml", text: '[[r2_buckets]]\nbinding = "PEEK"\nbucket_name = "foyer-peek"\n' },
    {
      file: "workers/search/wrangler.toml",
      text: '[[durable_objects.bindings]]\nname = "PEEK"\nclass_name = "Peek"\n',
    },
    { file: "docs/design/storage.md", text: "## users\n\n### Database\n\n| `gone` | | | | |\n" },
  ],
  "personal-data-accounted": [
    { file: "docs/design/storage.md", text: "## users\n\n### Database\n\n| `users` | a | b | c | yes: all of it |\n" },
    {
      file: "docs/design/storage.md",
      text: "## users\n\n### Database\n\n| `users` | a | b | c | yes |\n\n## What is given out\n\n| users | `users` | `users.gone` |\n",
    },
    {
      file: "docs/design/storage.md",
      text: "## What is given out\n\n| users | `gone` | left out: it is not there |\n",
    },
  ],
  "documents-cite-living-paths": [
    { file: "docs/peek.md", text: "See `workers/users/src/gone.ts`.\n" },
    { file: "docs/peek.md", text: "See [the plan](./gone.md).\n" },
  ],
};

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  test("holds in the project as it is", () => {
    expect(rule.check(tree)).toEqual([]);
  });

  test("sees every planted violation", () => {
    const plants = planted[name] ?? [];
    expect(plants.length).toBeGreaterThan(0);
    for (const { file, text } of plants) {
      const found = rule.check(new Map(tree).set(file, text));
      expect(found.map((violation) => violation.file)).toContain(file);
    }
  });
});

test("imports are read in every form that the language has", () => {
  const text = [
    'import { a, type B } from "one";',
    'import type { C } from "two";',
    'import { type D } from "three";',
    'import * as e from "four";',
    'import "five";',
    'export { f } from "six";',
    'const g = await import("seven");',
    'import {\n  h,\n  i,\n} from "eight";',
    'import j, { type K } from "nine";',
  ].join("\n");
  expect(importsOf(text).sort((left, right) => left.specifier.localeCompare(right.specifier))).toEqual([
    { specifier: "eight", typeOnly: false },
    { specifier: "five", typeOnly: false },
    { specifier: "four", typeOnly: false },
    { specifier: "nine", typeOnly: false },
    { specifier: "one", typeOnly: false },
    { specifier: "seven", typeOnly: false },
    { specifier: "six", typeOnly: false },
    { specifier: "three", typeOnly: true },
    { specifier: "two", typeOnly: true },
  ]);
});
