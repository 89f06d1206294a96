import type { Env } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends AnalyticsEnv {}
  }
}
type AnalyticsEnv = Env;
