import { type Html, html } from "../reference/html.ts";

/** Where a page's script and style are; their paths change with their content. */
interface PageAssets {
  readonly script: string;
  readonly style: string;
}

function page(title: string, assets: PageAssets, main: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
</head>
<body>
${main}
</body>
</html>
`.markup;
}

/** The page that a verification mail links to. It is the same for everybody: the token is in the address's fragment. */
export function verifyEmailPage(assets: PageAssets): string {
  return page(
    "Verify your email address",
    assets,
    html`<main class="narrow">
<div class="card">
<h1>Verify your email address</h1>
<noscript><p>Your address is verified by the press of a button, which needs JavaScript. Please allow JavaScript for this page and load it again, or open the link from the mail in another browser. Nothing has happened yet.</p></noscript>
<div id="page" hidden>
<p id="status" role="status"></p>
<form id="prove">
<label for="password">The password of your new account</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button id="verify">Verify my address</button>
</form>
<form id="resend" hidden>
<label for="email">Your email address</label>
<input id="email" name="email" type="email" autocomplete="email" required>
<button id="send">Send me a new link</button>
</form>
</div>
</div>
</main>`,
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
