import { byId, fragmentValue, say, show } from "./dom.ts";
import { codeOf, isLinkVoid } from "./failures.ts";
import { onSubmit } from "./forms.ts";
import { confirmEmailChange, type EmailChange } from "./links.ts";

/** The page that the mails about a change of address link to: one to the address that is left, one to the address that takes its place. */

const status = byId("status", HTMLElement);
const form = byId("confirm", HTMLFormElement);
const token = fragmentValue("token");

const mailTo: Readonly<Record<EmailChange["waitingFor"][number], string>> = {
  current_address: "the address that the account has now",
  new_address: "the new address",
};

async function confirm(): Promise<void> {
  say(status, "Confirming…");
  try {
    const change = await confirmEmailChange(token ?? "");
    show(false, form);
    document.title = change.status === "changed" ? "Address changed" : "Confirmed";
    say(status, textOf(change), "good");
  } catch (thrown) {
    const why = whyRefused(thrown);
    if (why === null) throw thrown;
    show(false, form);
    say(status, why, "bad");
  }
}

function textOf({ status: state, waitingFor }: EmailChange): string {
  if (state === "changed") {
    return "The account has its new address. Other devices are signed out; sign in with the new address from now on.";
  }
  const missing = waitingFor.map((side) => mailTo[side]).join(" and ");
  return `Thank you. The address changes as soon as the link in the mail to ${missing} is confirmed, too.`;
}

function whyRefused(thrown: unknown): string | null {
  if (isLinkVoid(thrown)) {
    return (
      "This link no longer works: it was used already, the change was taken back or asked for anew, or its time is over. " +
      "If you have confirmed before, there is nothing left to do here."
    );
  }
  if (codeOf(thrown) === "users.email_taken") {
    return "Another account has this address by now. The account keeps the address that it has.";
  }
  return null;
}

onSubmit(form, status, confirm);
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => location.reload());

show(true, byId("page", HTMLElement));
if (token === null) {
  show(false, form);
  say(status, "This link is incomplete. Open it from the mail again.", "bad");
} else {
  say(
    status,
    "Press the button to agree that the account gets the email address that the mail names. If you did not ask for it, close this page.",
  );
}
