import path from "node:path";
import type { Rule, SourceTree, Violation } from "../source-tree.ts";

const citedPath =
  /`((?:packages|workers|scripts|tests|docs|migrations)\/[\w./-]+\.\w+)`|\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g;

function exists(tree: SourceTree, file: string): boolean {
  if (tree.has(file)) return true;
  const folder = file.endsWith("/") ? file : `${file}/`;
  for (const known of tree.keys()) if (known.startsWith(folder)) return true;
  return false;
}

/** Documents cite living paths: a file that was moved or removed takes its mentions along. */
export const documentsCiteLivingPaths: Rule = {
  name: "documents-cite-living-paths",
  check: (tree) =>
    [...tree].flatMap(([file, text]) => {
      if (!file.endsWith(".md")) return [];
      return [...text.matchAll(citedPath)].flatMap((match): Violation[] => {
        const cited = match[1] ?? path.posix.normalize(path.posix.join(path.posix.dirname(file), match[2] ?? ""));
        if (/\.(svg|png)$/.test(cited) || exists(tree, cited)) return [];
        return [{ rule: "documents-cite-living-paths", file, message: `cites ${cited}, which does not exist` }];
      });
    }),
};
