import { isId } from "@foyer/kernel/ids";
import type { PlatformRoute } from "../routes/platform.ts";
import assets from "./generated/assets.json" with { type: "json" };
import {
  confirmEmailPage,
  eventPage,
  forgotPasswordPage,
  invitationPage,
  orderPage,
  type PageAssets,
  resetPasswordPage,
  verifyEmailPage,
} from "./markup.ts";

/**
 * A page may run the one script and the one style of this deployment and speak to this deployment; it loads nothing else, is
 * framed nowhere, posts no form by itself, and its script may turn no text into markup.
 */
const pageContentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const ordersPath = "/orders/";
const eventsPath = "/events/";

/** Pages name the hashes of this deployment, so a browser always asks again; they are small and hold nobody's data. */
function page(markup: string): PlatformRoute {
  return {
    limited: true,
    answer: () =>
      new Response(markup, {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-cache",
          "content-security-policy": pageContentPolicy,
          "cross-origin-opener-policy": "same-origin",
          "x-robots-tag": "noindex",
        },
      }),
  };
}

/** The path of a script or style carries the hash of its content, so it may be kept for as long as one likes. */
function asset(text: string, type: string): PlatformRoute {
  return {
    limited: true,
    answer: () =>
      new Response(text, {
        headers: { "content-type": `${type}; charset=utf-8`, "cache-control": "public, max-age=31536000, immutable" },
      }),
  };
}

const { pages, scripts, style } = assets;

/** What a page loads, by the name of its script. */
function assetsOf(name: keyof typeof pages): PageAssets {
  return { ...pages[name], style: style.path };
}

const orderRoute = page(orderPage(assetsOf("order")));
const eventRoute = page(eventPage(assetsOf("event")));
const routes: ReadonlyMap<string, PlatformRoute> = new Map([
  ["/verify-email", page(verifyEmailPage(assetsOf("verify-email")))],
  ["/forgot-password", page(forgotPasswordPage(assetsOf("forgot-password")))],
  ["/reset-password", page(resetPasswordPage(assetsOf("reset-password")))],
  ["/confirm-email", page(confirmEmailPage(assetsOf("confirm-email")))],
  ["/invitation", page(invitationPage(assetsOf("invitation")))],
  ...scripts.map(({ path, text }): [string, PlatformRoute] => [path, asset(text, "text/javascript")]),
  [style.path, asset(style.text, "text/css")],
]);

/** The page, script or style at a path that mails link to, for GET and HEAD; undefined for any other path. */
export function pageRouteOf(path: string): PlatformRoute | undefined {
  if (path.startsWith(eventsPath)) return isId("event", path.slice(eventsPath.length)) ? eventRoute : undefined;
  if (!path.startsWith(ordersPath)) return routes.get(path);
  return isId("order", path.slice(ordersPath.length)) ? orderRoute : undefined;
}
