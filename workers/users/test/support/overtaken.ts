import { env } from "cloudflare:workers";
import { createDeps, type Deps } from "../../src/deps.ts";

/** The dependencies of a request that something else overtakes, between what it reads and what it writes. */
export function overtakenBy(act: (deps: Deps) => Promise<unknown>): Deps {
  const deps = createDeps(env);
  let isDone = false;
  const commit: Deps["store"]["commit"] = async (writes, expected) => {
    if (!isDone) {
      isDone = true;
      await act(deps);
    }
    return deps.store.commit(writes, expected);
  };
  return { ...deps, store: { ...deps.store, commit } };
}
