import { FoyerProblem } from "@foyer/sdk";

const limitedStatus = 429;
const serverFaultStatus = 500;

/** The stable code of a refusal, or null where nothing was answered at all. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof FoyerProblem ? thrown.code : null;
}

/** What a refusal says of one input, or null where it is about something else. */
export function faultOf(thrown: unknown, path: string): string | null {
  if (!(thrown instanceof FoyerProblem)) return null;
  return thrown.errors.find((error) => error.path === path)?.message ?? null;
}

/** Whether a link's token leads nowhere: it was used, replaced, has expired or was damaged on its way. */
export function isLinkVoid(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === "users.token_invalid" || code === "users.invitation_invalid" || faultOf(thrown, "token") !== null;
}

/** Why a new password is refused, or null where the refusal is about something else. */
export function whyPasswordRefused(thrown: unknown): string | null {
  if (codeOf(thrown) === "users.password_common") {
    return "This password is among the first that a guesser tries. Choose another.";
  }
  const fault = faultOf(thrown, "password");
  return fault === null ? null : `This password cannot be taken: ${fault.toLowerCase()}.`;
}

/** What went wrong, in words for the person in front of the page. */
export function explain(thrown: unknown): string {
  if (!(thrown instanceof FoyerProblem)) {
    return "We could not reach the server. Check your connection, then try again.";
  }
  if (thrown.status === limitedStatus) {
    const seconds = thrown.retryAfterSeconds ?? 60;
    return `There were too many requests from your network. Try again in ${seconds} seconds.`;
  }
  const reference = thrown.requestId === "" ? "" : ` If it stays so, tell support this number: ${thrown.requestId}`;
  if (thrown.status >= serverFaultStatus) return `The server has a problem right now. Try again shortly.${reference}`;
  return `${thrown.title}. ${thrown.detail}`;
}
