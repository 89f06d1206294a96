import { unescapeHtml } from "../server/html.ts";

/** What a person does on the page that asks for consent. */
export interface Choice {
  /** Id of the account; the first on the page where left out. */
  readonly account?: string;
  readonly deny?: boolean;
}

/** What the browser does next: follow a redirect, or post a form to the client. */
export type BrowserStep =
  | { readonly kind: "redirect"; readonly url: string }
  | { readonly kind: "form_post"; readonly action: string; readonly fields: Readonly<Record<string, string>> };

/**
 * Plays the browser and its person from an authorization request to the way back. Throws with the words of the page
 * where the provider does not send people back.
 */
export async function approve(authorizationUrl: string, { account, deny = false }: Choice): Promise<BrowserStep> {
  const asked = await open(authorizationUrl);
  if ("step" in asked) return asked.step;
  const form = readForm(asked.page);
  const chosen = account ?? /<button name="account" value="([^"]*)"/.exec(asked.page)?.[1];
  if (form === null || (chosen === undefined && !deny)) throw new Error("the page has no account to choose");
  const body = new URLSearchParams(form.fields);
  if (deny) body.set("deny", "1");
  else body.set("account", account ?? unescapeHtml(chosen ?? ""));
  const answered = await open(form.action, body);
  if ("step" in answered) return answered.step;
  const posted = readForm(answered.page);
  if (posted === null) throw new Error("the page sends nothing back");
  return { kind: "form_post", ...posted };
}

/** Opens a page, or learns where its address leads. */
async function open(url: string, form?: URLSearchParams): Promise<{ step: BrowserStep } | { page: string }> {
  const response = await fetch(url, {
    redirect: "manual",
    ...(form === undefined ? {} : { method: "POST", body: form }),
  });
  const page = await response.text();
  const location = response.headers.get("location");
  if (location !== null) return { step: { kind: "redirect", url: location } };
  if (response.ok) return { page };
  const words = /role="alert">([^<]*)</.exec(page)?.[1];
  throw new Error(`${response.status}: ${words === undefined ? page : unescapeHtml(words)}`);
}

function readForm(page: string): { readonly action: string; readonly fields: Record<string, string> } | null {
  const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1];
  if (action === undefined) return null;
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const fields = [...inputs].map(([, name = "", value = ""]) => [unescapeHtml(name), unescapeHtml(value)] as const);
  return { action: unescapeHtml(action), fields: Object.fromEntries(fields) };
}
