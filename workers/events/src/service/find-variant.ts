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
    const unreadable = `${media.objectKey}/unreadable`;
    if ((await deps.mediaStore.findVariant(unreadable)) !== null) return "declined";
    const made = await deps.pictures.make(media, variant, () => deps.mediaStore.read(media.objectKey, null));
    if (made === "declined" || made === "busy") return made;
    if (made === "unreadable") {
      await keep(deps, media, unreadable, new Uint8Array(0), "application/octet-stream"); // nobody need try again
      return "declined";
    }
    await keep(deps, media, key, made.bytes, made.contentType);
    return { key, sizeBytes: made.bytes.byteLength, contentType: made.contentType };
  } catch (thrown) {
    deps.log.warn("variant not made", { mediaId: media.id, variant: key, ...describeError(thrown) });
    return "busy";
  }
}

/** Keeps something below an object's key, unless the object has gone: its last row may have meanwhile, and the sweep been there already. */
async function keep(
  deps: Pick<Deps, "media" | "mediaStore">,
  { objectKey }: Media,
  key: string,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  await deps.mediaStore.keepVariant(key, bytes, contentType);
  if (!(await deps.media.hasObject(objectKey))) await deps.mediaStore.removeOne(key);
}
