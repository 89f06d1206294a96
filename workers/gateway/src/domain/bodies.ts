import { limits } from "@foyer/kernel/limits";

/** Where files come in, and what the largest of them may have; their bodies are passed on as they arrive. What each kind may have is its worker's to say. */
const uploads: readonly (readonly [path: RegExp, bytesMax: number])[] = [
  [/^\/v1\/events\/[^/]+\/media$/, limits.videoBytesMax],
  [/^\/v1\/events\/[^/]+\/media\/uploads\/[^/]+\/parts\/\d+$/, limits.uploadPartBytes],
  [/^\/v1\/users\/profile\/avatar$/, limits.imageBytesMax],
];

/** How many bytes a request to this path may have. */
export function bodyBytesMaxOf(path: string): number {
  return uploads.find(([upload]) => upload.test(path))?.[1] ?? limits.bodyBytesMax;
}

/** What a body that does not say its length turned out to be. */
export interface CountedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether the limit was passed; the stream has failed then. */
  readonly isTooLarge: () => boolean;
}

/** Passes a body on and counts it; fails the stream at the first byte beyond the limit. */
export function countBody(body: ReadableStream<Uint8Array>, bytesMax: number): CountedBody {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) controller.error(new RangeError("the body is too large"));
      else controller.enqueue(chunk);
    },
  });
  return { stream: body.pipeThrough(counter), isTooLarge: () => bytes > bytesMax };
}
