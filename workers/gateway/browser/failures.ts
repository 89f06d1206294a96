import { FoyerProblem } from "@foyer/sdk";

const limitedStatus = 429;
const serverFaultStatus = 500;

/** The stable code of a refusal, or null where nothing was answered at all. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof FoyerProblem ? thrown.code : null;
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
