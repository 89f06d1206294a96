export interface RouteMatch<R> {
  readonly route: R;
  /** `POST /v1/refunds`: how faults name it. */
  readonly name: string;
  readonly ids: readonly string[];
}

/** Finds routes by their segments. Fixed segments win over parameters, whatever the order of the table. */
export class Router<R extends { readonly method: string; readonly path: string }> {
  readonly #byShape = new Map<string, { readonly route: R; readonly segments: readonly string[] }[]>();
  /** Every route by the name that faults use. */
  readonly names: ReadonlySet<string>;

  constructor(routes: readonly R[]) {
    this.names = new Set(routes.map((route) => `${route.method} ${route.path}`));
    const fixedFirst = [...routes].sort((left, right) => countParams(left.path) - countParams(right.path));
    for (const route of fixedFirst) {
      const segments = route.path.split("/");
      const shape = `${route.method} ${segments.length}`;
      this.#byShape.set(shape, [...(this.#byShape.get(shape) ?? []), { route, segments }]);
    }
  }

  find(method: string, path: string): RouteMatch<R> | null {
    const actual = path.split("/");
    for (const { route, segments } of this.#byShape.get(`${method} ${actual.length}`) ?? []) {
      const matches = segments.every((segment, index) => segment.startsWith(":") || segment === actual[index]);
      if (!matches) continue;
      const ids = actual.filter((_, index) => segments[index]?.startsWith(":"));
      return { route, name: `${route.method} ${route.path}`, ids };
    }
    return null;
  }
}

function countParams(path: string): number {
  return path.split("/").filter((segment) => segment.startsWith(":")).length;
}
