import { limits } from "@foyer/kernel/limits";

/** A public answer of 200, ready to be given again: whoever gets it adds a request id and what his origin is due. */
export interface KeptAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
  readonly etag: string | null;
  /** How old it may become, counted from when its read began. */
  readonly keptForMs: number;
}

/** A read that is under way; null where what came may not be kept. */
export type EdgeRead = Promise<KeptAnswer | null>;

/** What somebody who asks shall do: give an answer, wait for another's read, or read and {@link EdgeCache.announce} it. */
export type EdgeTurn =
  | { readonly kind: "give"; readonly answer: KeptAnswer }
  | { readonly kind: "wait"; readonly read: EdgeRead }
  | { readonly kind: "read" };

/** Answers that anyone may have, in this isolate's memory, by URL. */
export interface EdgeCache {
  /** Null for a URL of which nothing is known: it is passed on like anything else. */
  turnFor(url: string, nowMs: number): EdgeTurn | null;
  /** Notes that this URL's answers may be kept. They are from the next read on: what is asked once costs no memory. */
  note(url: string): void;
  /** Tells others of a read that began at `nowMs`, and keeps what comes of it. */
  announce(url: string, read: EdgeRead, nowMs: number): void;
  /** Forgets a URL, and what is being read of it. */
  forget(url: string): void;
  /** URLs known, and bytes of their answers. */
  size(): { readonly urls: number; readonly bytes: number };
}

interface Place {
  readonly answer: KeptAnswer | null;
  readonly endsAtMs: number;
  readonly renewAtMs: number;
  read: EdgeRead | null;
  readEndsAtMs: number;
}

/** How long others wait for a read, and believe that it will end; whoever began it may have been cut off. */
export const edgeReadPatienceMs = 500;

/** Makes an empty memory. The URL that was read longest ago makes room. */
export function createEdgeCache(): EdgeCache {
  const places = new Map<string, Place>();
  let bytes = 0;

  function forget(url: string): void {
    const place = places.get(url);
    if (place === undefined) return;
    bytes -= place.answer?.body.byteLength ?? 0;
    places.delete(url);
  }

  function put(url: string, answer: KeptAnswer | null, readAtMs: number): void {
    forget(url);
    const keptForMs = answer?.keptForMs ?? 0;
    const renewAfterMs = Math.min(limits.edgeAnswerRenewAfterMs, keptForMs / 2);
    const times = { endsAtMs: readAtMs + keptForMs, renewAtMs: readAtMs + renewAfterMs };
    places.set(url, { answer, ...times, read: null, readEndsAtMs: 0 });
    bytes += answer?.body.byteLength ?? 0;
    while (places.size > limits.edgeAnswersMax || bytes > limits.edgeAnswersBytesMax) {
      const oldest = places.keys().next();
      if (oldest.done === true) break;
      forget(oldest.value);
    }
  }

  return {
    turnFor(url, nowMs) {
      const place = places.get(url);
      if (place === undefined) return null;
      const { answer, read } = place;
      const awaited = read !== null && nowMs < place.readEndsAtMs;
      // Half-way through an answer's life one request reads anew while the others are served: the crowd meets no gap.
      if (answer !== null && nowMs < place.endsAtMs && (awaited || nowMs < place.renewAtMs))
        return { kind: "give", answer };
      return awaited ? { kind: "wait", read } : { kind: "read" };
    },

    note(url) {
      if (url.length <= limits.edgeUrlCharsMax && !places.has(url)) put(url, null, 0);
    },

    announce(url, read, nowMs) {
      const place = places.get(url);
      if (place === undefined) return;
      place.read = read;
      place.readEndsAtMs = nowMs + edgeReadPatienceMs;
      const settle = (answer: KeptAnswer | null): void => {
        if (places.get(url)?.read !== read) return; // forgotten meanwhile, or another read took its place
        if (answer === null) forget(url);
        else put(url, answer, nowMs);
      };
      read.then(settle, () => settle(null));
    },

    forget,
    size: () => ({ urls: places.size, bytes }),
  };
}

const sharedSeconds = /(?:^|[\s,])s-maxage="?(\d{1,9})/;
const unshared = /no-store|no-cache|private/;
/** What an answer may vary by and be kept: requests with a credential never come here, and what `Origin` changes is added to each. */
const harmlessVary = /^(?:\s*(?:authorization|cookie|origin)\s*(?:,|$))*$/i;

/**
 * For how many milliseconds the answer to an anonymous GET may be given to others (RFC 9111 section 3): a 200 that says
 * `public` and a positive `s-maxage`, is no part, sets no cookie and is the same for all. 0 where it may not be.
 */
export function shareableMs(status: number, headers: Headers): number {
  const cacheControl = headers.get("cache-control");
  if (status !== 200 || cacheControl === null || !cacheControl.includes("public") || unshared.test(cacheControl))
    return 0;
  const seconds = sharedSeconds.exec(cacheControl)?.[1];
  if (seconds === undefined || !harmlessVary.test(headers.get("vary") ?? "")) return 0;
  if (headers.has("set-cookie") || headers.has("content-encoding") || headers.has("content-range")) return 0;
  if (Number(headers.get("content-length") ?? 0) > limits.edgeAnswerBytesMax) return 0;
  return Math.min(Number(seconds) * 1_000, limits.edgeAnswerKeptMs);
}

/** A body of at most so many bytes; a longer one comes back as a stream of all of it, of which no more was read. */
export async function readAtMost(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.byteLength;
    if (length > bytesMax) return resume(chunks, reader);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function resume(chunks: readonly Uint8Array[], reader: ReadableStreamDefaultReader<Uint8Array>) {
  const waiting = [...chunks];
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = waiting.shift() ?? (await reader.read()).value;
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
