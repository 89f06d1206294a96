import type { SalesFigures, SaleTally } from "@foyer/contracts/bookings/sale-figures";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { Actor } from "@foyer/contracts/shared/actor";
import type { Role } from "@foyer/contracts/shared/permissions";
import type { AuthenticatedKey, Contact, ErasureDue } from "@foyer/contracts/users/rpc";
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
  testDown(calls: number): Promise<void>;
  testKey(key: string, found: Omit<AuthenticatedKey, "checkedAtMs">): Promise<void>;
  testGrant(userId: string, organizationId: string, role: Role): Promise<void>;
  testContact(contact: Contact): Promise<void>;
  testErasure(erasure: ErasureDue): Promise<void>;
  testOrganization(organization: { readonly id: string; readonly name: string; readonly slug: string }): Promise<void>;
}
interface BookingsTest {
  testMissing(eventId: string, codes: readonly string[]): Promise<void>;
  testTally(eventId: string, ...tallies: readonly Partial<SaleTally>[]): Promise<void>;
  testDown(organizationId: string, down: boolean): Promise<void>;
  testFigures(eventId: string, sold: SalesFigures): Promise<void>;
  testHolder(eventId: string, holder: { userId: string } | { orderId: string; secret: string }): Promise<void>;
  testCalls(eventId: string): Promise<BookingsCall[]>;
  testCallsAbout(organizationId: string): Promise<BookingsCall[]>;
}
export interface BookingsCall {
  readonly method:
    | "prepareSale"
    | "getSaleReadiness"
    | "openSale"
    | "closeSale"
    | "getSaleTally"
    | "copySale"
    | "holdsTicket";
  readonly actor: Actor;
  readonly event?: EventFacts;
  readonly version?: number;
  readonly fromEventId?: string;
}
type EventsEnv = Omit<Env, "USERS" | "BOOKINGS"> & {
  readonly USERS: Env["USERS"] & UsersTest;
  readonly BOOKINGS: Env["BOOKINGS"] & BookingsTest;
};
