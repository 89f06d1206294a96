const keyOf = (orderId: string): string => `foyer:${orderId}:secret`;

/**
 * Keeps an order's secret in this tab, for when the buyer comes back from the payment provider: the address they return to is
 * without it. It ends with the tab. A browser may refuse to keep anything; then the link has to be opened again.
 */
export function keepSecret(orderId: string, secret: string): void {
  try {
    sessionStorage.setItem(keyOf(orderId), secret);
  } catch {
    // Nothing can be done about it here, and the page works without it until the buyer leaves.
  }
}

/** The secret that this tab has kept of an order. */
export function keptSecret(orderId: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(orderId));
  } catch {
    return null;
  }
}
