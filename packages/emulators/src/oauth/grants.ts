import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@foyer/kernel/clock";
import { equalInConstantTime, randomSecret } from "@foyer/kernel/encoding";
import { emulatorLimits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** What an account allowed a client, and to what request its code is bound. */
export interface Grant {
  readonly clientId: string;
  readonly accountId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly nonce: string | null;
  /** The S256 challenge; null where the request had none. */
  readonly challenge: string | null;
}

/** One grant as {@link OAuthControl.state} shows it, without its secrets. */
export interface GrantState {
  readonly clientId: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  /** A code is spent by its first presentation, whatever came of that. */
  readonly code: "open" | "expired" | "spent";
  readonly accessToken: "none" | "valid" | "revoked";
}

interface Entry {
  readonly grant: Grant;
  expiresAtMs: number;
  spent: boolean;
  accessToken: string | null;
  revoked: boolean;
}

/** What a client shows to redeem a code. */
export interface Redemption {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string | null;
}

/** The codes and access tokens of one provider. */
export class Grants {
  readonly #byCode = new Map<string, Entry>();
  readonly #byToken = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #tokenPrefix: string;

  constructor(clock: Clock, tokenPrefix: string) {
    this.#clock = clock;
    this.#tokenPrefix = tokenPrefix;
  }

  /** Makes a code for what was allowed. */
  issue(grant: Grant): string {
    if (this.#byCode.size >= emulatorLimits.grantsKeptMax) this.#forgetOldest();
    const code = randomSecret();
    const expiresAtMs = this.#clock.nowMs() + emulatorLimits.authorizationCodeTtlMs;
    this.#byCode.set(code, { grant, expiresAtMs, spent: false, accessToken: null, revoked: false });
    return code;
  }

  /**
   * Turns a code into an access token. The first presentation by its client spends it, even where that fails: who
   * guesses at a verifier has one guess. A second one also revokes what the first was given, because one of the two was
   * a thief (https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2).
   */
  redeem(code: string, shown: Redemption): { readonly grant: Grant; readonly accessToken: string } {
    const entry = this.#byCode.get(code);
    if (entry === undefined || entry.grant.clientId !== shown.clientId) {
      // Of another client's code nothing is said, and nothing happens to it.
      throw new Refusal("code_unknown", "The code is unknown to this client");
    }
    if (entry.spent) {
      entry.revoked = true;
      throw new Refusal("code_spent", "The code was already used");
    }
    entry.spent = true;
    if (entry.expiresAtMs <= this.#clock.nowMs()) throw new Refusal("code_expired", "The code has expired");
    if (entry.grant.redirectUri !== shown.redirectUri) {
      throw new Refusal("redirect_uri_mismatch", "The redirect_uri is not the one of the authorization request");
    }
    checkVerifier(entry.grant.challenge, shown.verifier);
    const accessToken = `${this.#tokenPrefix}${randomBytes(24).toString("hex")}`;
    entry.accessToken = accessToken;
    this.#byToken.set(accessToken, entry);
    return { grant: entry.grant, accessToken };
  }

  /** What an access token stands for; null where it is none, or was revoked. */
  findByToken(accessToken: string): Grant | null {
    const entry = this.#byToken.get(accessToken);
    return entry === undefined || entry.revoked ? null : entry.grant;
  }

  /** Ends the time of every code that is still open. */
  expireCodes(): void {
    for (const entry of this.#byCode.values()) entry.expiresAtMs = this.#clock.nowMs();
  }

  #forgetOldest(): void {
    for (const [code, { accessToken }] of this.#byCode) {
      this.#byCode.delete(code);
      if (accessToken !== null) this.#byToken.delete(accessToken);
      return;
    }
  }

  clear(): void {
    this.#byCode.clear();
    this.#byToken.clear();
  }

  /** All grants, oldest first. */
  list(): GrantState[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#byCode.values()].map(({ grant, expiresAtMs, spent, accessToken, revoked }) => ({
      clientId: grant.clientId,
      accountId: grant.accountId,
      scopes: grant.scopes,
      code: spent ? "spent" : expiresAtMs <= nowMs ? "expired" : "open",
      accessToken: accessToken === null ? "none" : revoked ? "revoked" : "valid",
    }));
  }
}

/**
 * Holds a verifier against its challenge (https://www.rfc-editor.org/rfc/rfc7636#section-4.6). One that nothing was asked
 * for is refused too: a client that sends it believes in a protection that an attacker has stripped from its request
 * (https://www.rfc-editor.org/rfc/rfc9700#section-4.8.2).
 */
function checkVerifier(challenge: string | null, verifier: string | null): void {
  if (challenge === null && verifier === null) return;
  if (challenge === null) throw new Refusal("verifier_unneeded", "The request had no code_challenge");
  if (verifier === null) throw new Refusal("verifier_missing", "The code_verifier is missing");
  const isVerifier = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
  const hash = createHash("sha256").update(verifier).digest("base64url");
  if (!isVerifier || !equalInConstantTime(hash, challenge)) {
    throw new Refusal("verifier_wrong", "The code_verifier does not match the code_challenge");
  }
}
