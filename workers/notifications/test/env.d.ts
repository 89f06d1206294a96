import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { EventInvitation } from "@foyer/contracts/events/guests";
import type { Letter } from "@foyer/contracts/users/letters";
import type { Contact, ErasureDue } from "@foyer/contracts/users/rpc";
import type { OrderId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Env } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends NotificationsEnv {}
  }
}

/** The worker's bindings, with what the stand-ins of its peers offer to tests. */
type NotificationsEnv = Omit<Env, "USERS" | "BOOKINGS" | "EVENTS"> & {
  readonly USERS: Env["USERS"] & {
    testContact(contact: Contact): Promise<void>;
    testErasure(erasure: ErasureDue): Promise<void>;
    testLetter(letterId: string, result: Result<Letter>): Promise<void>;
    testDown(calls: number): Promise<void>;
  };
  readonly EVENTS: Env["EVENTS"] & {
    testInvitation(guestId: string, invitation: EventInvitation | null): Promise<void>;
    testDown(calls: number): Promise<void>;
  };
  readonly BOOKINGS: Env["BOOKINGS"] & {
    testOrder(order: OrderDocument): Promise<void>;
    testDown(calls: number): Promise<void>;
    testAsked(): Promise<{ readonly orderId: OrderId; readonly requestId: string }[]>;
  };
};
