/** What XML 1.0 (section 2.2) has no place for, escaped or not: control characters, halves of surrogate pairs, non-characters. */
const unwritable = /(?![\t\n\r\u0080-\u009f])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu;
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text for the inside of an element or an attribute; what cannot be written is left out. Also safe as HTML. */
export function xmlText(text: string): string {
  return text.replace(unwritable, "").replace(/[&<>"']/g, (char) => escapes[char] ?? "");
}

/** An element with nothing but text in it. `name` is the code's own. */
export function element(name: string, text: string): string {
  return `<${name}>${xmlText(text)}</${name}>`;
}

/** The first line of every document. */
export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>';
