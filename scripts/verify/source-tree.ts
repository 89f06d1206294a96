import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The project as the rules see it: path from the root to text. A test plants a violation by adding an entry. */
export type SourceTree = ReadonlyMap<string, string>;

/** One broken rule, at one place. */
export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly message: string;
}

/** A rule of the house as a program. */
export interface Rule {
  readonly name: string;
  check(tree: SourceTree): Violation[];
}

const textFile = /\.(ts|toml|json|md|sql|yml)$|^\.ci\/run$/;

/** Every file that git tracks or would track; those that no rule reads are there by name, with an empty text. */
export function readSourceTree(root: string): SourceTree {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const tree = new Map<string, string>();
  for (const file of listed.split("\n")) {
    if (file === "" || !existsSync(path.join(root, file))) continue;
    const readable = textFile.test(file) && file !== "package-lock.json";
    tree.set(file, readable ? readFileSync(path.join(root, file), "utf8") : "");
  }
  return tree;
}

/** One import or re-export of a source file. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const importShapes = [
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?)\s*from\s*"([^"]+)"/g,
  /(?:^|\n)\s*import\s+()"([^"]+)"/g,
  /\bimport\(\s*()"([^"]+)"\s*\)/g,
];

/** The imports of a TypeScript file, with those that vanish when types are stripped marked. */
export function importsOf(text: string): Import[] {
  return importShapes.flatMap((shape) =>
    [...text.matchAll(shape)].map((match) => {
      const statement = match[0];
      const names =
        /\{([^}]*)\}/
          .exec(statement)?.[1]
          ?.split(",")
          .map((name) => name.trim())
          .filter(Boolean) ?? [];
      const onlyTypes =
        names.length > 0 && names.every((name) => name.startsWith("type ")) && !/import\s+\w/.test(statement);
      return { specifier: match[2] ?? "", typeOnly: (match[1] ?? "").startsWith("type") || onlyTypes };
    }),
  );
}

/** Source files of the workers: the domain, the path below `src/`, and the text. */
export function workerSources(tree: SourceTree): { file: string; domain: string; inside: string; text: string }[] {
  return [...tree].flatMap(([file, text]) => {
    const match = /^workers\/([a-z]+)\/src\/(.+\.ts)$/.exec(file);
    return match === null ? [] : [{ file, domain: match[1] ?? "", inside: match[2] ?? "", text }];
  });
}

/** Resolves a relative import to a path from the root. */
export function resolveImport(file: string, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}
