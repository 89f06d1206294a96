/** A text that is HTML already. Made only by {@link html} and {@link join}, so that nothing reaches the page unescaped. */
export interface Html {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** Template tag: texts and numbers are escaped, HTML stands as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html {
  let markup = parts[0] ?? "";
  for (const [index, value] of values.entries()) {
    markup += typeof value === "object" ? value.markup : escapeText(String(value));
    markup += parts[index + 1] ?? "";
  }
  return { markup };
}

/** Pieces of HTML one after another. */
export function join(pieces: readonly Html[]): Html {
  return { markup: pieces.map(({ markup }) => markup).join("") };
}

export const nothing: Html = { markup: "" };

/** Descriptions are written with `code` and **bold** only; everything else in them is text. */
export function prose(text: string): Html {
  const pieces = text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith("`")) return html`<code>${piece.slice(1, -1)}</code>`;
    if (piece.startsWith("**")) return html`<strong>${piece.slice(2, -2)}</strong>`;
    return html`${piece}`;
  });
  return join(pieces);
}

/** Paragraphs and lists of dashes, as in the document's introduction. */
export function paragraphs(text: string): Html {
  const blocks = text.split(/\n{2,}/).map((block) => {
    const lines = block.split("\n");
    if (!lines.every((line) => line.startsWith("- "))) return html`<p>${prose(block)}</p>`;
    return html`<ul>${join(lines.map((line) => html`<li>${prose(line.slice(2))}</li>`))}</ul>`;
  });
  return join(blocks);
}
