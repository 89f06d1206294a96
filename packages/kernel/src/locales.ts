/** More ranges than a browser sends; the rest of a longer header is not read. */
const rangesMax = 32;

/** Language ranges of an `Accept-Language` header, most wanted first (RFC 9110 section 12.5.4); those that are refused (`q=0`) are left out. */
function rangesOf(header: string): readonly string[] {
  return header
    .split(",", rangesMax)
    .flatMap((part, index) => {
      const [range = "", ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const q = parameters.find((parameter) => parameter.startsWith("q="));
      const weight = q === undefined ? 1 : Number(q.slice(2));
      return range !== "" && weight > 0 && weight <= 1 ? [{ range, weight, index }] : [];
    })
    .sort((left, right) => right.weight - left.weight || left.index - right.index)
    .map(({ range }) => range);
}

/**
 * The best of the available languages for an `Accept-Language` header, by lookup (RFC 4647 section 3.4): a range is shortened from its end until it
 * is one of them. `fallback` where none is, where anything is welcome, and where nothing is said.
 */
export function negotiateLocale(
  acceptLanguage: string | undefined,
  available: readonly string[],
  fallback: string,
): string {
  if (acceptLanguage === undefined) return fallback;
  const byLowerCase = new Map(available.map((tag) => [tag.toLowerCase(), tag]));
  for (const range of rangesOf(acceptLanguage)) {
    if (range === "*") return fallback;
    for (let tag = range; tag !== ""; tag = shortened(tag)) {
      const found = byLowerCase.get(tag);
      if (found !== undefined) return found;
    }
  }
  return fallback;
}

/** A range without its last subtag, and without the single letter that would then be its last. */
function shortened(tag: string): string {
  const parent = tag.slice(0, Math.max(0, tag.lastIndexOf("-")));
  return /(?:^|-)[a-z0-9]$/.test(parent) ? parent.slice(0, Math.max(0, parent.length - 2)) : parent;
}
