/** A text as the readable part of an address: lower case, ASCII letters, digits and single dashes. May be empty. */
export function slugify(text: string, charsMax = 60): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, charsMax)
    .replace(/^-+|-+$/g, "");
}
