import type { Env } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
      durableNamespaces: "BoxOffice";
    }
    interface Env extends BookingsEnv {}
  }
}
type BookingsEnv = Env;
