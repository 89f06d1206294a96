/** Marks that the index puts around what matched. Control characters never get into a document's text. */
export const markStart = "\u0002";
export const markEnd = "\u0003";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text with its marks as HTML: everything escaped, what matched in `<mark>`. Null where nothing is marked. */
export function toMarkedHtml(text: string | null): string | null {
  if (text === null || !text.includes(markStart)) return null;
  return text
    .replace(/[&<>"']/g, (char) => entities[char] ?? "")
    .replaceAll(markStart, "<mark>")
    .replaceAll(markEnd, "</mark>");
}

/** A text without the marks, so that none can be smuggled in by an organizer. */
export function withoutMarks(text: string): string {
  return text.replaceAll(markStart, "").replaceAll(markEnd, "");
}
