import type { Env } from "../src/env.ts";

/** What the stub workers let tests ask and set. */
interface StubControls {
  testSeen(requestId: string): Promise<number>;
  testFailReadiness(value: boolean): Promise<void>;
}

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends GatewayEnv {}
  }
}
type GatewayEnv = Env & {
  readonly [K in "USERS" | "EVENTS" | "BOOKINGS" | "PAYMENTS" | "NOTIFICATIONS" | "SEARCH"]: StubControls;
};
