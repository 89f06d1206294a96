import { importsOf, type Rule, resolveImport, type Violation, workerSources } from "../source-tree.ts";

/** A worker never imports another worker, not even a type: what crosses a wall is in contracts. */
export const workersApart: Rule = {
  name: "workers-apart",
  check: (tree) =>
    workerSources(tree).flatMap(({ file, domain, text }) =>
      importsOf(text).flatMap(({ specifier }): Violation[] => {
        const target = specifier.startsWith(".") ? resolveImport(file, specifier) : specifier;
        const foreign = specifier.startsWith(".")
          ? !target.startsWith(`workers/${domain}/`) && !target.startsWith("docs/openapi/")
          : /^@foyer\/[a-z]+-worker/.test(specifier);
        return foreign
          ? [{ rule: "workers-apart", file, message: `imports ${specifier} from outside its worker` }]
          : [];
      }),
    ),
};

/** What each package may import. A package that is not named here may import nothing of the project. */
const packageImports: Readonly<Record<string, readonly RegExp[]>> = {
  kernel: [],
  contracts: [/^zod$/, /^@foyer\/kernel\//],
  telemetry: [/^@foyer\/kernel\//],
  images: [/^@foyer\/kernel\//],
  http: [/^@foyer\/(kernel|contracts|telemetry)\//, /^zod$/, /^hono(\/|$)/, /^@hono\//, /^drizzle-orm/],
  auth: [/^@foyer\/(kernel|contracts|telemetry|http)\//, /^hono(\/|$)/, /^jose$/],
  messaging: [/^@foyer\/(kernel|contracts|telemetry|http|auth)\//, /^zod$/, /^@hono\//, /^drizzle-orm/],
  sdk: [/^openapi-(fetch|typescript-helpers)$/],
};

/** Packages point inward: kernel knows nothing, contracts know only kernel, and nothing points back. */
export const packagesInward: Rule = {
  name: "packages-inward",
  check: (tree) =>
    [...tree].flatMap(([file, text]) => {
      const name = /^packages\/([a-z]+)\/src\/.+\.ts$/.exec(file)?.[1];
      if (name === undefined || name === "testing" || name === "emulators") return [];
      const allowed = packageImports[name] ?? [];
      return importsOf(text).flatMap(({ specifier }): Violation[] => {
        const fine = specifier.startsWith(".")
          ? resolveImport(file, specifier).startsWith(`packages/${name}/`)
          : allowed.some((shape) => shape.test(specifier));
        return fine ? [] : [{ rule: "packages-inward", file, message: `${name} may not import ${specifier}` }];
      });
    }),
};

/** Layers of a worker, and which of its own folders each may import. `type` marks ports: types only. */
const layers: Readonly<Record<string, { readonly own: readonly string[]; readonly types?: readonly string[] }>> = {
  domain: { own: ["domain"] },
  service: { own: ["service", "domain"], types: ["deps", "repository", "clients", "durable-objects", "env"] },
  repository: { own: ["repository", "domain", "db"], types: ["service", "env"] },
  clients: { own: ["clients", "domain"], types: ["service", "durable-objects", "env"] },
  db: { own: ["db"], types: ["domain"] },
};

/** Imports point inward: routes, consumers and entrypoint to service, service to domain; ports are types. */
export const layersInward: Rule = {
  name: "layers-inward",
  check: (tree) =>
    workerSources(tree).flatMap(({ file, domain, inside, text }) => {
      const layer = inside.split("/")[0] ?? "";
      const allowed = layers[layer];
      if (allowed === undefined || !inside.includes("/")) return [];
      return importsOf(text).flatMap(({ specifier, typeOnly }): Violation[] => {
        if (!specifier.startsWith(".")) return [];
        const target = resolveImport(file, specifier).replace(`workers/${domain}/src/`, "");
        const folder = (target.split("/")[0] ?? "").replace(/\.ts$/, "");
        const fine = allowed.own.includes(folder) || (typeOnly && (allowed.types ?? []).includes(folder));
        return fine ? [] : [{ rule: "layers-inward", file, message: `${layer} may not import ${target}` }];
      });
    }),
};

/** Libraries that belong to one layer, by the paths inside a worker where they may appear. */
const places: readonly { readonly library: RegExp; readonly where: RegExp; readonly what: string }[] = [
  { library: /^drizzle-orm/, where: /^(repository|db)\/|^deps\.ts$/, what: "drizzle stays in repository/ and db/" },
  {
    library: /^(hono|@hono\/.*)(\/|$)/,
    where: /^(routes|middleware)\/|^app\.ts$/,
    what: "Hono stays in routes/ and app.ts",
  },
  { library: /^stripe$/, where: /^clients\//, what: "Stripe is spoken to in clients/ only" },
  {
    library: /^cloudflare:/,
    where: /^(durable-objects\/|entrypoint\.ts$|index\.ts$)/,
    what: "the runtime's modules stay at the edge of a worker",
  },
];

/** Each library has its place; the gateway, which has no layers, is Hono all through. */
export const librariesInPlace: Rule = {
  name: "libraries-in-place",
  check: (tree) =>
    workerSources(tree).flatMap(({ file, domain, inside, text }) =>
      importsOf(text).flatMap(({ specifier, typeOnly }): Violation[] =>
        places
          .filter(({ library, where }) => library.test(specifier) && !where.test(inside))
          .filter(({ library }) => !(typeOnly && library.test("stripe")))
          .filter(({ library }) => !(domain === "gateway" && library.test("hono")))
          .map(({ what }) => ({ rule: "libraries-in-place", file, message: `imports ${specifier}: ${what}` })),
      ),
    ),
};

/** OpenAPI is generated from app.ts in plain Node, so nothing it reaches at run time may need the Workers runtime. */
export const appsInPlainNode: Rule = {
  name: "apps-in-plain-node",
  check: (tree) =>
    workerSources(tree)
      .filter(({ inside }) => inside === "app.ts")
      .flatMap(({ file }) => {
        const seen = new Set<string>();
        const waiting = [file];
        const found: Violation[] = [];
        for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
          if (seen.has(current)) continue;
          seen.add(current);
          for (const { specifier, typeOnly } of importsOf(tree.get(current) ?? "")) {
            if (typeOnly) continue;
            if (specifier.startsWith("cloudflare:")) {
              found.push({
                rule: "apps-in-plain-node",
                file: current,
                message: `is reached from ${file} and imports ${specifier}`,
              });
            } else if (specifier.startsWith(".")) waiting.push(resolveImport(current, specifier));
          }
        }
        return found;
      }),
};
