import type { CookieSessionBody, SessionBody } from "@foyer/contracts/users/api/sessions";
import { limits } from "@foyer/kernel/limits";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { toUserBody } from "../domain/user.ts";
import type { Admission } from "../service/sessions/admit.ts";
import type { SignedIn, Tokens } from "../service/sessions/plan-session.ts";
import type { UsersContext } from "./call.ts";

/** Whom the browser shows at every request; the gateway makes a bearer token of it. */
const accessCookie = "__Host-foyer_access";
/**
 * What gets the next one; the gateway shows it to the routes of signing in alone. By the `__Host-` prefix no neighbouring host can have planted
 * it (RFC 6265bis section 4.1.3), which costs that every request carries it.
 */
const refreshCookie = "__Host-foyer_refresh";

const kept = { path: "/", httpOnly: true, secure: true, sameSite: "Strict" } as const;

/** The session of an answer: its tokens in the body, or in cookies that no script reads. */
export function sessionBody(c: UsersContext, tokens: Tokens): SessionBody | CookieSessionBody {
  const expiresIn = limits.accessTokenTtlSeconds;
  if (tokens.mode === "bearer") {
    const { accessToken, refreshToken } = tokens;
    return { accessToken, refreshToken, tokenType: "Bearer", expiresIn };
  }
  setAccessCookie(c, tokens.accessToken);
  setCookie(c, refreshCookie, tokens.refreshToken, { ...kept, maxAge: limits.refreshTokenTtlSeconds });
  return { tokenType: "Cookie", expiresIn };
}

/** Gives the browser the next access token. */
export function setAccessCookie(c: UsersContext, accessToken: string): void {
  setCookie(c, accessCookie, accessToken, { ...kept, maxAge: limits.accessTokenTtlSeconds });
}

/** The refresh token that the caller's browser keeps. */
export function refreshTokenIn(c: UsersContext): string | undefined {
  return getCookie(c, refreshCookie);
}

/** Whether the caller's browser keeps a session. */
export function hasCookieSession(c: UsersContext): boolean {
  return getCookie(c, refreshCookie) !== undefined;
}

/** Takes the session from the browser. */
export function clearSessionCookies(c: UsersContext): void {
  deleteCookie(c, accessCookie, kept);
  deleteCookie(c, refreshCookie, kept);
}

/** Somebody who is in, as the answer says it. */
export function signedInBody(c: UsersContext, { user, tokens }: SignedIn) {
  return { user: toUserBody(user, c.get("deps").publicUrl), session: sessionBody(c, tokens) };
}

/** Somebody who has shown a first factor, as the answer says it. */
export function admissionBody(c: UsersContext, admission: Admission) {
  if (admission.kind === "signed_in") return signedInBody(c, admission.signedIn);
  const { token, methods } = admission;
  return { mfa: { token, methods: [...methods], expiresIn: limits.challengeTtlSeconds } };
}
