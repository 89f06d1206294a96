import { limits } from "@foyer/kernel/limits";

/** What a mail says; the text and the HTML say the same. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail to one person. The recipient is a bare address: nothing that people wrote goes into address headers. */
export interface Mail extends MailContent {
  readonly to: string;
}

/** A sender, `Name <address>`. */
export interface Mailbox {
  readonly name: string;
  readonly email: string;
}

/** Invisible characters that reorder text around them (Unicode UAX 9), or hide inside it. */
const tricks = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/**
 * A text that people wrote as one harmless line: no line breaks or control characters (so none can end a header or a line
 * of the body), none that reorder what follows, single spaces, at most so many characters.
 */
export function toLine(text: string, charsMax: number): string {
  const line = text
    .toWellFormed()
    .replace(tricks, "")
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length > charsMax ? `${characters.slice(0, charsMax - 1).join("")}…` : line;
}

/** What a mail program would turn into a link. */
const linkLike = /:\/\/|www\.|@|[\p{L}\p{N}]\.\p{L}{2,}/iu;

/**
 * A person's name as a mail shows it, or null where it is none. Whoever types a stranger's address also types the name
 * beside it, so a name that a mail program would turn into a link is not repeated to them.
 */
export function toPersonName(name: string): string | null {
  const line = toLine(name, limits.nameCharsMax);
  return line === "" || linkLike.test(line) ? null : line;
}

/**
 * A few sentences that an organizer wrote to whoever bought from them, as one harmless line. Of a word that a mail program would turn
 * into a link only a gap is left: a mail in our name leads to our pages.
 */
export function toProse(text: string, charsMax: number): string {
  return toLine(text, charsMax)
    .split(" ")
    .map((word) => (linkLike.test(word) ? "…" : word))
    .join(" ");
}

/** Text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

const address = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+\.[^\s@<>()[\]\\,;:"\p{Cc}.]+$/u;

/** Whether a text is one bare mail address that can stand in a header as it is. */
export function isMailAddress(text: string): boolean {
  return text.length <= limits.emailCharsMax && address.test(text);
}

/** Reads `Name <address>` or a bare address; null for anything else. */
export function parseMailbox(text: string): Mailbox | null {
  const [, name = "", bracketed] = /^([^<>"\p{Cc}]*)<([^<>]+)>$/u.exec(text.trim()) ?? [];
  const email = bracketed ?? text.trim();
  if (!isMailAddress(email)) return null;
  return { name: name.trim(), email };
}
