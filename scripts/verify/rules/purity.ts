import { type Rule, type Violation, workerSources } from "../source-tree.ts";

const impure: readonly { readonly shape: RegExp; readonly what: string }[] = [
  { shape: /\bDate\.now\(|\bnew Date\(\)/, what: "reads the clock" },
  { shape: /\bMath\.random\(|\bcrypto\b\s*\./, what: "is random" },
  { shape: /\bfetch\(/, what: "calls outside" },
  { shape: /\benv\.[A-Z]/, what: "reads the environment" },
  { shape: /\b(D1Database|DurableObjectState|R2Bucket|Queue)\b/, what: "knows a binding" },
];

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

/** Domain code is pure: no clock, no randomness, no environment, no bindings, no calls. */
export const domainIsPure: Rule = {
  name: "domain-is-pure",
  check: (tree) =>
    workerSources(tree)
      .filter(({ inside, domain }) => inside.startsWith("domain/") && domain !== "gateway")
      .flatMap(({ file, text }) =>
        impure
          .filter(({ shape }) => shape.test(withoutComments(text)))
          .map(({ what }): Violation => ({ rule: "domain-is-pure", file, message: what })),
      ),
};

const fileLinesMax = 400;

/** A room grown past 400 lines is divided by meaning. */
export const roomsStaySmall: Rule = {
  name: "rooms-stay-small",
  check: (tree) =>
    [...tree].flatMap(([file, text]): Violation[] => {
      if (!/^(workers|packages)\/[a-z]+\/src\/.+\.ts$|^scripts\/.+\.ts$/.test(file) || file.includes("/generated/"))
        return [];
      const lines = text.split("\n").length - 1;
      return lines > fileLinesMax
        ? [{ rule: "rooms-stay-small", file, message: `has ${lines} lines, at most ${fileLinesMax}` }]
        : [];
    }),
};

const unfinished = /\b(TODO|FIXME|XXX)\b|\b[Nn]ot (yet )?implemented\b|\bplaceholder\b|\bfor now\b/;
const careless = /: any\b|\bas any\b|@ts-(ignore|nocheck|expect-error)/;
const disabled = /\b(describe|it|test)\.(skip|only|todo)\(|\bexpect\(true\)|\btoBeTruthy\(\)/;

/** Nothing unfinished in the code, no type that lets anything in, no test that is off or cannot fail. */
export const nothingUnfinished: Rule = {
  name: "nothing-unfinished",
  check: (tree) =>
    [...tree].flatMap(([file, text]): Violation[] => {
      if (!/^(workers|packages|scripts)\/.+\.ts$/.test(file) || file.startsWith("scripts/verify/")) return [];
      if (file.includes("/generated/")) return [];
      const test = /\/test\//.test(file);
      const found: Violation[] = [];
      if (!test && unfinished.test(text))
        found.push({ rule: "nothing-unfinished", file, message: `says ${unfinished.exec(text)?.[0]}` });
      if (!test && careless.test(text))
        found.push({ rule: "nothing-unfinished", file, message: `has ${careless.exec(text)?.[0]}` });
      if (test && disabled.test(text))
        found.push({ rule: "nothing-unfinished", file, message: `has ${disabled.exec(text)?.[0]}` });
      return found;
    }),
};
