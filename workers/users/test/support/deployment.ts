import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createUsersApp } from "../../src/app.ts";
import { createDeps, type Deps } from "../../src/deps.ts";
import type { Env } from "../../src/env.ts";

/** The worker as another deployment has it: other variables, and dependencies to watch. */
export function deployment(variables: Partial<Env>, overrides: Partial<Deps> = {}) {
  const deps: Deps = { ...createDeps({ ...env, ...variables }), ...overrides };
  const app = createUsersApp(() => deps);
  return {
    deps,
    post: async (path: string, body: unknown): Promise<Response> =>
      app.request(
        `https://users${path}`,
        { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
        {},
        createExecutionContext(),
      ),
  };
}
