import { escapeHtml, htmlPage } from "../../server/html.ts";
import type { LocalAnswer } from "../../server/local-server.ts";
import type { BaseAccount } from "../accounts.ts";
import type { Refusal } from "../refusal.ts";

/** What the page that asks for consent shows. */
export interface ConsentView {
  readonly title: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly accounts: Iterable<BaseAccount>;
  /** Where the choice is posted to. */
  readonly action: string;
  /** The random name of the request. */
  readonly request: string;
}

/** A plain form with a button for each account and one to deny, so a program can post it as well. */
export function consentPage(view: ConsentView): LocalAnswer {
  const accounts = [...view.accounts].map(({ id, name, email }) => {
    const label = [name, email].filter((text) => text !== null).join(" · ");
    return `<button name="account" value="${escapeHtml(id)}">${escapeHtml(label === "" ? id : label)}</button>`;
  });
  const scopes = view.scopes.length === 0 ? "nothing but who you are" : view.scopes.join(", ");
  return htmlPage(
    200,
    `Sign in with ${view.title}`,
    `<p class="note">Emulated ${escapeHtml(view.title)}. No account of yours is involved.</p>
<h1>Sign in with ${escapeHtml(view.title)}</h1>
<p><strong>${escapeHtml(view.clientId)}</strong> asks for ${escapeHtml(scopes)}. You will be sent to ${escapeHtml(new URL(view.redirectUri).origin)}.</p>
<form method="post" action="${escapeHtml(view.action)}">
<input type="hidden" name="request" value="${escapeHtml(view.request)}">
${accounts.join("\n")}
<button class="plain" name="deny" value="1">Deny</button>
</form>`,
  );
}

/** A page that posts its fields to the client at once (https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html). */
export function formPostPage(action: string, fields: Readonly<Record<string, string>>): LocalAnswer {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const page = htmlPage(
    200,
    "One moment",
    `<form method="post" action="${escapeHtml(action)}">
${inputs.join("\n")}
<noscript><button>Continue</button></noscript>
</form>`,
    "document.forms[0].submit()",
  );
  // Without a referrer the browser would post with `Origin: null`, and real providers do not hide where they are.
  return { ...page, headers: { ...page.headers, "referrer-policy": "origin" } };
}

/** What a person sees where an answer to the client would be dangerous, or is not this provider's way. */
export function refusalPage(title: string, { code, message }: Refusal): LocalAnswer {
  return htmlPage(
    code === "unknown_client" ? 401 : 400,
    "Access blocked",
    `<h1>Access blocked</h1>
<p class="error" role="alert">${escapeHtml(`${code}: ${message}`)}</p>
<p class="note">Emulated ${escapeHtml(title)}. You were not sent back, and nothing was shared.</p>`,
  );
}
