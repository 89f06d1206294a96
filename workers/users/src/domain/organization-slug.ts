import { limits } from "@foyer/kernel/limits";
import { slugify } from "@foyer/kernel/slugs";

const suffixChars = 6;

/**
 * Slugs to try for a new organization, best first: the one that was asked for, or the name's, or the name's with the random
 * tail of the id, which is as good as unique. A slug that was asked for has no alternative.
 */
export function slugCandidates(name: string, asked: string | undefined, organizationId: string): string[] {
  if (asked !== undefined) return [asked];
  const suffix = organizationId.slice(-suffixChars);
  const base = slugify(name, limits.slugCharsMax - suffixChars - 1);
  const tailed = base === "" ? `org-${suffix}` : `${base}-${suffix}`;
  return base.length >= limits.slugCharsMin ? [base, tailed] : [tailed];
}
