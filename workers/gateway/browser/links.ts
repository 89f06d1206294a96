import type { Schema } from "@foyer/sdk";
import { foyer, isSignedOut, stranger } from "./account.ts";

/** What an invitation says to whoever holds its link. */
export type InvitationPreview = Schema<"InvitationPreview">;
/** How far a change of address is. */
export type EmailChange = Schema<"EmailChange">;

/** What an invitation is about. Uses nothing up. */
export async function previewInvitation(token: string): Promise<InvitationPreview> {
  return (await stranger.post("/v1/invitations/preview", { body: { token }, idempotencyKey: null })).data;
}

/** Joins the organization, as whoever is signed in. */
export async function acceptInvitation(token: string): Promise<void> {
  await foyer.post("/v1/invitations/accept", { body: { token }, idempotencyKey: null });
}

/** Answers the demand for a second factor, in the mode in which the first was shown. */
export async function verifyFactor(token: string, factor: { code: string } | { recoveryCode: string }): Promise<void> {
  await foyer.post("/v1/auth/mfa/verify", { body: { token, ...factor }, idempotencyKey: null });
}

/** Agrees to a change of address. A session of the account goes on; one that has ended already is left out of it. */
export async function confirmEmailChange(token: string): Promise<EmailChange> {
  const init = { body: { token }, idempotencyKey: null };
  try {
    return (await foyer.post("/v1/auth/email/confirm-change", init)).data;
  } catch (thrown) {
    if (!isSignedOut(thrown)) throw thrown;
    return (await stranger.post("/v1/auth/email/confirm-change", init)).data;
  }
}
