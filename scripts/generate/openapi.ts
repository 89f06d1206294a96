import { isDeepStrictEqual } from "node:util";
import { workerOf } from "@foyer/gateway-worker/routes";
import type { Domain } from "../platform/workers.ts";
import { platformDocument } from "./platform-document.ts";
import { apiTags } from "./tags.ts";

/** The part of an OpenAPI 3.1 document that is merged; what is inside an operation or schema is only compared. */
export interface OpenApiPart {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type PathItem = Readonly<Record<string, Operation>>;

export interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** Where a part comes from, for messages and for the check of its routes. */
export interface NamedPart {
  readonly domain: Domain;
  readonly part: OpenApiPart;
}

const methodOrder = ["get", "head", "post", "put", "patch", "delete"];

const info = {
  title: "Foyer API",
  version: "1.0.0",
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  description: [
    "Publish events and sell tickets.",
    "",
    "- **Ids** are prefixed and sort by time of making (`evt_`, `tt_`, `rsv_`, `ord_`, `tkt_`).",
    "- **Money** is integer minor units with an ISO 4217 currency; **times** are RFC 3339 in UTC.",
    "- **Lists** answer `{ data, nextCursor }` and take `limit` and `cursor`.",
    "- **Errors** are RFC 9457 problem documents; `code` is stable, the text is not.",
    "- **Repeating** a POST is safe with the same `Idempotency-Key`, for 24 hours.",
    "- **Conflicts**: single resources have an `ETag`; `If-Match` refuses a write to what changed meanwhile.",
    "- **Limits** answer 429 with `Retry-After`, `RateLimit` and `RateLimit-Policy`; every answer has an `X-Request-Id`.",
  ].join("\n"),
};

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token of `POST /v1/auth/login`, or an organization's API key.",
  },
};

const anyProblem = {
  description: "Problem document (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** The OpenAPI document of all workers and the gateway, as the text of its file. */
export async function generateOpenApi(workers: readonly Domain[]): Promise<string> {
  const parts: NamedPart[] = [{ domain: "gateway", part: platformDocument }];
  for (const domain of workers) parts.push({ domain, part: await documentOf(domain) });
  const faults = findFaults(parts);
  if (faults.length > 0) throw new Error(`the workers' documents do not fit together:\n${faults.join("\n")}`);
  return `${JSON.stringify(mergeParts(parts), null, 2)}\n`;
}

/** Every worker exports `create<Domain>App` from `@foyer/<domain>-worker/app`, which runs in plain Node. */
async function documentOf(domain: Domain): Promise<OpenApiPart> {
  const module: Record<string, unknown> = await import(`@foyer/${domain}-worker/app`);
  const name = `create${domain.charAt(0).toUpperCase()}${domain.slice(1)}App`;
  const create = module[name];
  if (typeof create !== "function") throw new TypeError(`@foyer/${domain}-worker/app does not export ${name}`);
  const app: unknown = create(() => {
    throw new Error("the document is made without dependencies");
  });
  if (!isDocumented(app)) throw new TypeError(`${name} does not return an OpenAPI app`);
  const { paths = {}, components = {} } = app.getOpenAPI31Document({ openapi: "3.1.0", info });
  return { paths, components };
}

interface Documented {
  getOpenAPI31Document(config: object): Partial<OpenApiPart>;
}

function isDocumented(app: unknown): app is Documented {
  return typeof app === "object" && app !== null && "getOpenAPI31Document" in app;
}

function operationsOf({ domain, part }: NamedPart) {
  return Object.entries(part.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ domain, path, method, operation })),
  );
}

/** What keeps the parts from being one document: two meanings of one thing, or a path that the gateway sends elsewhere. */
export function findFaults(parts: readonly NamedPart[]): string[] {
  const faults: string[] = [];
  const operations = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const { domain, path, method, operation } of parts.flatMap(operationsOf)) {
    const name = `${method.toUpperCase()} ${path}`;
    const known = operations.get(name);
    if (known !== undefined) faults.push(`${name} is declared by ${known} and ${domain}`);
    operations.set(name, domain);
    for (const tag of operation.tags ?? []) {
      if (!apiTags.some((known) => known.name === tag))
        faults.push(`${name} has the tag ${tag}, which tags.ts does not describe`);
    }
    const { operationId } = operation;
    const sameId = operationId === undefined ? undefined : ids.get(operationId);
    if (sameId !== undefined) faults.push(`operationId ${operationId} names ${sameId} and ${name}`);
    if (operationId !== undefined) ids.set(operationId, name);
    const answering = workerOf(path.replaceAll(/\{[^}]+\}/g, "x"))?.toLowerCase() ?? "gateway";
    if (answering !== domain) faults.push(`${name} is declared by ${domain}, and the gateway sends it to ${answering}`);
  }
  const components = new Map<string, { domain: Domain; value: unknown }>();
  for (const { domain, part } of parts) {
    for (const [kind, byName] of Object.entries(part.components)) {
      for (const [name, value] of Object.entries(byName)) {
        const key = `components.${kind}.${name}`;
        const known = components.get(key);
        if (known === undefined) components.set(key, { domain, value });
        else if (!isDeepStrictEqual(known.value, value))
          faults.push(`${key} differs between ${known.domain} and ${domain}`);
      }
    }
  }
  return faults;
}

/** One document of parts without faults. Paths, methods and components are in a fixed order, so that diffs say something. */
export function mergeParts(parts: readonly NamedPart[]) {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const { path, method, operation } of parts.flatMap(operationsOf)) {
    const { security = [], responses, ...rest } = operation; // an operation that names no credential is public
    paths[path] = { ...paths[path], [method]: { ...rest, security, responses: withProblem(responses) } };
  }
  const components: Record<string, Record<string, unknown>> = {};
  for (const { part } of parts) {
    for (const [kind, byName] of Object.entries(part.components)) components[kind] = { ...components[kind], ...byName };
  }
  components.securitySchemes = { ...components.securitySchemes, ...securitySchemes };
  const tags = new Set(Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ tags = [] }) => tags)));
  return {
    openapi: "3.1.0",
    info,
    servers: [{ url: "/", description: "This deployment" }],
    tags: apiTags.filter(({ name }) => tags.has(name)),
    paths: sorted(paths, (item) => sorted(item, (operation) => operation, byMethod)),
    components: sorted(components, (byName) => sorted(byName, (value) => value)),
  };
}

/** Every operation can be refused and can fail, and says so in the same way, unless it says more itself. */
function withProblem(responses: Operation["responses"] = {}): Readonly<Record<string, unknown>> {
  const saysRefusal = Object.keys(responses).some((status) => status.startsWith("4"));
  return { default: anyProblem, ...(saysRefusal ? {} : { "4XX": anyProblem }), ...responses };
}

function byMethod(left: string, right: string): number {
  return methodOrder.indexOf(left) - methodOrder.indexOf(right);
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function sorted<T, R>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => R,
  order: (left: string, right: string) => number = byText,
): Record<string, R> {
  return Object.fromEntries(
    Object.entries(record)
      .sort(([left], [right]) => order(left, right))
      .map(([key, value]) => [key, map(value)]),
  );
}
