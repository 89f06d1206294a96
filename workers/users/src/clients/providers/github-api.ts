import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import { claimsOfGitHub, type ProviderClaims } from "../../domain/providers.ts";
import { type CallProvider, refused } from "./outside-calls.ts";

const userSchema = z.object({
  id: z.int().min(1),
  login: z.string().max(limits.nameCharsMax),
  name: z.string().nullable(),
});
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const unseen = 404; // what is there but may not be seen does not exist, at GitHub

/**
 * Asks GitHub's API whom an access token is of (https://docs.github.com/en/rest/users). An account whose addresses may not be
 * seen has none.
 */
export async function askGitHub(
  apiUrl: string,
  call: CallProvider,
  accessToken: string,
): Promise<Result<ProviderClaims>> {
  const headers = { authorization: `Bearer ${accessToken}`, "x-github-api-version": "2022-11-28" };
  const [user, emails] = await Promise.all([
    call("user", `${apiUrl}/user`, { method: "GET", headers }),
    call("emails", `${apiUrl}/user/emails`, { method: "GET", headers }),
  ]);
  if (!user.ok) return user;
  if (!emails.ok) return emails;
  const parsedUser = userSchema.safeParse(user.value.status === 200 ? user.value.body : null);
  const parsedEmails = emailsSchema.safeParse(emails.value.status === unseen ? [] : emails.value.body);
  if (!parsedUser.success || !parsedEmails.success) return refused;
  const claims = claimsOfGitHub(parsedUser.data, parsedEmails.data);
  return claims === null ? refused : ok(claims);
}
