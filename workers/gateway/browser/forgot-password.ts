import { stranger } from "./account.ts";
import { byId, say, show } from "./dom.ts";
import { faultOf } from "./failures.ts";
import { onSubmit, refuseInput } from "./forms.ts";

/** Asks for a mail whose link sets a new password. What it says is the same whether or not the address has an account. */

const status = byId("status", HTMLElement);
const form = byId("forgot", HTMLFormElement);
const email = byId("email", HTMLInputElement);

async function askForLink(): Promise<void> {
  say(status, "Asking for a link…");
  try {
    await stranger.post("/v1/auth/password/forgot", { body: { email: email.value.trim() } });
  } catch (thrown) {
    if (faultOf(thrown, "email") === null) throw thrown;
    return refuseInput(email, status, "That is not an email address. Check it, then try again.");
  }
  show(false, form);
  document.title = "Look into your mail";
  say(
    status,
    "If this address has an account, a link that sets a new password is on its way to it. It works for an hour.",
    "good",
  );
}

onSubmit(form, status, askForLink);
show(true, byId("page", HTMLElement));
say(status, "Type the address of your account. We send a link to it by which you can choose a new password.");
