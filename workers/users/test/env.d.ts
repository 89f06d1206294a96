import type { Env } from "../src/env.ts";
import type { OutsideCall, PlannedAnswer } from "./support/providers.ts";

/** What only tests are bound to. */
interface UsersEnv extends Env {
  OUTSIDE: {
    testPlan(key: string, answers: PlannedAnswer[]): Promise<void>;
    testCalls(key: string): Promise<OutsideCall[]>;
  };
}

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends UsersEnv {}
  }
}
