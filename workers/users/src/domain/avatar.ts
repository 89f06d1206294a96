import { inspectImage } from "@foyer/images/image";
import { withoutMetadata } from "@foyer/images/metadata";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** A picture of a person, as it is stored and shown. */
export interface Avatar {
  readonly contentType: "image/jpeg" | "image/png" | "image/webp";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const rules = {
  contentTypes: ["image/jpeg", "image/png", "image/webp"],
  sidePixelsMax: limits.avatarSidePixelsMax,
} as const;

/**
 * Makes an avatar of an upload: what it is, its content decides, and nothing is kept of it but the picture. `users.avatar_invalid` for
 * whatever is no still picture of a kind that every browser shows, is too large, is something else at once, or does not come to its end.
 */
export function avatarFrom(upload: Uint8Array): Result<Avatar> {
  const inspected = inspectImage(upload, rules);
  if (!inspected.ok) return fail("users.avatar_invalid", inspected.reason);
  const { contentType } = inspected.image;
  const bytes = withoutMetadata(upload, contentType);
  if (bytes === null) return fail("users.avatar_invalid", "The image is damaged, cut short, or moves.");
  return ok({ contentType, bytes });
}
