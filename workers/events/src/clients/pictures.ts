import { limits } from "@foyer/kernel/limits";
import type { Media } from "../domain/media.ts";
import { shrink } from "../domain/resample.ts";
import { sidesOf, type Variant } from "../domain/variants.ts";
import { canDecode, decodePicture, encodePicture, isMoving } from "./codecs.ts";

/** A variant's bytes. */
export interface MadePicture {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

type Source = Pick<Media, "contentType" | "width" | "height">;

/** How long a variant takes at the most; one that takes longer has died with its request. */
const makingMsMax = 20_000;
const waitStepMs = 25;
const quality = 80;

/**
 * Makes variants: with Cloudflare Images where it is bound, in the worker's own memory where not, one at a time. Answers `declined` for what
 * cannot be made at all, `unreadable` where no decoder reads the picture, `busy` for what cannot be made now.
 */
export function createPictures(images: ImagesBinding | undefined) {
  let makingSince: number | null = null;

  /** Waits for the one that is being made. By its own clock, since that one's request may have been cut off. */
  async function waitForTurn(): Promise<boolean> {
    const until = Date.now() + limits.variantPatienceMs;
    while (makingSince !== null && Date.now() - makingSince < makingMsMax) {
      if (Date.now() > until) return false;
      await scheduler.wait(waitStepMs);
    }
    return true;
  }

  return {
    /** Whether AVIF can be made: its encoder needs more memory than a worker has. */
    avif: images !== undefined,

    async make(
      source: Source,
      variant: Variant,
      read: () => Promise<ReadableStream | null>,
    ): Promise<MadePicture | "declined" | "unreadable" | "busy"> {
      if (images !== undefined) return makeBy(images, variant, read);
      const { width, height, contentType } = source;
      const isReadable = contentType === "image/jpeg" || contentType === "image/png" || contentType === "image/webp";
      if (!isReadable || width === null || height === null || width * height > limits.variantSourcePixelsMax)
        return "declined";
      if (variant.format === "avif") return "declined";
      if (!canDecode(contentType) || !(await waitForTurn())) return "busy";
      const since = Date.now();
      makingSince = since;
      try {
        const body = await read();
        if (body === null) return "busy";
        const file = new Uint8Array(await new Response(body).arrayBuffer());
        if (isMoving(contentType, file)) return "declined";
        const pixels = await decodePicture(contentType, file);
        if (pixels === null) return "unreadable";
        const sides = sidesOf(variant, pixels.width, pixels.height);
        return {
          bytes: await encodePicture(variant.format, shrink(pixels, ...sides), quality),
          contentType: `image/${variant.format}`,
        };
      } finally {
        if (makingSince === since) makingSince = null;
      }
    },
  };
}

export type Pictures = ReturnType<typeof createPictures>;

async function makeBy(
  images: ImagesBinding,
  { widthMax, heightMax, cut, format }: Variant,
  read: () => Promise<ReadableStream | null>,
): Promise<MadePicture | "busy"> {
  const body = await read();
  if (body === null) return "busy";
  const result = await images
    .input(body)
    .transform({
      ...(widthMax === null ? {} : { width: widthMax }),
      ...(heightMax === null ? {} : { height: heightMax }),
      fit: cut ? "crop" : "scale-down", // the fits that never make larger
    })
    .output({ format: `image/${format}`, ...(format === "png" ? {} : { quality }) });
  const bytes = new Uint8Array(await result.response().arrayBuffer());
  return { bytes, contentType: result.contentType() };
}
