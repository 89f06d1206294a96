import { concat } from "@foyer/images/bytes";
import { limits } from "@foyer/kernel/limits";

/** Where the bytes of an upload go while they are counted. */
export interface Sink {
  /** Takes bytes in; when it returns, their memory may be used again. */
  write(chunk: Uint8Array): Promise<void>;
  /** All is there: makes the object visible. */
  finish(): Promise<R2Object>;
  /** Leaves what was under the key as it was. Never throws. */
  abort(): Promise<void>;
}

/** A put of a length known beforehand: bytes flow through, and a length that does not match fails the put. */
export function knownLengthSink(bucket: R2Bucket, key: string, contentType: string, length: number): Sink {
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const put = bucket.put(key, readable, { httpMetadata: { contentType } });
  put.catch(() => undefined); // its failure is met in write, finish or abort
  return {
    write: (chunk) => writer.write(chunk),
    async finish() {
      await writer.close();
      return await put;
    },
    async abort() {
      await writer.abort(new Error("upload refused")).catch(() => undefined);
      await put.catch(() => undefined);
    },
  };
}

/** A body of unknown length: held a part at a time, and put at once where it ends within the first part. */
export function partsSink(bucket: R2Bucket, key: string, contentType: string): Sink {
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
      held.push(chunk.slice());
      heldBytes += chunk.byteLength;
      // Parts other than the last are all of one length, as R2 asks.
      while (heldBytes >= limits.uploadPartBytes) {
        const all = concat(held);
        await sendPart(all.subarray(0, limits.uploadPartBytes));
        held = [all.subarray(limits.uploadPartBytes)];
        heldBytes -= limits.uploadPartBytes;
      }
    },
    async finish() {
      const rest = concat(held);
      if (upload === null) return bucket.put(key, rest, { httpMetadata: { contentType } });
      if (rest.byteLength > 0) await sendPart(rest);
      return upload.complete(parts);
    },
    async abort() {
      await upload?.abort().catch(() => undefined);
    },
  };
}
