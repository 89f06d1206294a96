import { FoyerProblem, problemFrom } from "./problem.ts";

const unauthenticatedStatus = 401;
/** What the API says of an access token that has ended: its cookie is gone already, or is refused. */
const endedCodes = new Set(["auth.required", "auth.invalid_token"]);

/**
 * Sends requests of a session that a browser keeps in cookies. One that is refused because the access token has ended is sent once more, after
 * `renew` has got the next; calls that are refused at once share one renewal. Where there is no session to continue, the refusal stands; where that
 * could not be found out, what `renew` threw is thrown, because nobody has been signed out.
 */
export function sendRenewing(
  send: (request: Request) => Promise<Response>,
  renew: () => Promise<unknown>,
): (request: Request) => Promise<Response> {
  let renewals = 0;
  let renewing: Promise<boolean> | null = null;

  async function renewOnce(): Promise<boolean> {
    try {
      await renew();
      renewals += 1;
      return true;
    } catch (thrown) {
      if (thrown instanceof FoyerProblem && thrown.status === unauthenticatedStatus) return false;
      throw thrown;
    } finally {
      renewing = null;
    }
  }

  return async (request) => {
    const renewalsBefore = renewals;
    const response = await send(request.clone());
    if (request.headers.has("authorization") || !(await hasEnded(response))) return response;
    // Another call may have got the next token while this one was on its way.
    if (renewals === renewalsBefore) {
      renewing ??= renewOnce();
      if (!(await renewing)) return response;
    }
    await response.body?.cancel();
    return send(request);
  };
}

async function hasEnded(response: Response): Promise<boolean> {
  if (response.status !== unauthenticatedStatus) return false;
  return endedCodes.has((await problemFrom(response.clone())).code);
}
