/** Bytes on their way in. A chunk is the reader's until it asks for the next one: its memory is used again then. */
export interface ByteSource {
  /** The next bytes, `end` where all have come, `broken` where whoever sends them broke off. */
  next(): Promise<Uint8Array | "end" | "broken">;
  /** What has not come is not wanted. Never throws. */
  cancel(): Promise<void>;
}

const chunkBytes = 65_536;

/**
 * A body as a source. Bodies of requests are read into one buffer over and over: a chunk of its own for each four kilobytes would be more memory
 * than the rest of an upload together, until somebody collects it.
 */
export function fromBody(body: ReadableStream<Uint8Array>): ByteSource {
  const reader = byobReaderOf(body);
  if (reader === null) return fromReader(body.getReader());
  let buffer = new ArrayBuffer(chunkBytes);
  return {
    async next() {
      try {
        const { done, value } = await reader.readAtLeast(chunkBytes, new Uint8Array(buffer));
        if (value !== undefined && value.byteLength > 0) {
          buffer = value.buffer as ArrayBuffer; // the one that was given, which reading transfers
          return value;
        }
        return done ? "end" : await this.next();
      } catch {
        return "broken";
      }
    },
    cancel: () => reader.cancel().catch(() => undefined),
  };
}

/** Streams that scripts make have no such reader. */
function byobReaderOf(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

function fromReader(reader: ReadableStreamDefaultReader<Uint8Array>): ByteSource {
  return {
    async next() {
      try {
        const { done, value } = await reader.read();
        return done ? "end" : value;
      } catch {
        return "broken";
      }
    },
    cancel: () => reader.cancel().catch(() => undefined),
  };
}

/** Thrown where a part is no longer what it was when it was noted: sent again at the same time, or gone. */
class PartGone extends Error {
  override readonly name = "PartGone";
}

/** Objects after one another, as they were when each had its tag. Throws where one is no longer that, or breaks off: the sender is not to blame. */
export function fromObjects(
  bucket: R2Bucket,
  objects: readonly { readonly key: string; readonly etag: string }[],
): ByteSource {
  const left = [...objects];
  let current: ByteSource | null = null;
  return {
    async next() {
      for (;;) {
        if (current === null) {
          const wanted = left.shift();
          if (wanted === undefined) return "end";
          const object = await bucket.get(wanted.key, { onlyIf: { etagMatches: wanted.etag } });
          if (object === null || !("body" in object)) throw new PartGone(wanted.key);
          current = fromBody(object.body);
        }
        const chunk = await current.next();
        if (chunk === "broken") throw new Error("an object broke off while it was read");
        if (chunk !== "end") return chunk;
        current = null;
      }
    },
    cancel: async () => current?.cancel(),
  };
}
