import type { emailChangeSchema } from "@foyer/contracts/users/api/links";
import type { invitationPreviewSchema } from "@foyer/contracts/users/api/organizations";
import type { Foyer } from "@foyer/sdk";
import type * as z from "zod";
import { foyer, isSignedOut, stranger } from "./account.ts";

/** What an invitation says to whoever holds its link. */
export type InvitationPreview = z.infer<typeof invitationPreviewSchema>;
/** How far a change of address is. */
export type EmailChange = z.infer<typeof emailChangeSchema>;

type LoosePost = (path: string, init: { body: object; idempotencyKey: null }) => Promise<{ data: unknown }>;

/** Posts once: these use something up, and what was used up is not asked for twice by itself. */
async function post(client: Foyer, path: string, body: object): Promise<unknown> {
  // The method takes any path at run time; these paths are declared by the contracts, which the answers' types come from.
  const send = client.post as unknown as LoosePost;
  return (await send(path, { body, idempotencyKey: null })).data;
}

/** What an invitation is about. Uses nothing up. */
export async function previewInvitation(token: string): Promise<InvitationPreview> {
  return (await post(stranger, "/v1/invitations/preview", { token })) as InvitationPreview;
}

/** Joins the organization, as whoever is signed in. */
export async function acceptInvitation(token: string): Promise<void> {
  await post(foyer, "/v1/invitations/accept", { token });
}

/** Answers the demand for a second factor, in the mode in which the first was shown. */
export async function verifyFactor(token: string, factor: { code: string } | { recoveryCode: string }): Promise<void> {
  await post(foyer, "/v1/auth/mfa/verify", { token, ...factor });
}

/** Agrees to a change of address. A session of the account goes on; one that has ended already is left out of it. */
export async function confirmEmailChange(token: string): Promise<EmailChange> {
  const path = "/v1/auth/email/confirm-change";
  try {
    return (await post(foyer, path, { token })) as EmailChange;
  } catch (thrown) {
    if (!isSignedOut(thrown)) throw thrown;
    return (await post(stranger, path, { token })) as EmailChange;
  }
}
