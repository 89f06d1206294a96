import { wrangler } from "../platform/build.ts";
import { configPathOf } from "../platform/workers.ts";

/** Which copy of users' database an operator means. */
export type Target = { readonly kind: "remote" } | { readonly kind: "local"; readonly directory: string | null };

/** Options that every operator's command takes, for `parseArgs`. */
export const targetOptions = {
  /** Wrangler's local copy, in place of the deployed database. */
  local: { type: "boolean", default: false },
  /** Where that copy is kept. */
  "persist-to": { type: "string" },
} as const;

/** Reads {@link targetOptions}. */
export function targetOf(options: { readonly local: boolean; readonly "persist-to"?: string | undefined }): Target {
  return options.local ? { kind: "local", directory: options["persist-to"] ?? null } : { kind: "remote" };
}

/** A text as a literal of SQL. Wrangler's command takes no parameters. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Runs statements on users' database as one transaction, and returns the rows of the last one. */
export async function runOnUsers(target: Target, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const where =
    target.kind === "remote"
      ? ["--remote"]
      : ["--local", ...(target.directory === null ? [] : ["--persist-to", target.directory])];
  const output = await wrangler([
    "d1",
    "execute",
    "foyer-users",
    ...where,
    "--json",
    "--yes",
    "--command",
    statements.join("; "),
    "-c",
    configPathOf("users"),
  ]);
  const answers: unknown = JSON.parse(output.slice(output.indexOf("[")));
  const last: unknown = Array.isArray(answers) ? answers.at(-1) : undefined;
  return isAnswer(last) ? last.results : [];
}

function isAnswer(value: unknown): value is { results: Record<string, unknown>[] } {
  return typeof value === "object" && value !== null && "results" in value && Array.isArray(value.results);
}
