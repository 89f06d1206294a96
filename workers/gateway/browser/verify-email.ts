import { createFoyer } from "@foyer/sdk";
import { byId, fragmentValue, say, show } from "./dom.ts";
import { codeOf, explain } from "./failures.ts";

/**
 * The page that a verification mail links to. The token is used up by a press of the button and by nothing else, because
 * mail scanners open links, and some run the scripts of what they opened. The account's password goes along: whoever has the mail
 * and not the password did not open the account, and must not make it good for whoever did.
 */

const foyer = createFoyer({ baseUrl: location.origin });
const status = byId("status", HTMLElement);
const prove = byId("prove", HTMLFormElement);
const password = byId("password", HTMLInputElement);
const verify = byId("verify", HTMLButtonElement);
const resend = byId("resend", HTMLFormElement);
const email = byId("email", HTMLInputElement);
const send = byId("send", HTMLButtonElement);
const token = fragmentValue("token");

async function verifyAddress(): Promise<void> {
  verify.disabled = true;
  say(status, "Verifying your address…");
  try {
    // Without a key it is not sent twice by itself: the second answer would say that the token is used.
    const body = { token: token ?? "", password: password.value };
    await foyer.post("/v1/auth/email/verify", { body, idempotencyKey: null });
    show(false, prove);
    document.title = "Address verified";
    say(status, "Your address is verified. You can close this page and sign in.", "good");
  } catch (thrown) {
    verify.disabled = false;
    const code = codeOf(thrown);
    if (code === "users.invalid_credentials") {
      return say(
        status,
        "That is not the password of this account. If you did not open it, do nothing: without you it stays unverified.",
        "bad",
      );
    }
    if (code !== "users.token_invalid" && code !== "request.invalid") return say(status, explain(thrown), "bad");
    offerNewLink(
      "This link no longer works: it was used already, a newer one has replaced it, or its time is over. " +
        "If you have verified your address before, there is nothing left to do. Otherwise ask for a new link.",
    );
  }
}

function offerNewLink(why: string): void {
  show(false, prove);
  show(true, resend);
  say(status, why, "bad");
}

async function sendNewLink(): Promise<void> {
  send.disabled = true;
  say(status, "Asking for a new link…");
  try {
    await foyer.post("/v1/auth/email/resend", { body: { email: email.value.trim() } });
    show(false, resend);
    say(
      status,
      "If this address waits for its verification, a new link is on its way to it. Look into your mail.",
      "good",
    );
  } catch (thrown) {
    const isAddress = codeOf(thrown) !== "request.invalid";
    say(status, isAddress ? explain(thrown) : "That is not an email address. Check it, then try again.", "bad");
  } finally {
    send.disabled = false;
  }
}

prove.addEventListener("submit", (event) => {
  event.preventDefault();
  void verifyAddress();
});
resend.addEventListener("submit", (event) => {
  event.preventDefault();
  void sendNewLink();
});
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => location.reload());

show(true, byId("page", HTMLElement));
if (token === null) offerNewLink("This link is incomplete. Open it from the mail again, or ask for a new one.");
else
  say(
    status,
    "Type your password and press the button to confirm that the address to which we sent this link is yours.",
  );
