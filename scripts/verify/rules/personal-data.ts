import type { Rule, SourceTree, Violation } from "../source-tree.ts";
import { linesOf, page } from "./storage.ts";

const section = "What is given out";

/** The code that gathers a worker's part of a person's data; empty where it has none. */
function exportOf(tree: SourceTree, worker: string): string {
  const file = new RegExp(`^workers/${worker}/src/service/(?:[\\w-]+/)?export-personal-data\\.ts$`);
  return [...tree].find(([name]) => file.test(name))?.[1] ?? "";
}

/**
 * Whatever is kept of a person (`yes` in the last column) is given to them when they ask for it, or the page says why it is not. What it says is
 * given, the worker's export names.
 */
export const personalDataAccounted: Rule = {
  name: "personal-data-accounted",
  check: (tree) => {
    const say = (message: string): Violation => ({ rule: "personal-data-accounted", file: page, message });
    const rows = linesOf(tree.get(page) ?? "").filter(
      ({ cells }) => cells[0]?.includes("`") || cells[1]?.includes("`"),
    );
    const kept = rows.filter(({ kind }) => kind !== "");
    const given = rows.filter(({ owner }) => owner === section);
    const known = new Set(kept.map(({ owner, cells }) => `${owner} ${cells[0]}`));
    const named = new Set(given.map(({ cells: [owner, place] }) => `${owner} ${place}`));
    const personal = kept.filter(({ cells }) => cells.at(-1)?.startsWith("yes"));
    return [
      ...personal
        .filter(({ owner, cells }) => !named.has(`${owner} ${cells[0]}`))
        .map(({ owner, cells }) => say(`${cells[0]} of ${owner} is personal, and not named under "${section}"`)),
      ...given
        .filter(({ cells: [owner, place] }) => !known.has(`${owner} ${place}`))
        .map(({ cells: [owner, place] }) => say(`names ${place} of ${owner}, which does not exist`)),
      ...given.flatMap(({ cells: [, place, how = ""] }) => {
        const member = /^`(\w+)\.(\w+)`/.exec(how);
        if (member === null) return how.startsWith("left out: ") ? [] : [say(`does not say what is given of ${place}`)];
        const [, worker = "", name = ""] = member;
        const isGiven = new RegExp(`\\b${name}\\b`).test(exportOf(tree, worker));
        return isGiven ? [] : [say(`says that ${place} is given as ${member[0]}, which ${worker} does not give`)];
      }),
    ];
  },
};
