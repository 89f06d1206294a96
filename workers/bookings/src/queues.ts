import type { Queues } from "@foyer/messaging/queues";
import type { Env } from "./env.ts";

/** The queues that bookings sends to, by consumer. */
export function queuesOf(env: Env): Queues {
  return {
    users: env.QUEUE_USERS,
    bookings: env.QUEUE_BOOKINGS,
    payments: env.QUEUE_PAYMENTS,
    notifications: env.QUEUE_NOTIFICATIONS,
    search: env.QUEUE_SEARCH,
    analytics: env.QUEUE_ANALYTICS,
  };
}
