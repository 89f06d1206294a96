import { parse } from "smol-toml";
import type { Rule, SourceTree, Violation } from "../source-tree.ts";

interface WorkerConfig {
  readonly name?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly services?: readonly { readonly binding: string; readonly service: string }[];
  readonly d1_databases?: readonly { readonly binding: string; readonly database_name: string }[];
  readonly r2_buckets?: readonly { readonly binding: string; readonly bucket_name: string }[];
  readonly durable_objects?: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string; readonly script_name?: string }[];
  };
  readonly queues?: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly { readonly queue: string; readonly dead_letter_queue?: string }[];
  };
  readonly analytics_engine_datasets?: readonly { readonly binding: string }[];
  readonly send_email?: readonly { readonly name: string }[];
  readonly ratelimits?: readonly { readonly name: string }[];
  readonly assets?: { readonly binding?: string };
}

/** Every wrangler.toml with the worker that it configures. */
export function configsOf(tree: SourceTree): { file: string; domain: string; config: WorkerConfig }[] {
  return [...tree].flatMap(([file, text]) => {
    const domain = file === "wrangler.toml" ? "gateway" : /^workers\/([a-z]+)\/wrangler\.toml$/.exec(file)?.[1];
    // The shape is wrangler's own, which validates it at every build.
    return domain === undefined ? [] : [{ file, domain, config: parse(text) as WorkerConfig }];
  });
}

/** Who owns which bucket and object class; databases and consumed queues are named after their owner. */
const bucketOwner: Readonly<Record<string, string>> = { "foyer-media": "events", "foyer-avatars": "users" };
const objectOwner: Readonly<Record<string, string>> = { BoxOffice: "bookings", AttemptGuard: "users" };

/** One owner per database, bucket, object class and consumed queue: nobody else holds a binding to it. */
export const oneOwner: Rule = {
  name: "one-owner",
  check: (tree) =>
    configsOf(tree).flatMap(({ file, domain, config }) => {
      const found: Violation[] = [];
      const refuse = (what: string): void => {
        found.push({ rule: "one-owner", file, message: `${domain} does not own ${what}` });
      };
      for (const { database_name: name } of config.d1_databases ?? [])
        if (name !== `foyer-${domain}`) refuse(`database ${name}`);
      for (const { bucket_name: name } of config.r2_buckets ?? [])
        if (bucketOwner[name] !== domain) refuse(`bucket ${name}`);
      for (const { class_name: name } of config.durable_objects?.bindings ?? [])
        if (objectOwner[name] !== domain) refuse(`object ${name}`);
      for (const { queue } of config.queues?.consumers ?? []) {
        if (queue !== `foyer-${domain}` && queue !== `foyer-${domain}-dlq`) refuse(`queue ${queue}`);
      }
      return found;
    }),
};

/** Who may ask whom by RPC. The graph has no cycle: a question never comes back to its asker. */
const mayAsk: Readonly<Record<string, readonly string[]>> = {
  gateway: ["users", "events", "bookings", "payments", "notifications", "search", "analytics"],
  users: [],
  bookings: ["users"],
  events: ["users", "bookings"],
  payments: ["users", "bookings"],
  notifications: ["users", "events", "bookings"],
  search: ["users"],
  analytics: ["users", "events"],
};

/** Service bindings follow the table of who may ask whom. */
export const noCycles: Rule = {
  name: "no-cycles",
  check: (tree) =>
    configsOf(tree).flatMap(({ file, domain, config }) =>
      (config.services ?? []).flatMap(({ service }): Violation[] =>
        (mayAsk[domain] ?? []).includes(service.replace("foyer-", ""))
          ? []
          : [{ rule: "no-cycles", file, message: `${domain} may not ask ${service}` }],
      ),
    ),
};

/** Every consumed queue has a dead-letter queue, and the same worker consumes that one too. */
export const deadLettersKept: Rule = {
  name: "dead-letters-kept",
  check: (tree) =>
    configsOf(tree).flatMap(({ file, config }) => {
      const consumed = (config.queues?.consumers ?? []).map(({ queue }) => queue);
      return (config.queues?.consumers ?? [])
        .filter(({ queue }) => !queue.endsWith("-dlq"))
        .filter(({ dead_letter_queue: letters }) => letters === undefined || !consumed.includes(letters))
        .map(
          ({ queue }): Violation => ({
            rule: "dead-letters-kept",
            file,
            message: `nobody keeps the dead letters of ${queue}`,
          }),
        );
    }),
};

/** The bindings of a configuration and the members of the worker's `Env` are the same names (secrets may be more). */
export const bindingsDeclared: Rule = {
  name: "bindings-declared",
  check: (tree) =>
    configsOf(tree).flatMap(({ file, domain, config }) => {
      const env = tree.get(`workers/${domain}/src/env.ts`) ?? "";
      const declared = new Set([...env.matchAll(/^\s+readonly ([A-Z][A-Z0-9_]*)\??:/gm)].map((match) => match[1]));
      const bound = [
        ...Object.keys(config.vars ?? {}),
        ...(config.services ?? []).map(({ binding }) => binding),
        ...(config.d1_databases ?? []).map(({ binding }) => binding),
        ...(config.r2_buckets ?? []).map(({ binding }) => binding),
        ...(config.durable_objects?.bindings ?? []).map(({ name }) => name),
        ...(config.queues?.producers ?? []).map(({ binding }) => binding),
        ...(config.analytics_engine_datasets ?? []).map(({ binding }) => binding),
        ...(config.send_email ?? []).map(({ name }) => name),
        ...(config.ratelimits ?? []).map(({ name }) => name),
        ...(config.assets?.binding === undefined ? [] : [config.assets.binding]),
      ];
      return bound
        .filter((name) => !declared.has(name))
        .map(
          (name): Violation => ({
            rule: "bindings-declared",
            file,
            message: `${name} is bound but not in workers/${domain}/src/env.ts`,
          }),
        );
    }),
};
