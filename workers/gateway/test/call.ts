import { exports } from "cloudflare:workers";

/** What a stub worker tells of the request that reached it. */
export interface Told {
  readonly worker: string;
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls the gateway from outside. */
export function call(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(`https://api.example${path}`, { redirect: "manual", ...init });
}

/** Calls the gateway and returns what the worker behind it was sent. */
export async function told(path: string, init: RequestInit = {}): Promise<Told> {
  const response = await call(path, init);
  if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Headers that make the stub worker answer so. */
export function answering(answer: {
  readonly status?: number;
  /** As pairs where a name is there twice. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly fault?: "throw";
}): Record<string, string> {
  return { "test-answer": JSON.stringify({ status: 200, ...answer }) };
}
