import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { Media } from "../domain/media.ts";
import { type Variant, variantName } from "../domain/variants.ts";

/** A variant in the bucket. */
export interface KeptVariant {
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType: string;
}

/**
 * A picture's variant, made now if nobody asked for it before. `declined` where the picture itself is to be shown for good (too large to be decoded
 * here, a film), `busy` where only now.
 */
export async function findVariant(
  deps: Pick<Deps, "media" | "mediaStore" | "pictures" | "log">,
  media: Media,
  variant: Variant,
): Promise<KeptVariant | "declined" | "busy"> {
  const key = `${media.objectKey}/${variantName(variant)}`;
  try {
    const known = await deps.mediaStore.findVariant(key);
    if (known !== null) return { key, ...known };
    const made = await deps.pictures.make(media, variant, () => deps.mediaStore.read(media.objectKey, null));
    if (typeof made === "string") return made;
    await deps.mediaStore.keepVariant(key, made.bytes, made.contentType);
    // The last row over the object may have gone meanwhile, and the sweep been there already.
    if (!(await deps.media.hasObject(media.objectKey))) await deps.mediaStore.removeOne(key);
    return { key, sizeBytes: made.bytes.byteLength, contentType: made.contentType };
  } catch (thrown) {
    deps.log.warn("variant not made", { mediaId: media.id, variant: key, ...describeError(thrown) });
    return "busy";
  }
}
