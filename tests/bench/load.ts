import { connect, type Socket } from "node:net";

/**
 * A load generator over plain sockets: keep-alive HTTP/1.1, one request in flight on each connection, as little work of its
 * own as possible, because it shares the machine with what it measures.
 */

/** One request to send, already serialized, or null when there is nothing more to send. */
export type NextRequest = () => Buffer | null;

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds from the start to the last answer of each status. */
  readonly lastAtMs: ReadonlyMap<number, number>;
  /** Connections that broke and answers that were not HTTP. */
  readonly broken: number;
}

/** Serializes a request for {@link runLoad}. */
export function serializeRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** Sends requests over so many connections until `next` has no more, or the time is up. */
export async function runLoad(options: {
  readonly port: number;
  readonly connections: number;
  readonly next: NextRequest;
  readonly secondsMax: number;
  /** Sees each answer's status and body; costs time, so only where it is needed. */
  readonly onAnswer?: (status: number, body: string) => void;
}): Promise<LoadResult> {
  const latencies: number[] = [];
  const statuses = new Map<number, number>();
  const lastAtMs = new Map<number, number>();
  let broken = 0;
  const startedMs = performance.now();
  const deadlineMs = startedMs + options.secondsMax * 1_000;

  const connection = (): Promise<void> =>
    new Promise((resolve) => {
      const socket: Socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
      let pending = Buffer.alloc(0);
      let sentMs = 0;
      const finish = (): void => {
        socket.removeAllListeners();
        socket.on("error", () => {});
        socket.destroy();
        resolve();
      };
      const send = (): void => {
        const request = performance.now() < deadlineMs ? options.next() : null;
        if (request === null) {
          finish();
          return;
        }
        sentMs = performance.now();
        socket.write(request);
      };
      socket.on("connect", send);
      socket.on("data", (chunk) => {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
        const answer = readAnswer(pending);
        if (answer === null) return;
        const nowMs = performance.now();
        latencies.push(nowMs - sentMs);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        lastAtMs.set(answer.status, nowMs - startedMs);
        options.onAnswer?.(answer.status, pending.toString("utf8", answer.bodyStart, answer.end));
        pending = pending.subarray(answer.end);
        send();
      });
      const fault = (): void => {
        broken += 1;
        finish();
      };
      socket.on("error", fault);
      socket.on("close", fault);
    });

  await Promise.all(Array.from({ length: options.connections }, connection));
  const seconds = (performance.now() - startedMs) / 1_000;
  latencies.sort((left, right) => left - right);
  const quantile = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    requests: latencies.length,
    seconds,
    requestsPerSecond: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    statuses,
    lastAtMs,
    broken,
  };
}

/** Finds one whole answer at the start of a buffer; null while it is not all there. */
function readAnswer(buffer: Buffer): { status: number; bodyStart: number; end: number } | null {
  const headEnd = buffer.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = buffer.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    return buffer.length >= end ? { status, bodyStart, end } : null;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, bodyStart, end: bodyStart };
  const last = buffer.indexOf("0\r\n\r\n", bodyStart);
  if (last < 0) return null;
  // A zero-length chunk ends the body; the same bytes inside a chunk are told apart by walking the chunks.
  let at = bodyStart;
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(buffer.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > buffer.length) return null;
    if (size === 0) return { status, bodyStart, end: at };
  }
}
