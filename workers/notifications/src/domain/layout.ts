import { limits } from "@foyer/kernel/limits";
import { escapeHtml, type MailContent, toLine } from "./mail.ts";

/** A part of a mail. Texts are plain: escaping happens here and nowhere else. */
export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: "link"; readonly label: string; readonly url: string }
  | { readonly kind: "tickets"; readonly tickets: readonly TicketLine[] };

export interface TicketLine {
  readonly title: string;
  readonly holder: string | null;
  /** The signed code, as the door would scan it. */
  readonly code: string;
}

/** Writes one mail twice, as text and as HTML, from the same blocks. */
export function compose(subject: string, blocks: readonly Block[]): MailContent {
  const line = toLine(subject, limits.mailSubjectCharsMax);
  return {
    subject: line,
    text: `${blocks.map(toText).join("\n\n")}\n`,
    html:
      '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
      `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(line)}</title></head>` +
      '<body style="margin:0;padding:24px;background:#ffffff;color:#1a1a1a;font:16px/1.5 system-ui,sans-serif">' +
      `<div style="max-width:560px;margin:0 auto">${blocks.map(toHtml).join("")}</div></body></html>`,
  };
}

function toText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.text;
    case "facts":
      return block.facts.map(([label, value]) => `${label}: ${value}`).join("\n");
    case "link":
      return `${block.label}:\n${block.url}`;
    case "tickets":
      return block.tickets
        .map(({ title, holder, code }) => `${title}${holder === null ? "" : ` – ${holder}`}\n${code}`)
        .join("\n\n");
  }
}

function toHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p>${isolate(block.text)}</p>`;
    case "facts":
      return `<table role="presentation" style="border-collapse:collapse">${block.facts
        .map(
          ([label, value]) =>
            `<tr><td style="padding:2px 16px 2px 0;color:#666666">${isolate(label)}</td><td>${isolate(value)}</td></tr>`,
        )
        .join("")}</table>`;
    case "link":
      return `<p><a href="${escapeHtml(block.url)}" style="color:#0b57d0">${escapeHtml(block.label)}</a></p>`;
    case "tickets":
      return block.tickets
        .map(
          ({ title, holder, code }) =>
            '<div style="margin:12px 0;padding:12px;border:1px solid #dddddd;border-radius:8px">' +
            `<strong>${isolate(title)}</strong>${holder === null ? "" : `<br>${isolate(holder)}`}` +
            `<br><code style="word-break:break-all;font-size:13px">${escapeHtml(code)}</code></div>`,
        )
        .join("");
  }
}

/** Right-to-left text stays in its own place among the words around it. */
function isolate(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`;
}
