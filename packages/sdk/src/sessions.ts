import type { components } from "./generated/api.ts";

type Schemas = components["schemas"];

/**
 * The tokens of an answer to signing in or registering in bearer mode. Throws where there are none: a second factor is asked for
 * (`answer.mfa`), the session is in cookies, or the deployment wants the address verified first.
 */
export function bearerSession(answer: Schemas["LoginAnswer"] | Schemas["Registered"]): Schemas["Session"] {
  if ("mfa" in answer) throw new TypeError("the account asks for a second factor");
  if (answer.session === null) throw new TypeError("the address is to be verified first");
  if (answer.session.tokenType !== "Bearer") throw new TypeError("the session is in cookies");
  return answer.session;
}
