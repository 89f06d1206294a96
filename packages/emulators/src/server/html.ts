import { createHash } from "node:crypto";
import type { LocalAnswer } from "./local-server.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made safe for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The text that {@link escapeHtml} made this of. */
export function unescapeHtml(html: string): string {
  const texts = new Map(Object.entries(entities).map(([character, entity]) => [entity, character]));
  return html.replaceAll(/&#?\w+;/g, (entity) => texts.get(entity) ?? entity);
}

/** A whole page. `body` is HTML whose texts are escaped already; `script` is the only script that may run on it. */
export function htmlPage(status: number, title: string, body: string, script?: string): LocalAnswer {
  const scriptHash = script === undefined ? null : createHash("sha256").update(script).digest("base64");
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'${
        scriptHash === null ? "" : `; script-src 'sha256-${scriptHash}'`
      }`,
      "referrer-policy": "no-referrer",
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f6f8fa; color: #1a1f36; }
  main { max-width: 30rem; margin: 3rem auto; padding: 2rem; background: #fff; border-radius: 8px; box-shadow: 0 1px 4px #0002; }
  table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
  td { padding: .35rem 0; border-bottom: 1px solid #e3e8ee; }
  td:last-child, .total { text-align: right; }
  .total { font-weight: 600; font-size: 1.25rem; }
  .error { background: #fdeef0; border: 1px solid #df1b41; border-radius: 6px; padding: .75rem; }
  .note { color: #545969; font-size: .875rem; }
  label { display: block; margin: .75rem 0 .25rem; }
  input, select, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; border-radius: 6px; border: 1px solid #c0c8d2; }
  button { margin-top: 1rem; background: #635bff; color: #fff; border: 0; cursor: pointer; }
  button.plain { background: #fff; color: #1a1f36; border: 1px solid #c0c8d2; }
</style>
</head>
<body><main>
${body}
</main>${script === undefined ? "" : `<script>${script}</script>`}</body>
</html>`,
  };
}

/** Sends the browser on with a GET, whatever it came by; 302 does so in practice, 303 by its definition. */
export function redirectTo(url: string, status: 302 | 303 = 303): LocalAnswer {
  return { status, headers: { location: url, "cache-control": "no-store" }, body: "" };
}
