import { answerRequest } from "./app.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";

let deps: Deps | undefined;

/** What the platform calls: the public API. It has no RPC methods, so there is nothing else to reach. */
export const gateway = {
  fetch(request, env, ctx) {
    deps ??= createDeps(env);
    return answerRequest(deps, request, (work) => ctx.waitUntil(work));
  },
} satisfies ExportedHandler<Env>;
