import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { assert } from "@foyer/kernel/assert";

/** One request with its whole body, as the emulated services see it. */
export interface LocalRequest {
  readonly method: string;
  /** Path without query, not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer to send. */
export interface LocalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No answer at all: the connection stays open until the caller gives up, and is cut after `forMs` at the latest. */
export interface Silence {
  readonly silence: true;
  readonly forMs: number;
}

export type LocalReply = LocalAnswer | Silence;

export interface LocalServerOptions {
  /** Zero takes a free port. */
  readonly port: number;
  readonly bodyBytesMax: number;
  /** Turns a request into its answer; a throw becomes a 500 and is reported to `onError`. */
  readonly handle: (request: LocalRequest) => LocalReply | Promise<LocalReply>;
  readonly onError?: (error: unknown) => void;
}

export interface LocalServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Cuts every connection and frees the port. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** Longer than any pool of a caller keeps a connection, so that it is never closed under a request being sent. */
const keepAliveMs = 120_000;

/** Makes an answer from a JSON value. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): LocalAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/** Serves HTTP on the loopback interface only. */
export async function serveLocally(options: LocalServerOptions): Promise<LocalServer> {
  const silences = new Set<NodeJS.Timeout>();

  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming, options.bodyBytesMax);
    if (body === null) {
      outgoing.writeHead(413, { connection: "close" }).end();
      return;
    }
    const target = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const reply = await options.handle({
      method: incoming.method ?? "GET",
      path: target.pathname,
      query: target.searchParams,
      headers: incoming.headers,
      body,
    });
    if (!("silence" in reply)) {
      outgoing.writeHead(reply.status, reply.headers).end(reply.body);
      return;
    }
    const timer = setTimeout(() => outgoing.destroy(), reply.forMs);
    silences.add(timer);
    outgoing.on("close", () => {
      clearTimeout(timer);
      silences.delete(timer);
    });
  };

  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: unknown) => {
      // A caller that hung up while sending is its own affair; everything else is a bug of the emulator.
      if (incoming.destroyed && !incoming.complete) return;
      options.onError?.(error);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    });
  });
  server.keepAliveTimeout = keepAliveMs;

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  assert(address !== null && typeof address === "object", "a listening server has an address");

  let stopping: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () => {
      stopping ??= new Promise<void>((resolve) => {
        for (const timer of silences) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return stopping;
    },
  };
}

/** The body as text, or null where it is larger than allowed. */
async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    assert(Buffer.isBuffer(chunk), "a request without encoding arrives as bytes");
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
