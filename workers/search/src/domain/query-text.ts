import { limits } from "@foyer/kernel/limits";

/** What FTS5's unicode61 takes for parts of words: letters, digits, and the marks upon them. */
const wordShape = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** The words of a text, as written, without repetition. What is between them (quotes, operators) is lost on purpose. */
export function wordsOf(text: string, max: number = limits.searchWordsMax): string[] {
  const words = new Set<string>();
  for (const [word] of text.matchAll(wordShape)) {
    words.add(word);
    if (words.size >= max) break;
  }
  return [...words];
}

/** A word as the dictionary has it: lower case, without the accents of alphabets; other scripts keep their marks. */
export function fold(word: string): string {
  return word
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
}

/**
 * An FTS5 expression that each of the words must satisfy by one of its alternatives. Every word is a quoted string, so that
 * nothing a person types is an operator (https://www.sqlite.org/fts5.html section 3). Null where there is no word.
 */
export function matchExpression(words: readonly (readonly string[])[]): string | null {
  if (words.length === 0) return null;
  return words.map((alternatives) => `(${alternatives.map(quoted).join(" OR ")})`).join(" AND ");
}

/** As {@link matchExpression} for a text that is still being typed: the last word may be the beginning of one. */
export function prefixExpression(text: string): string | null {
  const words = wordsOf(text);
  if (words.length === 0) return null;
  return words.map((word, index) => (index === words.length - 1 ? `${quoted(word)}*` : quoted(word))).join(" AND ");
}

function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}
