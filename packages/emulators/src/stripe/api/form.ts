import { emulatorLimits } from "../../limits.ts";
import { StripeApiError } from "./errors.ts";

/** A value of a form: a text, or a table of further values. Lists are tables with the keys "0", "1" and so on. */
export type FormValue = string | FormTable;
export type FormTable = Map<string, FormValue>;

/** Decodes `a[b][0]=x` into nested tables. Maps, so that no field's name can reach a prototype. */
export function decodeForm(text: string): FormTable {
  return decodeFields(new URLSearchParams(text));
}

/** As {@link decodeForm}, for a query string that is parsed already. */
export function decodeFields(fields: URLSearchParams): FormTable {
  if (fields.size > emulatorLimits.formFieldsMax) throw malformed("too many parameters");
  const root: FormTable = new Map();
  for (const [name, value] of fields) {
    const keys = splitName(name);
    const last = keys.pop();
    if (last === undefined) throw malformed(name);
    let table = root;
    for (const key of keys) table = childTable(table, key, name);
    table.set(last === "" ? String(table.size) : last, value);
  }
  return root;
}

function splitName(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (match === null) throw malformed(name);
  const [, head = "", tail = ""] = match;
  const keys = [head, ...tail.slice(1, -1).split("][")];
  if (tail === "") keys.pop();
  if (keys.length > emulatorLimits.formDepthMax) throw malformed(name);
  return keys;
}

function childTable(parent: FormTable, key: string, name: string): FormTable {
  const step = key === "" ? String(parent.size) : key;
  const child = parent.get(step) ?? new Map<string, FormValue>();
  if (typeof child === "string") throw malformed(name);
  parent.set(step, child);
  return child;
}

function malformed(name: string): StripeApiError {
  return new StripeApiError(400, { type: "invalid_request_error", message: `Invalid request: malformed ${name}` });
}

/** The form in one order of keys, so that equal requests compare equal however they were encoded. */
export function canonicalForm(table: FormTable): string {
  const entries = [...table].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(entries.map(([key, value]) => [key, typeof value === "string" ? value : canonicalForm(value)]));
}
