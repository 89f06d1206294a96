import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createUsersApp } from "../../src/app.ts";
import { createDeps, type Deps } from "../../src/deps.ts";
import type { Env } from "../../src/env.ts";

/** The worker as another deployment has it: other variables, and dependencies to watch. */
export function deployment(variables: Partial<Env>, overrides: Partial<Deps> = {}) {
  const deps: Deps = { ...createDeps({ ...env, ...variables }), ...overrides };
  const app = createUsersApp(() => deps);
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    app.request(
      `https://users${path}`,
      {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      {},
      createExecutionContext(),
    );
  return { deps, send, post: (path: string, body: unknown) => send("POST", path, body) };
}
