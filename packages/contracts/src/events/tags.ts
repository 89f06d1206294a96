import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import type { ErrorCatalog } from "../shared/errors.ts";
import { pageQuerySchema, pageSchema } from "../shared/schemas.ts";

/** Characters that are not seen and would make two tags that look the same: marks of direction, soft hyphens, spaces of no width. */
const unseen = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/**
 * A tag as it is kept and compared: NFKC (UAX #15), lower case, words apart by single spaces, without the `#` that people write before it.
 * Normalizing twice changes nothing.
 */
export function normalizeTag(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(unseen, "")
    .normalize("NFKC") // both may leave letters beside marks that are one character composed
    .replace(/\s+/g, " ")
    .replace(/^[# ]+| +$/g, "");
}

/** A tag, normalized. */
export const tagSchema = z
  .string()
  .transform(normalizeTag)
  .pipe(
    z
      .string()
      .min(1)
      .max(limits.tagCharsMax)
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: "Control characters are not allowed" }),
  )
  .meta({ type: "string", minLength: 1, maxLength: limits.tagCharsMax, example: "open air" });

/** The tags of an event. */
export const eventTagsSchema = z.array(tagSchema).max(limits.tagsPerEventMax);

/** A tag, and how many listed events have it. */
export const tagViewSchema = z
  .object({
    name: z.string(),
    events: z.int().meta({ description: "Published, public events that have it" }),
    curated: z.boolean().meta({ description: "Kept by administrators, also while no event has it" }),
    version: z.int().meta({ description: "Grows with what administrators change; also the ETag" }),
  })
  .meta({ id: "Tag" });
export type TagView = z.infer<typeof tagViewSchema>;
export const tagPageSchema = pageSchema(tagViewSchema).meta({ id: "TagPage" });

/** `GET /v1/tags`. */
export const listTagsQuerySchema = pageQuerySchema.extend({
  q: tagSchema.optional().meta({ description: "What the tag begins with" }),
});

/** `POST /v1/tags`, and the new name of `PATCH /v1/tags/{tag}`. */
export const createTagSchema = z.strictObject({ name: tagSchema }).meta({ id: "CreateTag" });
export const updateTagSchema = z.strictObject({ name: tagSchema }).meta({ id: "UpdateTag" });

/** `{tag}` of a tag's path: its name, percent-encoded. */
export const tagPathSchema = z.object({ tag: tagSchema });

/** What the routes of tags answer with, beside the common codes. */
export const tagErrors = {
  "events.tag_not_found": { kind: "not_found", title: "No such tag" },
  "events.tag_taken": { kind: "conflict", title: "The tag is kept already" },
  "events.too_many_tags": { kind: "conflict", title: "As many tags are kept, renamed or taken out as there can be" },
} as const satisfies ErrorCatalog;
