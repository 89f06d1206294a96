import type { FieldFault } from "@foyer/kernel/result";

/** A recurrence rule as its parts, in the order given. The values are of the right shape; whether they fit together is for the expansion. */
export type RuleParts = ReadonlyMap<string, string>;

const days = "(?:MO|TU|WE|TH|FR|SA|SU)";

/** A list of whole numbers up to a limit, counted from the end as well where `signed`. */
function numbers(min: number, max: number, signed = false): (value: string) => boolean {
  return (value) =>
    value.split(",").every((item) => {
      if (!(signed ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(item)) return false;
      const size = Math.abs(Number(item));
      return size >= min && size <= max;
    });
}
const matching = (shape: RegExp) => (value: string) => shape.test(value);

/** Every part that a rule may have (RFC 5545 section 3.3.10), and what it may say. */
const knownParts: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: matching(/^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/),
  UNTIL: matching(/^\d{8}(?:T\d{6}Z?)?$/),
  COUNT: matching(/^[1-9]\d{0,8}$/),
  INTERVAL: matching(/^[1-9]\d{0,3}$/),
  BYSECOND: numbers(0, 59),
  BYMINUTE: numbers(0, 59),
  BYHOUR: numbers(0, 23),
  BYDAY: (value) => value.split(",").every(matching(new RegExp(`^(?:[+-]?[1-9]\\d?)?${days}$`))),
  BYMONTHDAY: numbers(1, 31, true),
  BYYEARDAY: numbers(1, 366, true),
  BYWEEKNO: numbers(1, 53, true),
  BYMONTH: numbers(1, 12),
  BYSETPOS: numbers(1, 366, true),
  WKST: matching(new RegExp(`^${days}$`)),
};

/** A fault of the rule. */
export function ruleFault(code: string, message: string): FieldFault {
  return { path: "rrule", code, message };
}

/**
 * Takes a rule apart: `FREQ=WEEKLY;BYDAY=MO;COUNT=10`, in any case, with or without `RRULE:` before it. Refused are parts that are unknown,
 * said twice or out of range (`events.rule_invalid`), what recurs within a day (`events.rule_frequency`), and what does not end
 * (`events.rule_unbounded`).
 */
export function parseRule(text: string): { readonly parts: RuleParts } | { readonly fault: FieldFault } {
  const parts = new Map<string, string>();
  for (const piece of text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "")
    .split(";")) {
    const [name, value, ...rest] = piece.split("=");
    if (name === undefined || value === undefined || rest.length > 0)
      return { fault: ruleFault("events.rule_invalid", "A rule is NAME=value parts with semicolons between") };
    if (name === "FREQ" && ["SECONDLY", "MINUTELY", "HOURLY"].includes(value))
      return { fault: ruleFault("events.rule_frequency", "Events recur daily at most") };
    const takes = Object.hasOwn(knownParts, name) ? knownParts[name] : undefined;
    if (takes === undefined) return { fault: ruleFault("events.rule_invalid", "A part of the rule is unknown") };
    if (!takes(value)) return { fault: ruleFault("events.rule_invalid", `${name} cannot say that`) };
    if (parts.has(name)) return { fault: ruleFault("events.rule_invalid", `${name} is said twice`) };
    parts.set(name, value);
  }
  if (!parts.has("FREQ")) return { fault: ruleFault("events.rule_invalid", "A rule needs FREQ") };
  if (parts.has("COUNT") && parts.has("UNTIL"))
    return { fault: ruleFault("events.rule_invalid", "A rule has COUNT or UNTIL, not both") };
  if (!parts.has("COUNT") && !parts.has("UNTIL"))
    return { fault: ruleFault("events.rule_unbounded", "A rule has to end: give COUNT or UNTIL") };
  return { parts };
}

/** A rule as text, its parts in the order given. */
export function formatRule(parts: RuleParts): string {
  return [...parts].map(([name, value]) => `${name}=${value}`).join(";");
}
