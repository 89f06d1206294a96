import { stranger } from "./account.ts";
import { byId, fragmentValue, say, show } from "./dom.ts";
import { isLinkVoid, whyPasswordRefused } from "./failures.ts";
import { onSubmit, refuseInput, showOnRequest } from "./forms.ts";

/** The page that the mail of a forgotten password links to. The token is used up by the press of the button, and not by a password that is refused. */

const status = byId("status", HTMLElement);
const form = byId("reset", HTMLFormElement);
const password = byId("password", HTMLInputElement);
const again = byId("again", HTMLElement);
const token = fragmentValue("token");

async function setPassword(): Promise<void> {
  say(status, "Setting your new password…");
  try {
    const body = { token: token ?? "", password: password.value };
    await stranger.post("/v1/auth/password/reset", { body, idempotencyKey: null });
  } catch (thrown) {
    if (isLinkVoid(thrown)) {
      return offerNewLink(
        "This link no longer works: it was used already, a newer one has replaced it, or its time is over.",
      );
    }
    const why = whyPasswordRefused(thrown);
    if (why === null) throw thrown;
    return refuseInput(password, status, why);
  }
  show(false, form);
  password.value = "";
  document.title = "New password set";
  say(
    status,
    "Your new password is set, and every device is signed out. You can close this page and sign in with it.",
    "good",
  );
}

function offerNewLink(why: string): void {
  show(false, form);
  show(true, again);
  say(status, why, "bad");
}

onSubmit(form, status, setPassword);
showOnRequest(byId("show", HTMLInputElement), password);
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => location.reload());

show(true, byId("page", HTMLElement));
if (token === null) offerNewLink("This link is incomplete. Open it from the mail again, or ask for a new one.");
else say(status, "Choose a new password for the account that this link was sent to.");
