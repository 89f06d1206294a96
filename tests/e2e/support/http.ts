import { request as startRequest } from "node:http";
import type { World } from "./world.ts";

/** One request over HTTP, as it is written, without a client's help. */
export interface Request {
  readonly method?: string;
  readonly path: string;
  /** Text or bytes are sent as they are, a stream without a length, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** An answer as it came. */
export interface Answer {
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null where it is none. */
  readonly document: Readonly<Record<string, unknown>> | null;
}

/** Sends requests and remembers every answer, so that all of them can be looked at together. */
export class Caller {
  readonly answers: Answer[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async send(what: string, request: Request): Promise<Answer> {
    const { body, token } = request;
    const raw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...request.headers,
    };
    const response = await fetch(`${this.#world.url}${request.path}`, {
      method: request.method ?? (body === undefined ? "GET" : "POST"),
      headers,
      redirect: "manual",
      // What Node's fetch asks for when the body is a stream.
      ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as string, duplex: "half" as const }),
    });
    const text = await response.text();
    const answer = { what, status: response.status, headers: response.headers, text, document: parseObject(text) };
    this.answers.push(answer);
    return answer;
  }
}

/**
 * Sends the beginning of a request whose body never ends, and returns the status that it is answered with meanwhile. With a
 * length, only the head is sent: whoever refuses by length need not read.
 */
export function answerBeforeEnd(
  world: World,
  request: Request & { readonly saidBytes?: number; readonly sentBytes: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = startRequest(`${world.url}${request.path}`, {
      method: "POST",
      headers: {
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...(request.saidBytes === undefined ? {} : { "content-length": String(request.saidBytes) }),
        ...request.headers,
      },
    });
    sent.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      sent.destroy();
    });
    sent.on("error", reject);
    sent.flushHeaders();
    if (request.body instanceof Uint8Array) sent.write(request.body);
    const filler = new Uint8Array(65_536).fill(0x20);
    for (let bytes = 0; bytes < request.sentBytes; bytes += filler.length) sent.write(filler);
  });
}

/** A body of so many bytes that does not say its length. */
export function endless(bytes: number, first = ""): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(65_536).fill(0x20);
  let left = bytes;
  return new ReadableStream({
    start(controller) {
      if (first !== "") controller.enqueue(new TextEncoder().encode(first));
    },
    pull(controller) {
      controller.enqueue(chunk.subarray(0, Math.min(chunk.length, left)));
      left -= chunk.length;
      if (left <= 0) controller.close();
    },
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
