import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { Actor } from "@foyer/contracts/shared/actor";
import type { Role } from "@foyer/contracts/shared/permissions";
import type { Env } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends EventsEnv {}
  }
}

/** What the stubs of peers offer to tests beside their RPC. */
interface UsersTest {
  testGrant(userId: string, organizationId: string, role: Role): Promise<void>;
}
interface BookingsTest {
  testMissing(eventId: string, codes: readonly string[]): Promise<void>;
  testTickets(eventId: string, count: number): Promise<void>;
  testDown(organizationId: string, down: boolean): Promise<void>;
  testCalls(eventId: string): Promise<BookingsCall[]>;
  testCallsAbout(organizationId: string): Promise<BookingsCall[]>;
}
export interface BookingsCall {
  readonly method: "prepareSale" | "getSaleReadiness" | "openSale" | "closeSale" | "getSaleTally" | "copySale";
  readonly actor: Actor;
  readonly event?: EventFacts;
  readonly version?: number;
  readonly fromEventId?: string;
}
type EventsEnv = Omit<Env, "USERS" | "BOOKINGS"> & {
  readonly USERS: Env["USERS"] & UsersTest;
  readonly BOOKINGS: Env["BOOKINGS"] & BookingsTest;
};
