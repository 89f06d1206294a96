import { limits } from "./limits.ts";

/** What texts of the platform's own are in, and those of organizers who name no language. BCP 47. */
export const defaultLocale = "en";

interface LanguageRange {
  readonly range: string;
  readonly quality: number;
}

const rangePattern = /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:\s*;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/** The ranges of an `Accept-Language` in the order in which they are wanted; what is malformed or refused (`q=0`) is left out. */
function wantedRanges(header: string): string[] {
  const ranges: LanguageRange[] = [];
  for (const part of header.slice(0, limits.acceptLanguageCharsMax).split(",").slice(0, limits.languageRangesMax)) {
    const [, range, quality] = rangePattern.exec(part.trim()) ?? [];
    if (range === undefined) continue;
    ranges.push({ range: range.toLowerCase(), quality: quality === undefined ? 1 : Number(quality) });
  }
  return ranges
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality) // stable: of equals, the first named comes first
    .map(({ range }) => range);
}

/** A range without its last subtag, nor a single letter that would then stand at the end (RFC 4647 section 3.4); empty at the end. */
function shortened(range: string): string {
  const subtags = range.split("-").slice(0, -1);
  while (subtags.at(-1)?.length === 1) subtags.pop();
  return subtags.join("-");
}

/**
 * Which of the available languages a reader gets: "lookup" of RFC 4647 section 3.4 over an `Accept-Language` header (RFC 9110 section
 * 12.5.4) or a single tag. The fallback is available, too, and is the answer where nothing is wanted or nothing fits; `*` decides
 * nothing. The answer is written as in `available` or `fallback`. What is malformed, or beyond the limits, is not heeded.
 */
export function negotiateLocale(
  header: string | null | undefined,
  available: readonly string[],
  fallback: string,
): string {
  if (header === null || header === undefined || header === "") return fallback;
  // Later entries win in a Map: the fallback, and of two spellings the one named first.
  const known = new Map([...available].reverse().map((tag) => [tag.toLowerCase(), tag]));
  if (!known.has(fallback.toLowerCase())) known.set(fallback.toLowerCase(), fallback);
  for (const wanted of wantedRanges(header)) {
    if (wanted === "*") continue;
    for (let range = wanted; range !== ""; range = shortened(range)) {
      const found = known.get(range);
      if (found !== undefined) return found;
    }
  }
  return fallback;
}
