import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, lineSchema, pageSchema } from "../shared/schemas.ts";

/** What an event can show: pictures, films and documents, by their content. */
export const mediaTypes = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/avif",
  "video/mp4",
  "application/pdf",
] as const;
export type MediaType = (typeof mediaTypes)[number];

export const mediaKinds = ["image", "video", "document"] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** A picture, film or document of an event. */
export const mediaSchema = z
  .object({
    id: idSchema("media"),
    eventId: idSchema("event"),
    kind: z.enum(mediaKinds),
    url: z.string().meta({ description: "Signed and expiring where not everybody may see it" }),
    contentType: z.enum(mediaTypes),
    sizeBytes: z.int(),
    width: z.union([z.int(), z.null()]).meta({ description: "Pixels; null of documents" }),
    height: z.union([z.int(), z.null()]),
    sha256: z.string().meta({ description: "Of what is stored, lower-case hex" }),
    alt: z.string().meta({ description: "What it shows, for those who do not see it; empty where nobody said" }),
    cover: z.boolean(),
    createdAt: z.string(),
  })
  .meta({ id: "Media" });
export type MediaView = z.infer<typeof mediaSchema>;
export const mediaPageSchema = pageSchema(mediaSchema).meta({ id: "MediaPage" });

export const mediaPathSchema = z.object({ mediaId: idSchema("media") });
export const eventMediaPathSchema = z.object({ id: idSchema("event"), mediaId: idSchema("media") });

/** `PATCH …/media/{mediaId}`: a new text, or to be the cover. */
export const updateMediaSchema = z
  .strictObject({
    alt: lineSchema(limits.mediaAltCharsMax, 0),
    cover: z.literal(true).meta({ description: "Makes it the cover; another takes its place by being made it" }),
  })
  .partial()
  .meta({ id: "UpdateMedia" });
export type UpdateMedia = z.infer<typeof updateMediaSchema>;

/** `PUT …/media/order`: every one of the event's, in the order wanted. */
export const orderMediaSchema = z
  .strictObject({ mediaIds: z.array(idSchema("media")).max(limits.mediaPerEventMax) })
  .meta({ id: "OrderMedia" });

const variantFits = ["scale-down", "contain", "cover"] as const;
const variantFormats = ["auto", "webp", "avif", "jpeg", "png"] as const;

const sideSchema = z.coerce.number().int().min(1).max(limits.imageSidePixelsMax);

/** `GET /v1/media/{mediaId}`: as it is stored, or smaller or in another format; and what opens it to those who may not all see it. */
export const mediaQuerySchema = z.strictObject({
  w: sideSchema.optional().meta({ description: "Width in pixels; taken up to the next of a few" }),
  h: sideSchema.optional().meta({ description: "Height in pixels; taken up to the next of a few" }),
  fit: z
    .enum(variantFits)
    .optional()
    .meta({ description: "Within both sides, or filling both; never larger than it is" }),
  format: z.enum(variantFormats).optional(),
  expires: z.coerce.number().int().min(0).max(99_999_999_999).optional(),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
});
export type MediaQuery = z.infer<typeof mediaQuerySchema>;

/** `POST …/media/uploads`: what will be sent in parts. */
export const openUploadSchema = z
  .strictObject({
    contentType: z.enum(mediaTypes),
    sizeBytes: z.int().min(1).max(limits.videoBytesMax),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({ description: "Of the file as it is sent, lower-case hex; checked when all has arrived" }),
    alt: lineSchema(limits.mediaAltCharsMax, 0).default(""),
  })
  .meta({ id: "OpenUpload" });
export type OpenUpload = z.infer<typeof openUploadSchema>;

export const uploadStatuses = ["open", "completed", "aborted"] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/** A part that has arrived. */
export const uploadPartSchema = z
  .object({ number: z.int(), sizeBytes: z.int(), sha256: z.string() })
  .meta({ id: "UploadPart" });
export type UploadPartView = z.infer<typeof uploadPartSchema>;

/** A file that comes in parts. */
export const uploadSchema = z
  .object({
    id: idSchema("upload"),
    eventId: idSchema("event"),
    status: z.enum(uploadStatuses),
    contentType: z.enum(mediaTypes),
    sizeBytes: z.int(),
    partBytes: z.int().meta({ description: "Length of every part but the last" }),
    partsCount: z.int(),
    parts: z.array(uploadPartSchema).meta({ description: "Those that have arrived, by number from 1" }),
    mediaId: z.union([idSchema("media"), z.null()]),
    expiresAt: z.string(),
  })
  .meta({ id: "Upload" });
export type UploadView = z.infer<typeof uploadSchema>;

export const uploadPathSchema = z.object({ id: idSchema("event"), uploadId: idSchema("upload") });
export const uploadPartPathSchema = uploadPathSchema.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .meta({ type: "integer", minimum: 1 }),
});
