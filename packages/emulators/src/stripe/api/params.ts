import { isCurrency } from "@foyer/kernel/money";
import { invalidParam } from "./errors.ts";
import type { FormTable, FormValue } from "./form.ts";

/** Bounds of a number; a bound that is left out does not limit. */
export interface NumberRange {
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}

const textCharsMax = 5_000;
const metadataKeysMax = 50;
const metadataKeyCharsMax = 40;
const metadataValueCharsMax = 500;

/**
 * Reads a call's parameters and refuses what Stripe refuses, in Stripe's words. A route reads everything it knows and
 * then calls {@link Params.end}, which refuses the rest: a misspelt parameter never passes in silence.
 */
export class Params {
  readonly #table: FormTable;
  readonly #prefix: string;
  readonly #read = new Set<string>();
  readonly #children: Params[] = [];

  constructor(table: FormTable, prefix = "") {
    this.#table = table;
    this.#prefix = prefix;
  }

  /** The full name of a parameter here, such as `line_items[0][quantity]`. */
  path(name: string): string {
    return this.#prefix === "" ? name : `${this.#prefix}[${name}]`;
  }

  #take(name: string): FormValue | undefined {
    this.#read.add(name);
    return this.#table.get(name);
  }

  #takeText(name: string): string | undefined {
    const value = this.#take(name);
    if (value !== undefined && typeof value !== "string") throw invalidParam(this.path(name), "Invalid string");
    return value;
  }

  optionalText(name: string, charsMax = textCharsMax): string | undefined {
    const value = this.#takeText(name);
    if (value === undefined) return undefined;
    const path = this.path(name);
    if (value === "") {
      throw invalidParam(
        path,
        `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however ` +
          `'${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
        "parameter_invalid_empty",
      );
    }
    if (value.length > charsMax) {
      throw invalidParam(path, `Invalid string: ${value.slice(0, 10)}...; must be at most ${charsMax} characters`);
    }
    return value;
  }

  text(name: string, charsMax = textCharsMax): string {
    return this.optionalText(name, charsMax) ?? this.#missing(name);
  }

  optionalInteger(name: string, range: { readonly min?: number; readonly max?: number } = {}): number | undefined {
    const text = this.#takeText(name);
    if (text === undefined) return undefined;
    const path = this.path(name);
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw invalidParam(path, `Invalid integer: ${text.slice(0, 100)}`, "parameter_invalid_integer");
    }
    if (range.min !== undefined && value < range.min) {
      throw invalidParam(
        path,
        `This value must be greater than or equal to ${range.min}.`,
        "parameter_invalid_integer",
      );
    }
    if (range.max !== undefined && value > range.max) {
      throw invalidParam(path, `This value must be less than or equal to ${range.max}.`, "parameter_invalid_integer");
    }
    return value;
  }

  integer(name: string, range: { readonly min?: number; readonly max?: number } = {}): number {
    return this.optionalInteger(name, range) ?? this.#missing(name);
  }

  optionalBoolean(name: string): boolean | undefined {
    const text = this.#takeText(name);
    if (text === undefined) return undefined;
    if (text !== "true" && text !== "false") throw invalidParam(this.path(name), `Invalid boolean: ${text}`);
    return text === "true";
  }

  optionalChoice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.#takeText(name);
    if (text === undefined) return undefined;
    const found = allowed.find((choice) => choice === text);
    if (found === undefined) {
      throw invalidParam(this.path(name), `Invalid ${this.path(name)}: must be one of ${allowed.join(", ")}`);
    }
    return found;
  }

  /** A currency code in lower case, as Stripe writes them. */
  currency(name: string): string {
    const code = this.text(name).toLowerCase();
    if (!isCurrency(code.toUpperCase())) {
      throw invalidParam(this.path(name), `Invalid currency: ${code.slice(0, 10)}.`);
    }
    return code;
  }

  /** Metadata within Stripe's limits; an empty value leaves its key out, as it unsets it there. */
  metadata(name = "metadata"): Record<string, string> | undefined {
    const table = this.#takeTable(name);
    if (table === undefined) return undefined;
    const path = this.path(name);
    if (table.size > metadataKeysMax) throw invalidParam(path, `Metadata can have up to ${metadataKeysMax} keys.`);
    const entries: [string, string][] = [];
    for (const [key, value] of table) {
      if (typeof value !== "string") throw invalidParam(`${path}[${key}]`, "Metadata values must be strings.");
      if (key.length > metadataKeyCharsMax) {
        throw invalidParam(path, `Metadata keys can have up to ${metadataKeyCharsMax} characters: ${key}`);
      }
      if (value.length > metadataValueCharsMax) {
        throw invalidParam(
          `${path}[${key}]`,
          `Metadata values can have up to ${metadataValueCharsMax} characters, but you passed in a value that is ` +
            `${value.length} characters. Invalid value: ${value.slice(0, 20)}...`,
        );
      }
      if (value !== "") entries.push([key, value]);
    }
    return Object.fromEntries(entries);
  }

  optionalChild(name: string): Params | undefined {
    const table = this.#takeTable(name);
    return table === undefined ? undefined : this.#child(table, this.path(name));
  }

  child(name: string): Params {
    return this.optionalChild(name) ?? this.#missing(name);
  }

  /** The tables of a list such as `line_items[0][...]`, in their order. */
  list(name: string): Params[] {
    const table = this.#takeTable(name) ?? new Map<string, FormValue>();
    return [...table].map(([index, value]) => {
      const path = `${this.path(name)}[${index}]`;
      if (typeof value === "string") throw invalidParam(path, "Invalid object");
      return this.#child(value, path);
    });
  }

  /** The texts of a list such as `expand[]`. */
  texts(name: string): string[] {
    const table = this.#takeTable(name) ?? new Map<string, FormValue>();
    return [...table.values()].map((value) => {
      if (typeof value !== "string") throw invalidParam(this.path(name), "Invalid string");
      return value;
    });
  }

  /** Bounds of a number: one exact value, or a table of `gt`, `gte`, `lt` and `lte`. */
  optionalRange(name: string): NumberRange {
    if (typeof this.#table.get(name) === "string") {
      const exact = this.integer(name);
      return { gte: exact, lte: exact };
    }
    const bounds = this.optionalChild(name);
    return {
      gt: bounds?.optionalInteger("gt"),
      gte: bounds?.optionalInteger("gte"),
      lt: bounds?.optionalInteger("lt"),
      lte: bounds?.optionalInteger("lte"),
    };
  }

  /** Refuses every parameter that was not read, here and below. */
  end(): void {
    for (const name of this.#table.keys()) {
      if (!this.#read.has(name)) {
        throw invalidParam(this.path(name), `Received unknown parameter: ${this.path(name)}`, "parameter_unknown");
      }
    }
    for (const child of this.#children) child.end();
  }

  #takeTable(name: string): FormTable | undefined {
    const value = this.#take(name);
    if (value === "") return new Map(); // an emptied list or table
    if (typeof value === "string") throw invalidParam(this.path(name), "Invalid object");
    return value;
  }

  #child(table: FormTable, prefix: string): Params {
    const child = new Params(table, prefix);
    this.#children.push(child);
    return child;
  }

  #missing(name: string): never {
    const path = this.path(name);
    throw invalidParam(path, `Missing required param: ${path}.`, "parameter_missing");
  }
}
