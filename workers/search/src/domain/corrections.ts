import { limits } from "@foyer/kernel/limits";
import { fold } from "./query-text.ts";

/** Words as long as this have three letters to compare; shorter ones are taken as they are. */
export const correctableCharsMin = 3;

/** How many slips a word of this length may have and still be recognized. */
export function slipsAllowed(length: number): number {
  if (length < correctableCharsMin) return 0;
  return length < 6 ? 1 : 2;
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, each one slip. Gives up
 * beyond `max` and returns `max + 1`.
 */
export function slipsBetween(left: string, right: string, max: number): number {
  const a = [...left];
  const b = [...right];
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    if (Math.min(...current) > max) return max + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length] ?? 0, max + 1);
}

/** The words of the dictionary that somebody who typed `word` may have meant, likeliest first; longer forms of it count. */
export function corrections(word: string, candidates: readonly string[]): string[] {
  const typed = fold(word);
  const allowed = slipsAllowed([...typed].length);
  if (allowed === 0) return [];
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      slips: candidate.startsWith(typed) ? 0.5 : slipsBetween(typed, candidate, allowed),
    }))
    .filter(({ slips }) => slips <= allowed)
    .sort((left, right) => left.slips - right.slips || left.candidate.localeCompare(right.candidate))
    .slice(0, limits.correctionsPerWordMax)
    .map(({ candidate }) => candidate);
}

/** Every run of three letters of a word; what similar words share. */
export function trigramsOf(word: string): string[] {
  const letters = [...fold(word)];
  return [...new Set(letters.slice(2).map((_, index) => letters.slice(index, index + 3).join("")))];
}
