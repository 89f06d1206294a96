import { type ImageFacts, inspectImage, isWhole, tailBytes } from "@foyer/images/image";
import { withoutPosition } from "@foyer/images/photo-location";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** An image that has arrived whole in the bucket. */
export interface StoredImage extends ImageFacts {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Where the bytes of an upload go while they are counted. */
interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  /** All is there: makes the object visible. */
  finish(): Promise<void>;
  /** Leaves nothing behind. Never throws. */
  abort(): Promise<void>;
}

const tooLarge = () =>
  fail("events.media_too_large", `An image has at most ${limits.imageBytesMax} bytes.`, {
    extra: { bytesMax: limits.imageBytesMax },
  });
const incomplete = () => fail("events.upload_incomplete", "The body is not as long as its Content-Length says.");
const cutShort = () =>
  fail("events.upload_incomplete", "The image does not end as its format does; send it whole, with a Content-Length.");

/** Images in the worker's own bucket, by their media id. An object never changes under its key. */
export function createImageStore(bucket: R2Bucket) {
  return {
    /**
     * Streams an upload into the bucket: type and size decided on its head, a photo's position blanked there, bytes counted and hashed as they pass, never held
     * whole. What fails leaves no object: `events.unsupported_media`, `events.media_too_large`, `events.upload_incomplete`.
     */
    async store(
      key: string,
      body: ReadableStream<Uint8Array>,
      declaredBytes: number | null,
    ): Promise<Result<StoredImage>> {
      if (declaredBytes !== null && declaredBytes > limits.imageBytesMax) return tooLarge();
      const reader = body.getReader();
      try {
        return await receive(reader, declaredBytes, (contentType) =>
          declaredBytes === null
            ? partsSink(bucket, key, contentType)
            : knownLengthSink(bucket, key, contentType, declaredBytes),
        );
      } finally {
        await reader.cancel().catch(() => undefined); // the rest of a refused body is not read
      }
    },

    /** An object's bytes, all or a stretch; null where there is none. */
    async read(key: string, range: { readonly offset: number; readonly length: number } | null) {
      const object = await bucket.get(key, range === null ? {} : { range });
      return object === null ? null : object.body;
    },

    /** Copies an object as it is, streamed; false where there is none. */
    async copy(fromKey: string, toKey: string): Promise<boolean> {
      const object = await bucket.get(fromKey);
      if (object === null) return false;
      await bucket.put(
        toKey,
        object.body,
        object.httpMetadata === undefined ? {} : { httpMetadata: object.httpMetadata },
      );
      return true;
    },

    /** Removes objects; absent ones are no error. */
    async remove(keys: readonly string[]): Promise<void> {
      if (keys.length > 0) await bucket.delete([...keys]);
    },
  };
}

export type ImageStore = ReturnType<typeof createImageStore>;

async function receive(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  declaredBytes: number | null,
  open: (contentType: string) => Sink,
): Promise<Result<StoredImage>> {
  const head = await readHead(reader);
  if (head === null) return incomplete();
  const inspected = inspectImage(head.bytes);
  if (!inspected.ok) return fail("events.unsupported_media", inspected.reason);

  const sink = open(inspected.image.contentType);
  const digest = new crypto.DigestStream("SHA-256");
  const hash = digest.getWriter();
  let sizeBytes = 0;
  let tail: Uint8Array = new Uint8Array(0);
  let refusal: Result<StoredImage> | null = null;
  const pass = async (chunk: Uint8Array): Promise<boolean> => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limits.imageBytesMax) refusal = tooLarge();
    else if (declaredBytes !== null && sizeBytes > declaredBytes) refusal = incomplete();
    else {
      const end = [tail, chunk.subarray(-tailBytes)];
      tail = concat(end, tail.byteLength + Math.min(tailBytes, chunk.byteLength)).slice(-tailBytes);
      await Promise.all([sink.write(chunk), hash.write(chunk)]);
      return true;
    }
    return false;
  };
  try {
    let going = await pass(withoutPosition(head.bytes));
    while (going && !head.ended) {
      const next = await nextChunk(reader);
      if (next === null) {
        refusal = incomplete();
        break;
      }
      if (next.done) break;
      going = await pass(next.value);
    }
    if (refusal === null && declaredBytes !== null && sizeBytes !== declaredBytes) refusal = incomplete();
    if (refusal === null && declaredBytes === null) {
      if (!isWhole(inspected.image.contentType, head.bytes, tail, sizeBytes)) refusal = cutShort();
    }
    if (refusal === null) {
      await Promise.all([sink.finish(), hash.close()]);
      return ok({ ...inspected.image, sizeBytes, sha256: toHex(await digest.digest) });
    }
  } catch (thrown) {
    await Promise.all([sink.abort(), forget(digest, hash)]);
    throw thrown;
  }
  await Promise.all([sink.abort(), forget(digest, hash)]);
  return refusal;
}

async function forget(digest: DigestStream, hash: WritableStreamDefaultWriter): Promise<void> {
  digest.digest.catch(() => undefined);
  await hash.abort().catch(() => undefined);
}

/** The next chunk, or null where the caller's body broke off. */
async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch {
    return null;
  }
}

/** The beginning of a body, up to the length that headers are looked for in; null where it broke off. */
async function readHead(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly ended: boolean } | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < limits.imageHeaderBytesMax) {
    const next = await nextChunk(reader);
    if (next === null) return null;
    if (next.done) {
      ended = true;
      break;
    }
    chunks.push(next.value);
    length += next.value.byteLength;
  }
  return { bytes: concat(chunks, length), ended };
}

/** A put of a length known beforehand: bytes flow through, and a length that does not match fails the put. */
function knownLengthSink(bucket: R2Bucket, key: string, contentType: string, length: number): Sink {
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const put = bucket.put(key, readable, { httpMetadata: { contentType } });
  put.catch(() => undefined); // its failure is met in write, finish or abort
  return {
    write: (chunk) => writer.write(chunk),
    async finish() {
      await writer.close();
      await put;
    },
    async abort() {
      await writer.abort(new Error("upload refused")).catch(() => undefined);
      await put.catch(() => undefined);
      await bucket.delete(key).catch(() => undefined);
    },
  };
}

/** A body of unknown length: held a part at a time, and put at once where it ends within the first part. */
function partsSink(bucket: R2Bucket, key: string, contentType: string): Sink {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let upload: R2MultipartUpload | null = null;
  const parts: R2UploadedPart[] = [];

  async function sendPart(bytes: Uint8Array): Promise<void> {
    upload ??= await bucket.createMultipartUpload(key, { httpMetadata: { contentType } });
    parts.push(await upload.uploadPart(parts.length + 1, bytes));
  }

  return {
    async write(chunk) {
      held.push(chunk);
      heldBytes += chunk.byteLength;
      // Parts other than the last are all of one length, as R2 asks.
      while (heldBytes >= limits.uploadPartBytes) {
        const all = concat(held, heldBytes);
        await sendPart(all.subarray(0, limits.uploadPartBytes));
        held = [all.subarray(limits.uploadPartBytes)];
        heldBytes -= limits.uploadPartBytes;
      }
    },
    async finish() {
      const rest = concat(held, heldBytes);
      if (upload === null) {
        await bucket.put(key, rest, { httpMetadata: { contentType } });
        return;
      }
      if (rest.byteLength > 0) await sendPart(rest);
      await upload.complete(parts);
    },
    async abort() {
      await upload?.abort().catch(() => undefined);
    },
  };
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function toHex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
