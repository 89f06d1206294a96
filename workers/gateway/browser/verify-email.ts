import { foyer, isSignedOut, stranger, whoIsSignedIn } from "./account.ts";
import { byId, fragmentValue, say, show } from "./dom.ts";
import { codeOf, faultOf, isLinkVoid } from "./failures.ts";
import { onSubmit, refuseInput } from "./forms.ts";

/**
 * The page that a verification mail links to. The token is used up by a press of the button and by nothing else, because
 * mail scanners open links, and some run the scripts of what they opened. The account's password goes along, unless this browser is signed
 * in to it: whoever has the mail and neither did not open the account, and must not make it good for whoever did.
 */

const status = byId("status", HTMLElement);
const prove = byId("prove", HTMLFormElement);
const secret = byId("secret", HTMLElement);
const password = byId("password", HTMLInputElement);
const resend = byId("resend", HTMLFormElement);
const email = byId("email", HTMLInputElement);
const token = fragmentValue("token");

const linkVoid =
  "This link no longer works: it was used already, a newer one has replaced it, or its time is over. " +
  "If you have verified your address before, there is nothing left to do. Otherwise ask for a new link.";

async function verifyAddress(): Promise<void> {
  say(status, "Verifying your address…");
  const isSession = secret.hidden;
  const body = { token: token ?? "", ...(isSession ? {} : { password: password.value }) };
  try {
    // Without a key it is not sent twice by itself: the second answer would say that the token is used.
    await (isSession ? foyer : stranger).post("/v1/auth/email/verify", { body, idempotencyKey: null });
  } catch (thrown) {
    if (isLinkVoid(thrown)) return offerNewLink(linkVoid);
    const why = whyNotProven(thrown);
    if (why === null) throw thrown;
    askForPassword();
    return refuseInput(password, status, why);
  }
  show(false, prove);
  password.value = "";
  document.title = "Address verified";
  say(status, `Your address is verified. You can close this page${isSession ? "" : " and sign in"}.`, "good");
}

function whyNotProven(thrown: unknown): string | null {
  const code = codeOf(thrown);
  if (code === "users.proof_required" || isSignedOut(thrown)) {
    return "You are not signed in to the account that this link is for. Type its password.";
  }
  if (code === "users.invalid_credentials" || faultOf(thrown, "password") !== null) {
    return "That is not the password of this account. If you did not open it, do nothing: without you it stays unverified.";
  }
  return null;
}

function askForPassword(): void {
  show(true, secret);
  password.required = true;
}

function offerNewLink(why: string): void {
  show(false, prove);
  show(true, resend);
  say(status, why, "bad");
}

async function sendNewLink(): Promise<void> {
  say(status, "Asking for a new link…");
  try {
    await stranger.post("/v1/auth/email/resend", { body: { email: email.value.trim() } });
  } catch (thrown) {
    if (faultOf(thrown, "email") === null) throw thrown;
    return refuseInput(email, status, "That is not an email address. Check it, then try again.");
  }
  show(false, resend);
  say(
    status,
    "If this address waits for its verification, a new link is on its way to it. Look into your mail.",
    "good",
  );
}

async function start(): Promise<void> {
  if (token === null)
    return offerNewLink("This link is incomplete. Open it from the mail again, or ask for a new one.");
  // Whoever cannot be asked who they are can still type their password.
  const user = await whoIsSignedIn().catch(() => null);
  show(true, prove);
  if (user !== null)
    return say(status, "Press the button to confirm that the address to which we sent this link is yours.");
  askForPassword();
  say(
    status,
    "Type your password and press the button to confirm that the address to which we sent this link is yours.",
  );
}

onSubmit(prove, status, verifyAddress);
onSubmit(resend, status, sendNewLink);
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => location.reload());

show(true, byId("page", HTMLElement));
void start();
