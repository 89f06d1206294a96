import type { ProviderName } from "@foyer/contracts/users/api/providers";
import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { equalInConstantTime } from "@foyer/kernel/encoding";
import type { UserId } from "@foyer/kernel/ids";

/** Somebody is on their way to a provider and back. */
export interface OAuthFlow {
  /** SHA-256 of the state; the flow's name. */
  readonly stateHash: string;
  readonly provider: ProviderName;
  readonly intent: "sign_in" | "link";
  /** Who links; null where somebody signs in. */
  readonly userId: UserId | null;
  /** Where it ends. */
  readonly redirectUri: string;
  readonly mode: SessionMode;
  /** SHA-256 of the cookie that binds the flow to its browser; empty where the challenge binds it, which no hash is. */
  readonly browserHash: string;
  /** The client's own S256 challenge, where it binds the flow to that client. */
  readonly codeChallenge: string | null;
  readonly expiresAtMs: number;
}

/** Whether an answer of the provider comes by the browser that asked. A client that has a challenge shows its verifier later. */
export function mayReturn(flow: OAuthFlow, browserHash: string | null): boolean {
  return flow.codeChallenge !== null || isBrowser(flow, browserHash);
}

/**
 * Whether a one-time code is shown by whoever began. A verifier where none was announced is refused, too: its sender believes in
 * a protection that somebody has stripped (RFC 9700 section 4.8.2).
 */
export function mayRedeem(
  flow: OAuthFlow,
  shown: { readonly browserHash: string | null; readonly challenge: string | null },
): boolean {
  if (flow.codeChallenge === null) return shown.challenge === null && isBrowser(flow, shown.browserHash);
  return shown.challenge !== null && equalInConstantTime(flow.codeChallenge, shown.challenge);
}

function isBrowser(flow: OAuthFlow, browserHash: string | null): boolean {
  return browserHash !== null && equalInConstantTime(flow.browserHash, browserHash);
}

/** Why a flow ended without an identity, as the client's address is told: in our words, never in the provider's. */
export type ReturnError = "access_denied" | "provider_refused" | "provider_unavailable";

const denials = new Set(["access_denied", "user_cancelled_authorize"]);
const outages = new Set(["server_error", "temporarily_unavailable"]);

/** What a provider's `error` (RFC 6749 section 4.1.2.1) comes to. */
export function returnErrorOf(error: string): ReturnError {
  if (denials.has(error)) return "access_denied";
  return outages.has(error) ? "provider_unavailable" : "provider_refused";
}

/**
 * The client's address with the outcome in its query. The fragment is empty and not left out, because browsers carry that of the page
 * before (Facebook's `#_=_`, or whatever a stranger wrote there) over to an address without one (RFC 9110 section 10.2.2).
 */
export function returnAddress(
  redirectUri: string,
  outcome: { readonly code: string } | { readonly error: ReturnError },
) {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value);
  return `${url.href}#`;
}
