import { foyer, whoIsSignedIn } from "./account.ts";
import { byId, element, fragmentValue, say, show } from "./dom.ts";
import { codeOf, explain, isLinkVoid, whyPasswordRefused } from "./failures.ts";
import { onSubmit, refuseInput, showOnRequest } from "./forms.ts";
import { acceptInvitation, type InvitationPreview, previewInvitation, verifyFactor } from "./links.ts";
import { formatTime } from "./times.ts";

/**
 * The page that an invitation links to. It shows what the invitation is about, which uses nothing up, and leads whoever opened it to where they can
 * accept: as who they are in this browser, after signing in, or with a new account. What it signs in stays in cookies.
 */

const status = byId("status", HTMLElement);
const about = byId("invitation", HTMLElement);
const password = byId("password", HTMLInputElement);
const code = byId("code", HTMLInputElement);
const name = byId("name", HTMLInputElement);
const newPassword = byId("new-password", HTMLInputElement);
const token = fragmentValue("token") ?? "";

/** What the page asks for; one at a time. */
const steps = {
  retry: byId("retry", HTMLFormElement),
  accept: byId("accept", HTMLFormElement),
  leave: byId("leave", HTMLFormElement),
  signIn: byId("sign-in", HTMLFormElement),
  factor: byId("factor", HTMLFormElement),
  register: byId("register", HTMLFormElement),
} as const;

const roleTexts: Readonly<Record<InvitationPreview["role"], string>> = {
  owner: "an owner",
  admin: "an administrator",
  manager: "a manager",
  finance: "finance staff",
  support: "support staff",
  door: "door staff",
};

let address = "";
let organization = "";
let challenge = "";

/** Shows one step, or none, and says where things stand. */
function lead(step: keyof typeof steps | null, text: string, tone: "plain" | "good" | "bad" = "plain"): void {
  for (const [each, form] of Object.entries(steps)) show(each === step, form);
  say(status, text, tone);
  if (step !== null) steps[step].querySelector<HTMLElement>("input:not([readonly]), button")?.focus();
}

function end(text: string, tone: "good" | "bad"): void {
  lead(null, text, tone);
}

async function open(): Promise<void> {
  lead(null, "Looking for the invitation…");
  try {
    tell(await previewInvitation(token));
    await settle();
  } catch (thrown) {
    if (isLinkVoid(thrown)) return endVoid();
    lead("retry", explain(thrown), "bad");
  }
}

function tell({ organization: { name: title }, role, email, expiresAt }: InvitationPreview): void {
  address = email;
  organization = title;
  for (const id of ["sign-in-email", "register-email"]) byId(id, HTMLInputElement).value = email;
  about.replaceChildren(
    element("strong", "", title),
    ` invites ${email} to join as ${roleTexts[role]}. The invitation works until ${formatTime(expiresAt)}.`,
  );
}

/** Finds out who is here, and what they can do. */
async function settle(): Promise<void> {
  const user = await whoIsSignedIn();
  if (user === null) return lead("signIn", `Sign in as ${address} to accept the invitation.`);
  if (user.email.toLowerCase() === address.toLowerCase()) return lead("accept", `You are signed in as ${user.email}.`);
  lead(
    "leave",
    `You are signed in as ${user.email}, but the invitation is for ${address}. Sign out here to go on as that.`,
    "bad",
  );
}

async function accept(): Promise<void> {
  say(status, "Accepting the invitation…");
  try {
    await acceptInvitation(token);
  } catch (thrown) {
    if (isLinkVoid(thrown)) return endVoid();
    switch (codeOf(thrown)) {
      case "users.already_member":
        return end(`You are a member of ${organization} already. There is nothing left to do.`, "good");
      case "users.invitation_for_another":
      case "auth.required":
      case "auth.invalid_token":
        return settle();
      default:
        // Whoever came here by signing in has only this left to do.
        return lead("accept", explain(thrown), "bad");
    }
  }
  document.title = "Invitation accepted";
  end(`You have joined ${organization}. You are signed in, and can close this page.`, "good");
}

function endVoid(): void {
  end(
    "This invitation no longer works: it was used, taken back or replaced, or its time is over. Ask whoever invited you for a new one.",
    "bad",
  );
}

async function signIn(): Promise<void> {
  say(status, "Signing in…");
  try {
    const body = { email: address, password: password.value, mode: "cookie" as const };
    const { data } = await foyer.post("/v1/auth/login", { body, idempotencyKey: null });
    password.value = "";
    if ("mfa" in data) return askForFactor(data.mfa);
  } catch (thrown) {
    if (codeOf(thrown) !== "users.invalid_credentials") throw thrown;
    return refuseInput(password, status, `That is not the password of ${address}.`);
  }
  await accept();
}

function askForFactor(mfa: { readonly token: string; readonly methods: readonly string[] }): void {
  challenge = mfa.token;
  if (mfa.methods.every((method) => method === "passkey")) {
    end(
      "Your account asks for a passkey, which this page cannot take. Sign in on the site first, then open this link again.",
      "bad",
    );
  } else {
    lead(
      "factor",
      "Your account asks for a second factor. Type the code of your authenticator app, or one of your recovery codes.",
    );
  }
}

async function showFactor(): Promise<void> {
  say(status, "Checking the code…");
  const typed = code.value.replace(/\s/g, "");
  try {
    await verifyFactor(challenge, /^\d{6}$/.test(typed) ? { code: typed } : { recoveryCode: typed });
  } catch (thrown) {
    switch (codeOf(thrown)) {
      case "users.factor_invalid":
      case "request.invalid":
        return refuseInput(
          code,
          status,
          "That code is wrong, or was used already. Wait for the next one, then try again.",
        );
      case "users.challenge_invalid":
        return lead("signIn", "That took too long, or too many codes were wrong. Type your password again.", "bad");
      default:
        throw thrown;
    }
  }
  code.value = "";
  await accept();
}

async function register(): Promise<void> {
  say(status, "Opening your account…");
  try {
    const body = { email: address, name: name.value, password: newPassword.value, mode: "cookie" as const };
    const { data } = await foyer.post("/v1/auth/register", { body, idempotencyKey: null });
    newPassword.value = "";
    if (data.session === null) {
      return lead(
        "signIn",
        "We have sent you a mail. Confirm your address by the link in it, then come back to this page and sign in.",
      );
    }
  } catch (thrown) {
    if (codeOf(thrown) === "users.email_taken") {
      return lead("signIn", "There is an account with this address already. Sign in with its password.", "bad");
    }
    const why = whyPasswordRefused(thrown);
    if (why === null) throw thrown;
    return refuseInput(newPassword, status, why);
  }
  await accept();
}

async function leave(): Promise<void> {
  await foyer.post("/v1/auth/logout", { idempotencyKey: null });
  await settle();
}

onSubmit(steps.retry, status, open);
onSubmit(steps.accept, status, accept);
onSubmit(steps.leave, status, leave);
onSubmit(steps.signIn, status, signIn);
onSubmit(steps.factor, status, showFactor);
onSubmit(steps.register, status, register);
showOnRequest(byId("show", HTMLInputElement), newPassword);
byId("to-register", HTMLButtonElement).addEventListener("click", () => {
  lead("register", `Open an account for ${address}, and accept the invitation with it.`);
});
byId("to-sign-in", HTMLButtonElement).addEventListener("click", () => {
  lead("signIn", `Sign in as ${address} to accept the invitation.`);
});
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => location.reload());

show(true, byId("page", HTMLElement));
if (token === "") end("This link is incomplete. Open it from the mail again.", "bad");
else void open();
