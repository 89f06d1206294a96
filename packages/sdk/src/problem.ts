/** One input at fault, as the API names it. */
export interface ProblemField {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/**
 * A refusal by the API (RFC 9457). `code` is stable and what programs decide on (`bookings.sold_out`); the texts are for
 * people and may change.
 */
export class FoyerProblem extends Error {
  override readonly name = "FoyerProblem";
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** To be told to support. */
  readonly requestId: string;
  /** The inputs at fault, where the refusal is about inputs. */
  readonly errors: readonly ProblemField[];
  /** Seconds after which a repetition may succeed, where the API said so. */
  readonly retryAfterSeconds: number | null;
  /** The whole document, with the members that only this code has. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(document: Readonly<Record<string, unknown>>, response: Response) {
    const text = (name: string, fallback: string): string => {
      const value = document[name];
      return typeof value === "string" ? value : fallback;
    };
    const code = text("code", "client.unexpected_answer");
    const detail = text("detail", `The server answered ${response.status}.`);
    super(`${code}: ${detail}`);
    this.code = code;
    this.status = response.status;
    this.title = text("title", response.statusText);
    this.detail = detail;
    this.requestId = text("requestId", response.headers.get("x-request-id") ?? "");
    this.errors = Array.isArray(document.errors) ? document.errors.filter(isField) : [];
    this.retryAfterSeconds = retryAfterSeconds(response);
    this.document = document;
  }
}

function isField(value: unknown): value is ProblemField {
  return typeof value === "object" && value !== null && "path" in value && "code" in value && "message" in value;
}

/** The `Retry-After` of an answer in seconds; null without one. */
export function retryAfterSeconds(response: Response): number | null {
  const header = response.headers.get("retry-after");
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Reads a refusal. A body that is no problem document (a proxy's page) becomes `client.unexpected_answer`. */
export async function problemFrom(response: Response): Promise<FoyerProblem> {
  const body: unknown = await response.json().catch(() => null);
  const isDocument = typeof body === "object" && body !== null && !Array.isArray(body);
  return new FoyerProblem(isDocument ? { ...body } : {}, response);
}
