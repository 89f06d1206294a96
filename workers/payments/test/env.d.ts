import type { AuthenticatedKey } from "@foyer/contracts/users/rpc";
import type { Env } from "../src/env.ts";

/** What the stand-in for bookings knows of an order. */
interface StubOrder {
  orderId: string;
  eventId: string;
  organizationId: string;
  secret: string;
  userId: string | null;
  email: string;
  createdAtMs: number;
  total: { amount: number; currency: string };
  items: {
    ticketTypeId: string;
    name: string;
    quantity: number;
    unitPrice: { amount: number; currency: string };
  }[];
  status: string;
  outcome: "confirmed" | "refund_due";
  confirmations: number;
  paid?: { amount: number; currency: string };
  payments: Record<string, string>;
  refunds: {
    refundId: string;
    paymentId: string;
    amount: { amount: number; currency: string };
    ticketIds: string[];
    orderWas: string;
  }[];
  tickets?: string[];
  heldUntilMs?: number;
  unknown?: boolean;
  refuseRefunds?: boolean;
}

interface StripeObject {
  id: string;
  status: string;
  amount: number;
  amount_total: number;
  success_url: string;
  expires_at: number;
  payment_intent: string | null;
  metadata: Record<string, string>;
  lines: { quantity: string; price_data: { unit_amount: string } }[];
}

export interface StripeEvent {
  id: string;
  type: string;
}

interface Stubs {
  BOOKINGS: Env["BOOKINGS"] & {
    testOrder(order: Partial<StubOrder>): Promise<void>;
    testDown(isDown: boolean): Promise<void>;
    testPatch(orderId: string, patch: Partial<StubOrder>): Promise<void>;
    testRead(orderId: string): Promise<StubOrder>;
  };
  USERS: Env["USERS"] & {
    testGrant(userId: string, organizationId: string, role: string): Promise<void>;
    testKey(key: string, found: Omit<AuthenticatedKey, "checkedAtMs">): Promise<void>;
    testContact(contact: { userId: string; email: string; name: string; emailVerified: boolean }): Promise<void>;
    testErasure(erasure: {
      userId: string;
      email: string;
      emailVerified: boolean;
      requestedAtMs: number;
    }): Promise<void>;
    testDown(calls: number): Promise<void>;
  };
  OUTSIDE: {
    testPay(objectId: string, how?: { state?: string; received?: number }): Promise<StripeEvent[]>;
    testAsyncFailure(sessionId: string): Promise<StripeEvent[]>;
    testExpire(sessionId: string): Promise<StripeEvent[]>;
    testCancel(intentId: string): Promise<StripeEvent[]>;
    testRefundElsewhere(intentId: string, amount: number): Promise<StripeEvent[]>;
    testRefundState(refundId: string, status: string): Promise<StripeEvent[]>;
    testEvent(type: string, object: object): Promise<StripeEvent>;
    testPatch(objectId: string, patch: object): Promise<void>;
    testForget(objectId: string): Promise<void>;
    testForgetKeys(): Promise<void>;
    testFault(on: string, kind: string, times?: number): Promise<void>;
    testClearFaults(): Promise<void>;
    testOfOrder(orderId: string): Promise<{
      intents: StripeObject[];
      sessions: StripeObject[];
      refunds: StripeObject[];
      calls: { pattern: string; text: string; key: string | null }[];
    }>;
  };
}

type PaymentsEnv = Omit<Env, keyof Stubs> & Stubs;

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
    interface Env extends PaymentsEnv {}
  }
}
