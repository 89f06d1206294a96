import type { Role } from "../shared/permissions.ts";

/** Changes of how one signs in, and what else an owner must hear of their account; told without a link. */
export const noticeKinds = [
  "password_changed",
  "password_reset",
  "email_changed",
  "totp_enabled",
  "totp_disabled",
  "recovery_codes_made",
  "recovery_code_used",
  "passkey_added",
  "passkey_removed",
  "identity_linked",
  "identity_unlinked",
  "sessions_ended",
  "impersonated",
  "suspended",
  "restored",
  "erased",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** What a letter is about, with what its text needs beside the link. */
export type LetterSubject =
  | { readonly kind: "verify_email" }
  | { readonly kind: "reset_password" }
  /** `current` goes to the address that is left, `new` to the one that takes its place. */
  | { readonly kind: "confirm_email_change"; readonly side: "current" | "new"; readonly newEmail: string }
  | {
      readonly kind: "invitation";
      readonly organizationName: string;
      readonly inviterName: string;
      readonly role: Role;
    }
  | {
      readonly kind: "notice";
      readonly notice: NoticeKind;
      /** When it was done, RFC 3339. */
      readonly at: string;
      /** By what and from where, as far as is known. */
      readonly device: string | null;
      readonly place: string | null;
      /** A name that tells which of several it was: of a passkey, a provider. */
      readonly name: string | null;
    };

/** A mail about an account, as it is to be written. */
export interface Letter {
  readonly to: string;
  /** BCP 47, where its reader has chosen one. */
  readonly locale: string | null;
  readonly subject: LetterSubject;
  /** The secret of the link, and until when it works (RFC 3339); null for letters without a link. */
  readonly link: { readonly token: string; readonly expiresAt: string } | null;
}
