import createClient, { type FetchResponse, type MaybeOptionalInit } from "openapi-fetch";
import type { HttpMethod, MediaType, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import type { components, paths } from "./generated/api.ts";
import { problemFrom } from "./problem.ts";
import { sendRenewing } from "./renewal.ts";
import { fetchWithRetry, type RetryOptions } from "./retry.ts";

export type { components, paths } from "./generated/api.ts";
export { FoyerProblem, type ProblemField } from "./problem.ts";
export { bearerSession } from "./sessions.ts";

/** A named type of the API: `Schema<"Money">`. */
export type Schema<N extends keyof components["schemas"]> = components["schemas"][N];

export interface FoyerOptions {
  /** Where the API is, `https://api.example`. */
  readonly baseUrl: string;
  /** An access token or API key, or what gets the current one before each request. Left out, calls are anonymous. */
  readonly accessToken?: string | (() => string | null | Promise<string | null>);
  /**
   * `include` is for browsers that keep their session in cookies (`mode: "cookie"`): they are sent along, and where the access token has ended it
   * is renewed and the call sent once more. `omit` sends and keeps none. Left out, what the platform does by itself.
   */
  readonly credentials?: "include" | "omit";
  /** Left out, the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Three attempts with pauses from 0.2 s, unless said otherwise. */
  readonly retry?: Partial<RetryOptions>;
}

/** What a call can carry beside what its operation declares. */
export interface CallOptions {
  /** Key of a POST. Made afresh for every call unless given; give one to repeat a call after a crash. Null sends none. */
  readonly idempotencyKey?: string | null;
  /** Proves that an anonymous caller holds a reservation. */
  readonly reservationSecret?: string;
  /** Proves that an anonymous caller holds an order. */
  readonly orderSecret?: string;
  /** A grant to a gated event. */
  readonly eventAccess?: string;
  readonly signal?: AbortSignal;
}

type Parameters<I> =
  RequiredKeysOf<I> extends never
    ? [(I & CallOptions & Record<string, unknown>)?]
    : [I & CallOptions & Record<string, unknown>];

type Body<P extends keyof paths, M extends HttpMethod & keyof paths[P], I> =
  paths[P][M] extends Record<string | number, unknown>
    ? Exclude<FetchResponse<paths[P][M], I, MediaType>["data"], undefined>
    : never;

/** An answer: the body as the operation declares it, and the response with its headers (`ETag`, `X-Request-Id`). */
export interface Answer<T> {
  readonly data: T;
  readonly response: Response;
}

/** Calls an operation by its path. Throws a `FoyerProblem` for every refusal. */
export type Call<M extends HttpMethod> = <
  P extends PathsWithMethod<paths, M>,
  I extends MaybeOptionalInit<paths[P], M>,
>(
  path: P,
  ...init: Parameters<I>
) => Promise<Answer<Body<P, M & keyof paths[P], I>>>;

/** One element of a list operation. */
type Item<T> = T extends { data: readonly (infer E)[] } ? E : never;

export interface Foyer {
  readonly get: Call<"get">;
  readonly post: Call<"post">;
  readonly put: Call<"put">;
  readonly patch: Call<"patch">;
  readonly delete: Call<"delete">;
  /** Every element of a list, page after page; pages are fetched as they are needed. */
  readonly paginate: <P extends PathsWithMethod<paths, "get">, I extends MaybeOptionalInit<paths[P], "get">>(
    path: P,
    ...init: Parameters<I>
  ) => AsyncGenerator<Item<Body<P, "get" & keyof paths[P], I>>, void, undefined>;
}

const refreshPath = "/v1/auth/refresh";

interface LooseInit extends CallOptions {
  readonly headers?: unknown;
  readonly params?: { readonly query?: Readonly<Record<string, unknown>> };
}
type LooseRequest = (method: string, path: string, init: object) => Promise<{ data?: unknown; response: Response }>;

/** Makes a client of one deployment. Make one and share it: calls that meet the end of a session at once then renew it once. */
export function createFoyer(options: FoyerOptions): Foyer {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const retry: RetryOptions = { attemptsMax: 3, pauseMs: 200, ...options.retry };
  const sendPatiently = (request: Request) => fetchWithRetry(request, retry, send);
  const renewing = sendRenewing(sendPatiently, () => call("post", refreshPath, { idempotencyKey: null }));
  const client = createClient<paths>({
    baseUrl: options.baseUrl.replace(/\/+$/, ""),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    fetch: (request) =>
      options.credentials === "include" && !request.url.endsWith(refreshPath)
        ? renewing(request)
        : sendPatiently(request),
  });
  client.use({
    async onRequest({ request }) {
      const token = typeof options.accessToken === "function" ? await options.accessToken() : options.accessToken;
      if (token !== undefined && token !== null && !request.headers.has("authorization"))
        request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
    async onResponse({ response }) {
      if (response.status >= 400) throw await problemFrom(response);
    },
  });
  // Paths and bodies are checked where the methods below are called; in here they are passed on as they are.
  const request = client.request as LooseRequest;

  async function call(method: string, path: string, init: LooseInit = {}): Promise<Answer<unknown>> {
    const { idempotencyKey, reservationSecret, orderSecret, eventAccess, headers, ...rest } = init;
    const own: Record<string, string> = {};
    const key = idempotencyKey === undefined && method === "post" ? crypto.randomUUID() : idempotencyKey;
    if (key !== undefined && key !== null) own["idempotency-key"] = key;
    if (reservationSecret !== undefined) own["x-reservation-secret"] = reservationSecret;
    if (orderSecret !== undefined) own["x-order-secret"] = orderSecret;
    if (eventAccess !== undefined) own["x-event-access"] = eventAccess;
    const merged = { ...rest, headers: { ...own, ...Object(headers) } };
    const { data, response } = await request(method, path, merged);
    return { data, response };
  }

  async function* paginate(path: string, init: LooseInit = {}): AsyncGenerator<unknown, void, undefined> {
    let cursor: string | null = null;
    do {
      const query = { ...init.params?.query, ...(cursor === null ? {} : { cursor }) };
      const { data } = await call("get", path, { ...init, params: { ...init.params, query } });
      if (!isPage(data)) throw new TypeError(`${path} is not a list`);
      yield* data.data;
      cursor = data.nextCursor;
    } while (cursor !== null);
  }

  const methods = Object.fromEntries(
    ["get", "post", "put", "patch", "delete"].map((method) => [
      method,
      (path: string, init?: LooseInit) => call(method, path, init),
    ]),
  );
  // A refusal never comes back from `call`, so what does is the body that the operation declares.
  return { ...methods, paginate } as unknown as Foyer;
}

function isPage(value: unknown): value is { data: unknown[]; nextCursor: string | null } {
  return (
    typeof value === "object" && value !== null && "data" in value && Array.isArray(value.data) && "nextCursor" in value
  );
}
