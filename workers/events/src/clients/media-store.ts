import { concat } from "@foyer/images/bytes";
import { bytesMaxOf, type MediaType, openScrubber, recognizeMedia } from "@foyer/images/media";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { type ByteSource, fromBody, fromObjects } from "./byte-source.ts";
import { knownLengthSink, partsSink, type Sink } from "./sinks.ts";

/** A file that has arrived whole in the bucket. */
export interface StoredMedia {
  readonly contentType: MediaType;
  readonly sizeBytes: number;
  /** Pixels; null of documents. */
  readonly width: number | null;
  readonly height: number | null;
  /** Of what is stored, lower-case hex. */
  readonly sha256: string;
}

/** What is known of a body before it comes. */
export interface Announced {
  readonly sizeBytes: number | null;
  readonly contentType?: MediaType;
  /** Of the file as it is sent, lower-case hex. */
  readonly sha256?: string | null;
}

/** A part of an upload in the bucket. */
export interface StoredPart {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly etag: string;
}

const tooLarge = (bytesMax: number) =>
  fail("events.media_too_large", `Such a file has at most ${bytesMax} bytes.`, { extra: { bytesMax } });
const incomplete = () => fail("events.upload_incomplete", "The body is not as long as it was said to be.");
const otherBytes = () => fail("events.upload_checksum_mismatch", "The bytes that came are not those of the checksum.");

/** Media in the worker's own bucket. What is under a key never changes, but for parts of uploads, which may be sent again. */
export function createMediaStore(bucket: R2Bucket) {
  return {
    /**
     * Streams a file into the bucket: its type decided on its head, what describes people and places blanked, its structure walked and its bytes counted
     * and hashed as they pass, never held whole. What fails leaves no object: `events.unsupported_media`, `events.media_too_large`,
     * `events.upload_incomplete`, `events.upload_checksum_mismatch`.
     */
    async store(key: string, source: ByteSource, announced: Announced): Promise<Result<StoredMedia>> {
      try {
        return await receive(source, announced, (contentType) =>
          announced.sizeBytes === null
            ? partsSink(bucket, key, contentType)
            : knownLengthSink(bucket, key, contentType, announced.sizeBytes),
        );
      } finally {
        await source.cancel(); // the rest of a refused body is not read
      }
    },

    /** Streams one part of an upload into the bucket. One that fails leaves what was sent as this part before. */
    async storePart(
      key: string,
      source: ByteSource,
      sizeBytes: number,
      sha256: string | null,
    ): Promise<Result<StoredPart>> {
      const sink = knownLengthSink(bucket, key, "application/octet-stream", sizeBytes);
      const digest = openDigest();
      let refusal: Result<never> | null = null;
      try {
        let arrived = 0;
        // The last bytes wait until all is known to be right: a put that has all its bytes may take effect before it is closed.
        let last: Uint8Array = new Uint8Array(0);
        for (;;) {
          const chunk = await source.next();
          if (chunk === "end" && arrived === sizeBytes) break;
          arrived += typeof chunk === "string" ? 0 : chunk.byteLength;
          if (typeof chunk === "string" || arrived > sizeBytes) {
            refusal = incomplete();
            break;
          }
          if (chunk.byteLength === 0) continue;
          if (arrived === sizeBytes) last = chunk.slice();
          await Promise.all([arrived < sizeBytes ? sink.write(chunk) : null, digest.write(chunk)]);
        }
        if (refusal === null) {
          const found = await digest.finish();
          if (sha256 === null || sha256 === found) {
            await sink.write(last);
            const object = await sink.finish();
            return ok({ sizeBytes, sha256: found, etag: object.etag });
          }
          refusal = otherBytes();
        }
      } catch (thrown) {
        await Promise.all([sink.abort(), digest.forget()]);
        throw thrown;
      } finally {
        await source.cancel();
      }
      await Promise.all([sink.abort(), digest.forget()]);
      return refusal;
    },

    /** A body on its way in. */
    receive: (body: ReadableStream<Uint8Array>): ByteSource => fromBody(body),

    /** Objects after one another, as they were when each had its tag; throws where one is no longer that. */
    join: (parts: readonly { readonly key: string; readonly etag: string }[]): ByteSource => fromObjects(bucket, parts),

    /** Whether an object is there and still what its tag says. */
    async isAsTagged(key: string, etag: string): Promise<boolean> {
      return (await bucket.head(key))?.etag === etag;
    },

    /** An object's bytes, all or a stretch; null where there is none. */
    async read(key: string, range: { readonly offset: number; readonly length: number } | null) {
      const object = await bucket.get(key, range === null ? {} : { range });
      return object === null ? null : object.body;
    },

    /** What a variant under this key has been made as; null where it has not been made. */
    async findVariant(key: string): Promise<{ readonly sizeBytes: number; readonly contentType: string } | null> {
      const object = await bucket.head(key);
      return object === null
        ? null
        : { sizeBytes: object.size, contentType: object.httpMetadata?.contentType ?? "application/octet-stream" };
    },

    /** Keeps a variant. Made twice at once it is the same. */
    async keepVariant(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
      await bucket.put(key, bytes, { httpMetadata: { contentType } });
    },

    /** Removes one object; an absent one is no error. */
    async removeOne(key: string): Promise<void> {
      await bucket.delete(key);
    },

    /** Removes objects with all that is below their keys: variants, and parts. Absent ones are no error. */
    async remove(keys: readonly string[]): Promise<void> {
      if (keys.length > 0) await bucket.delete([...keys]);
      for (const key of keys) {
        for (let more = true; more; ) {
          const page = await bucket.list({ prefix: `${key}/`, limit: limits.mediaPiecesPerWalkMax });
          if (page.objects.length > 0) await bucket.delete(page.objects.map((object) => object.key));
          more = page.truncated;
        }
      }
    },
  };
}

export type MediaStore = ReturnType<typeof createMediaStore>;

async function receive(
  source: ByteSource,
  announced: Announced,
  open: (contentType: string) => Sink,
): Promise<Result<StoredMedia>> {
  const head = await readHead(source);
  if (head === null) return incomplete();
  const recognized = recognizeMedia(head.bytes);
  if (!recognized.ok) return fail("events.unsupported_media", recognized.reason);
  const { contentType } = recognized;
  if (announced.contentType !== undefined && announced.contentType !== contentType)
    return fail("events.unsupported_media", `The file is ${contentType}, not ${announced.contentType}.`);
  const bytesMax = bytesMaxOf(contentType);
  if (announced.sizeBytes !== null && announced.sizeBytes > bytesMax) return tooLarge(bytesMax);

  const scrubber = openScrubber(contentType);
  const sink = open(contentType);
  const [sent, stored] = [openDigest(), openDigest()];
  let sizeBytes = 0;
  let refusal: Result<never> | null = null;
  const put = async (pieces: readonly Uint8Array[]): Promise<void> => {
    for (const piece of pieces) if (piece.byteLength > 0) await Promise.all([sink.write(piece), stored.write(piece)]);
  };
  const pass = async (chunk: Uint8Array): Promise<boolean> => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) refusal = tooLarge(bytesMax);
    else if (announced.sizeBytes !== null && sizeBytes > announced.sizeBytes) refusal = incomplete();
    else {
      await sent.write(chunk);
      const pieces = scrubber.push(chunk);
      if (pieces !== null) {
        await put(pieces);
        return true;
      }
      refusal = refusalOf(scrubber.end().outcome);
    }
    return false;
  };
  try {
    let going = head.bytes.byteLength > 0 && (await pass(head.bytes));
    while (going && !head.ended) {
      const chunk = await source.next();
      if (chunk === "end") break;
      if (chunk === "broken") {
        refusal = incomplete();
        break;
      }
      going = await pass(chunk);
    }
    if (refusal === null && announced.sizeBytes !== null && sizeBytes !== announced.sizeBytes) refusal = incomplete();
    if (refusal === null) {
      const { rest, outcome } = scrubber.end();
      refusal = refusalOf(outcome);
      const sentSha256 = await sent.finish();
      if (refusal === null && announced.sha256 != null && announced.sha256 !== sentSha256) refusal = otherBytes();
      if (refusal === null && outcome.ok) {
        await put(rest);
        await sink.finish();
        const { width, height } = outcome;
        return ok({ contentType, sizeBytes, width, height, sha256: await stored.finish() });
      }
    }
  } catch (thrown) {
    await Promise.all([sink.abort(), sent.forget(), stored.forget()]);
    throw thrown;
  }
  await Promise.all([sink.abort(), sent.forget(), stored.forget()]);
  return refusal ?? incomplete();
}

function refusalOf(outcome: ReturnType<ReturnType<typeof openScrubber>["end"]>["outcome"]): Result<never> | null {
  if (outcome.ok) return null;
  return fail(outcome.fault === "truncated" ? "events.upload_incomplete" : "events.unsupported_media", outcome.reason);
}

/** SHA-256 of bytes as they pass. */
function openDigest() {
  const digest = new crypto.DigestStream("SHA-256");
  const writer = digest.getWriter();
  return {
    write: (bytes: Uint8Array) => writer.write(bytes),
    /** Lower-case hex. */
    async finish(): Promise<string> {
      await writer.close();
      return Array.from(new Uint8Array(await digest.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
    async forget(): Promise<void> {
      digest.digest.catch(() => undefined);
      await writer.abort().catch(() => undefined);
    },
  };
}

/** The beginning of a body, up to the length that headers are looked for in; null where it broke off. */
async function readHead(source: ByteSource): Promise<{ readonly bytes: Uint8Array; readonly ended: boolean } | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < limits.imageHeaderBytesMax) {
    const chunk = await source.next();
    if (chunk === "broken") return null;
    if (chunk === "end") return { bytes: concat(chunks), ended: true };
    chunks.push(chunk.slice());
    length += chunk.byteLength;
  }
  return { bytes: concat(chunks), ended: false };
}
