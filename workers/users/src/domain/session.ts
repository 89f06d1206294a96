import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import type { Id, UserId } from "@foyer/kernel/ids";

/** Why a session ended. */
export type EndReason =
  | "logout"
  | "refresh_reused"
  | "ended"
  | "password_changed"
  | "password_reset"
  | "email_changed"
  | "suspended"
  | "revoked";

/** One sign-in on one device. */
export interface Session {
  readonly id: Id<"session">;
  readonly userId: UserId;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly expiresAtMs: number;
  /** When all factors were last proven; 0 under impersonation. */
  readonly authenticatedAtMs: number;
  /** `password`, `password+totp`, `passkey`, a provider's name, `impersonation`. */
  readonly method: string;
  readonly mode: SessionMode;
  readonly device: string;
  readonly place: string | null;
  /** Hash of browser and network. */
  readonly clientHash: string;
  readonly impersonatorId: UserId | null;
}
