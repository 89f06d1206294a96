import { limits } from "@foyer/kernel/limits";
import { type Html, html, join } from "../reference/html.ts";

/** Where a page's script and style are, and what the script is made of; their paths change with their content. */
export interface PageAssets {
  readonly script: string;
  readonly parts: readonly string[];
  readonly style: string;
}

function page(title: string, { script, parts, style }: PageAssets, main: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
${join(parts.map((part) => html`<link rel="modulepreload" href="${part}">\n`))}</head>
<body>
${main}
</body>
</html>
`.markup;
}

/** A page about an account: a card with a line that says where things stand, and the forms of which the script shows one. */
function accountPage(title: string, why: string, assets: PageAssets, content: Html): string {
  return page(
    title,
    assets,
    html`<main class="narrow">
<div class="card">
<h1>${title}</h1>
<noscript><p>${why}, which needs JavaScript. Please allow JavaScript for this page and load it again, or open the link in another browser. Nothing has happened yet.</p></noscript>
<div id="page" hidden>
${content}
</div>
</div>
</main>`,
  );
}

/** The input of a password that is chosen, with what it must be like and a box that shows it. */
function newPasswordField(id: string, label: string): Html {
  return html`<label for="${id}">${label}</label>
<p id="${id}-hint" class="hint">At least ${limits.passwordCharsMin} characters. Several words that nobody would guess together are a good choice.</p>
<input id="${id}" name="password" type="password" autocomplete="new-password" aria-describedby="${id}-hint" required>
<label class="box"><input id="show" type="checkbox">Show the password</label>`;
}

/** The page that a verification mail links to. It is the same for everybody: the token is in the address's fragment. */
export function verifyEmailPage(assets: PageAssets): string {
  return accountPage(
    "Verify your email address",
    "Your address is verified by the press of a button",
    assets,
    html`<p id="status" role="status"></p>
<form id="prove" hidden>
<div id="secret" hidden>
<label for="password">The password of your new account</label>
<input id="password" name="password" type="password" autocomplete="current-password">
</div>
<button>Verify my address</button>
</form>
<form id="resend" hidden>
<label for="email">Your email address</label>
<input id="email" name="email" type="email" autocomplete="email" required>
<button>Send me a new link</button>
</form>`,
  );
}

/** Asks for a mail that links to {@link resetPasswordPage}. */
export function forgotPasswordPage(assets: PageAssets): string {
  return accountPage(
    "Forgot your password?",
    "This page asks for a mail with a link",
    assets,
    html`<p id="status" role="status"></p>
<form id="forgot">
<label for="email">Your email address</label>
<input id="email" name="email" type="email" autocomplete="username" required>
<button>Send me a link</button>
</form>`,
  );
}

/** The page that the mail of a forgotten password links to. */
export function resetPasswordPage(assets: PageAssets): string {
  return accountPage(
    "Set a new password",
    "Your password is set by the press of a button",
    assets,
    html`<p id="status" role="status"></p>
<form id="reset">
${newPasswordField("password", "Your new password")}
<button>Set the new password</button>
</form>
<p id="again" hidden><a href="/forgot-password">Ask for a new link</a></p>`,
  );
}

/** The page that the mails about a change of address link to. */
export function confirmEmailPage(assets: PageAssets): string {
  return accountPage(
    "Confirm the change of your email address",
    "The change is confirmed by the press of a button",
    assets,
    html`<p id="status" role="status"></p>
<form id="confirm">
<button>Confirm the change</button>
</form>`,
  );
}

/** The page that an invitation links to. */
export function invitationPage(assets: PageAssets): string {
  return accountPage(
    "Your invitation",
    "An invitation is shown and accepted here",
    assets,
    html`<p id="invitation"></p>
<p id="status" role="status"></p>
<form id="retry" hidden>
<button>Try again</button>
</form>
<form id="accept" hidden>
<button>Accept the invitation</button>
</form>
<form id="leave" hidden>
<button>Sign out</button>
</form>
<form id="sign-in" hidden>
<label for="sign-in-email">Email address</label>
<input id="sign-in-email" type="email" autocomplete="username" readonly>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in and accept</button>
<button id="to-register" class="plain" type="button">I have no account yet</button>
<p class="after"><a href="/forgot-password">Forgot your password?</a></p>
</form>
<form id="factor" hidden>
<label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required>
<button>Go on</button>
</form>
<form id="register" hidden>
<label for="register-email">Email address</label>
<input id="register-email" type="email" autocomplete="username" readonly>
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" maxlength="${limits.nameCharsMax}" required>
${newPasswordField("new-password", "Choose a password")}
<button>Open an account and accept</button>
<button id="to-sign-in" class="plain" type="button">I have an account</button>
</form>`,
  );
}

/** The page of an order. It is the same for all orders: which one is in the path, and its secret in the fragment. */
export function orderPage(assets: PageAssets): string {
  return page(
    "Your order",
    assets,
    html`<main>
<h1>Your order</h1>
<noscript><p class="card">This page shows your order and the QR codes of your tickets, which needs JavaScript. Please allow JavaScript for this page and load it again, or open the link in another browser. The codes are in the mail as text, too, and are good for the door.</p></noscript>
<div id="page" hidden>
<div class="card">
<div role="status" aria-atomic="true"><p id="headline"></p><p id="status">Loading…</p></div>
<p id="note" role="status"></p>
<button id="pay" type="button" hidden>Pay</button>
<button id="retry" class="plain" type="button" hidden>Try again</button>
</div>
<div id="tickets"></div>
<div id="order"></div>
</div>
</main>`,
  );
}

/** The page of an event. It is the same for all events: which one is in the path, and an invitation to it in the fragment. */
export function eventPage(assets: PageAssets): string {
  return page(
    "An event",
    assets,
    html`<main class="narrow">
<div class="card">
<h1><span id="title">An event</span></h1>
<noscript><p>This page shows an event, which needs JavaScript. Please allow JavaScript for this page and load it again, or open the link in another browser.</p></noscript>
<div id="page" hidden>
<p id="status" role="status"></p>
<div id="about"></div>
<form id="gate" hidden>
<label for="password">Password of the event</label>
<input id="password" name="password" type="password" autocomplete="off" maxlength="${limits.eventPasswordCharsMax}" required>
<button>Open the event</button>
</form>
<form id="retry" hidden>
<button>Try again</button>
</form>
</div>
</div>
</main>`,
  );
}
