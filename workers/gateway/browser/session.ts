/**
 * What this tab remembers of an order: its secret, while the buyer is away at the payment provider, and that they went. It is
 * the tab's own and ends with it. A browser may refuse to keep anything; then the link in the mail has to be opened again.
 */
export interface OrderSession {
  readonly secret: string | null;
  keepSecret(secret: string): void;
  /** The buyer leaves for the provider's page. */
  leave(): void;
  /** Whether they had left; they have returned with this question. */
  hasReturned(): boolean;
}

/** The memory of one order in this tab. */
export function orderSession(orderId: string): OrderSession {
  const secretKey = `foyer:${orderId}:secret`;
  const awayKey = `foyer:${orderId}:away`;
  return {
    get secret() {
      return attempt((storage) => storage.getItem(secretKey));
    },
    keepSecret(secret) {
      attempt((storage) => storage.setItem(secretKey, secret));
    },
    leave() {
      attempt((storage) => storage.setItem(awayKey, "1"));
    },
    hasReturned() {
      const wasAway = attempt((storage) => storage.getItem(awayKey)) !== null;
      attempt((storage) => storage.removeItem(awayKey));
      return wasAway;
    },
  };
}

function attempt<T>(use: (storage: Storage) => T): T | null {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}
