import type { MediaQuery } from "@foyer/contracts/events/media";
import { kindOf, type Media } from "./media.ts";

/** Formats that variants are made in. */
export type VariantFormat = "webp" | "avif" | "jpeg" | "png";

/** A picture in another size or format; never larger than the picture itself. */
export interface Variant {
  /** What it is to fit in, or with `cut` to fill, in pixels; null where that side may be what it becomes. */
  readonly widthMax: number | null;
  readonly heightMax: number | null;
  /** Cut to the sides' ratio around its middle; without, all of it is shown. */
  readonly cut: boolean;
  readonly format: VariantFormat;
}

/** Sides that variants are made for: what is asked for is taken up to the next, so that their number is bounded. */
const sides = [160, 320, 480, 640, 960, 1_280, 1_920] as const;
const largestSide = 1_920;

const formatOfType: Readonly<Partial<Record<Media["contentType"], VariantFormat>>> = {
  "image/jpeg": "jpeg",
  "image/png": "png",
  "image/webp": "webp",
  "image/avif": "avif",
};

/**
 * Which variant of a picture a query asks for; null where the picture itself is the answer: nothing was asked for, it is no picture, or it may be a
 * film (GIF). With `avif` false no AVIF can be made, and WebP takes its place.
 */
export function variantOf(
  media: Pick<Media, "contentType" | "width" | "height">,
  query: Pick<MediaQuery, "w" | "h" | "fit" | "format">,
  accept: string,
  avif: boolean,
): Variant | null {
  const { w, h, fit = "scale-down", format } = query;
  if (w === undefined && h === undefined && format === undefined) return null;
  const own = formatOfType[media.contentType];
  if (kindOf(media.contentType) !== "image" || own === undefined || media.width === null || media.height === null)
    return null;
  const wanted = format === undefined ? own : format === "auto" ? acceptedFormat(accept, own, avif) : format;
  const shown = wanted === "avif" && !avif ? "webp" : wanted;
  const cut = fit === "cover" && w !== undefined && h !== undefined;
  const whole = w === undefined && h === undefined ? largestSide : null;
  const widthMax = w === undefined ? whole : stepUp(w);
  const heightMax = h === undefined ? whole : stepUp(h);
  const variant = { widthMax, heightMax, cut, format: shown };
  const [width, height] = sidesOf(variant, media.width, media.height);
  return width === media.width && height === media.height && shown === own ? null : variant;
}

/** A variant's name below its object's key, and in its ETag. */
export function variantName({ widthMax, heightMax, cut, format }: Variant): string {
  return `${widthMax ?? "any"}x${heightMax ?? "any"}${cut ? "-cut" : ""}.${format}`;
}

function stepUp(side: number): number {
  return sides.find((step) => step >= side) ?? largestSide;
}

/** The sides of a variant of a picture with these sides. */
export function sidesOf(
  { widthMax, heightMax, cut }: Variant,
  width: number,
  height: number,
): readonly [width: number, height: number] {
  const round = (side: number): number => Math.max(1, Math.round(side));
  if (cut && widthMax !== null && heightMax !== null) {
    const scale = Math.min(1, width / widthMax, height / heightMax);
    return [round(widthMax * scale), round(heightMax * scale)];
  }
  const scale = Math.min(1, (widthMax ?? width) / width, (heightMax ?? height) / height);
  return [round(width * scale), round(height * scale)];
}

/** The smallest format that a caller says it takes (`Accept`, RFC 9110 section 12.5.1). Wildcards are said by callers that take less. */
function acceptedFormat(accept: string, own: VariantFormat, avif: boolean): VariantFormat {
  const takes = (type: string): boolean =>
    accept
      .toLowerCase()
      .split(",")
      .some((entry) => entry.split(";")[0]?.trim() === type && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(entry));
  if (avif && takes("image/avif")) return "avif";
  if (takes("image/webp")) return "webp";
  return own === "png" ? "png" : "jpeg";
}
