import { createFoyer, type Schema } from "@foyer/sdk";
import { codeOf } from "./failures.ts";

/** Calls as whoever is signed in in this browser, if anybody is: their session is in cookies, which no script reads. */
export const foyer = createFoyer({ baseUrl: location.origin, credentials: "include" });

/** Calls as nobody: what a link's token alone decides must not depend on who is signed in. */
export const stranger = createFoyer({ baseUrl: location.origin, credentials: "omit" });

/** Whether a refusal says that there is no session, or none any more. */
export function isSignedOut(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === "auth.required" || code === "auth.invalid_token";
}

/** Who is signed in in this browser; null for nobody. */
export async function whoIsSignedIn(): Promise<Schema<"User"> | null> {
  try {
    return (await foyer.get("/v1/users/profile")).data;
  } catch (thrown) {
    if (isSignedOut(thrown)) return null;
    throw thrown;
  }
}
