import { invalidParam } from "./errors.ts";

/** What a query may ask about an object. */
export interface Searchable {
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | number | null>>;
}

interface Clause {
  readonly negated: boolean;
  readonly field: string;
  readonly metadataKey: string | null;
  readonly operator: ":" | ">" | "<" | ">=" | "<=";
  readonly value: string | number | null;
}

const clausePattern =
  /^(-?)(?:metadata\[(?:"([^"\]]+)"|'([^'\]]+)')\]|([a-z_]+))\s*(:|>=|<=|>|<)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+)|(null))/;
const joinPattern = /^\s+(AND|OR)\s+/i;

/**
 * Reads Stripe's search language (https://docs.stripe.com/search#search-query-language): clauses on fields and on
 * metadata, joined by AND or by OR but not by both, negated by a minus. Answers the test that an object must pass.
 */
export function parseSearch(query: string): (object: Searchable) => boolean {
  const clauses: Clause[] = [];
  const joins = new Set<string>();
  let rest = query.trim();
  for (;;) {
    const match = clausePattern.exec(rest);
    if (match === null) throw unreadable(query);
    clauses.push(clauseOf(match, query));
    rest = rest.slice(match[0].length);
    if (rest === "") break;
    const join = joinPattern.exec(rest);
    if (join?.[1] === undefined) throw unreadable(query);
    joins.add(join[1].toUpperCase());
    rest = rest.slice(join[0].length);
  }
  if (joins.size > 1) throw invalidParam("query", "You cannot combine AND and OR in the same search query.");
  return joins.has("OR")
    ? (object) => clauses.some((clause) => holds(clause, object))
    : (object) => clauses.every((clause) => holds(clause, object));
}

function clauseOf(match: RegExpExecArray, query: string): Clause {
  const [, minus, quotedKey, tickedKey, field, operator, quoted, ticked, digits] = match;
  const text = quoted ?? ticked;
  const value = text === undefined ? (digits === undefined ? null : Number(digits)) : text.replaceAll(/\\(.)/g, "$1");
  if (operator !== ":" && operator !== ">" && operator !== "<" && operator !== ">=" && operator !== "<=") {
    throw unreadable(query);
  }
  return {
    negated: minus === "-",
    field: field ?? "metadata",
    metadataKey: quotedKey ?? tickedKey ?? null,
    operator,
    value,
  };
}

function holds(clause: Clause, object: Searchable): boolean {
  const actual = readField(clause, object);
  return compare(actual, clause) !== clause.negated;
}

function readField(clause: Clause, object: Searchable): string | number | null {
  if (clause.metadataKey !== null) return object.metadata[clause.metadataKey] ?? null;
  const value = object.fields[clause.field];
  if (value === undefined) throw invalidParam("query", `Field \`${clause.field}\` is an unsupported search field.`);
  return value;
}

function compare(actual: string | number | null, { operator, value }: Clause): boolean {
  if (operator === ":") return typeof actual === "number" ? actual === Number(value) : actual === value;
  if (typeof actual !== "number" || value === null) return false;
  const bound = Number(value);
  switch (operator) {
    case ">":
      return actual > bound;
    case "<":
      return actual < bound;
    case ">=":
      return actual >= bound;
    case "<=":
      return actual <= bound;
  }
}

function unreadable(query: string) {
  return invalidParam("query", `We were unable to parse your search query \`${query.slice(0, 200)}\`.`);
}
