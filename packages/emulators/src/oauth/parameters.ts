import type { LocalRequest } from "../server/local-server.ts";
import { Refusal } from "./refusal.ts";

/**
 * Reads the parameters of a request and refuses what is repeated (https://www.rfc-editor.org/rfc/rfc6749#section-3.1).
 * An endpoint reads everything it knows and then calls {@link Parameters.end}, which refuses the rest: RFC 6749 would
 * have unknown parameters ignored, and then a misspelt `code_challenge` is a sign-in without PKCE that nobody notices.
 */
export class Parameters {
  readonly #source: URLSearchParams;
  readonly #read = new Set<string>();

  constructor(source: URLSearchParams) {
    this.#source = source;
    const names = [...source.keys()];
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) throw new Refusal("invalid_request", `Parameter sent more than once: ${repeated}`);
  }

  /** The value, or null where there is none. A parameter without a value counts as left out, as RFC 6749 has it. */
  optional(name: string): string | null {
    this.#read.add(name);
    const value = this.#source.get(name);
    return value === "" ? null : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === null) throw new Refusal("invalid_request", `Missing required parameter: ${name}`);
    return value;
  }

  /** Refuses every parameter that was not read. */
  end(): void {
    const unknown = [...this.#source.keys()].find((name) => !this.#read.has(name));
    if (unknown !== undefined) {
      throw new Refusal("invalid_request", `Parameter not allowed for this message type: ${unknown}`);
    }
  }
}

/** The parameters of a posted form; refuses any other type of body. */
export function formParameters(request: LocalRequest): Parameters {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new Refusal("invalid_request", "The body must be application/x-www-form-urlencoded");
  }
  return new Parameters(new URLSearchParams(request.body));
}
