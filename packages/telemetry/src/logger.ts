import type { JsonValue } from "@foyer/kernel/result";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, JsonValue | undefined>>;

/** Structured log of one worker. One JSON object a line; secrets and personal data are masked by field name. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line, such as `requestId`. */
  with(fields: LogFields): Logger;
}

const order: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };
const masked = "[redacted]";
const sensitiveName =
  /pass(word)?|secret|token|authorization|cookie|signature|api[-_]?key|event[-_]?access|private|email|phone|^(name|code|address|ip|buyer|holder)$/i;
/** Tokens, grants to events, keys of providers, secrets in links, mail addresses (RFC 5322 atoms before the at sign). */
const sensitiveText =
  /eyJ[\w-]+\.[\w-]+\.[\w-]+|[rs]k_(?:live|test)_\w+|whsec_\w+|\bre_\w{8,}|(?<=[?&#](?:secret|token|code|state)=)[^\s&#"']+|[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]+|\b\d{1,10}\.\d{1,12}\.[\w-]{43,}|Bearer\s+\S+/gu;

/** Masks what must not be in a log: fields by their name, and tokens, keys and addresses inside texts. */
export function redact(value: JsonValue | undefined, name = "", depth = 0): JsonValue {
  if (value === undefined || value === null) return null;
  if (sensitiveName.test(name)) return masked;
  if (typeof value === "string") return value.slice(0, 2_000).replace(sensitiveText, masked);
  if (typeof value !== "object") return value;
  if (depth >= 4) return "[deep]";
  if (Array.isArray(value)) return value.slice(0, 20).map((item: JsonValue) => redact(item, "", depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([key, item]: [string, JsonValue]) => [key, redact(item, key, depth + 1)]),
  );
}

/** What is known of a thrown thing, for a log line; the stack helps, the cause is followed once. */
export function describeError(thrown: unknown): LogFields {
  // A thrown object's own text may be missing or throw in its turn; its kind never does.
  if (typeof thrown === "object" && thrown !== null && !(thrown instanceof Error)) {
    return { error: Object.prototype.toString.call(thrown) };
  }
  if (!(thrown instanceof Error)) return { error: String(thrown) };
  return {
    error: thrown.message,
    errorType: thrown.name,
    // Frames only: a message of several lines stands in the stack once more.
    stack: thrown.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 7)
      .join("\n"),
    cause: thrown.cause instanceof Error ? thrown.cause.message : undefined,
  };
}

/** Makes the logger of a worker. `write` takes one finished line and defaults to the runtime's log. */
export function createLogger(
  service: string,
  options: {
    readonly level?: LogLevel;
    readonly write?: (line: string, level: LogLevel) => void;
    readonly fields?: LogFields;
  } = {},
): Logger {
  const { level = "info", write = writeToRuntime, fields: always = {} } = options;
  const emit = (lineLevel: LogLevel, message: string, fields: LogFields = {}): void => {
    if (order[lineLevel] < order[level]) return;
    const line = { level: lineLevel, service, message, ...always, ...fields };
    write(JSON.stringify(redact(line as Record<string, JsonValue>)), lineLevel);
  };
  return {
    debug: (message, fields) => emit("debug", message, fields),
    info: (message, fields) => emit("info", message, fields),
    warn: (message, fields) => emit("warn", message, fields),
    error: (message, fields) => emit("error", message, fields),
    with: (fields) => createLogger(service, { level, write, fields: { ...always, ...fields } }),
  };
}

function writeToRuntime(line: string, level: LogLevel): void {
  // biome-ignore lint/suspicious/noConsole: this is where log lines leave the program
  console[level](line);
}
