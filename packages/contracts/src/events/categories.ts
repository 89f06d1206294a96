import { limits } from "@foyer/kernel/limits";
import { defaultLocale } from "@foyer/kernel/locales";
import * as z from "zod";
import type { ErrorCatalog } from "../shared/errors.ts";
import { idSchema, lineSchema, localeSchema, pageQuerySchema, pageSchema } from "../shared/schemas.ts";

/** Null or a value. A union, because the document's generator loses `nullable` on named and custom schemas. */
function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

const nameSchema = lineSchema(limits.nameCharsMax);
const slugSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(limits.tagCharsMax);

/** Names by BCP 47 tag, so many at most. */
function namesOf<T extends z.ZodType>(value: T) {
  return z
    .record(localeSchema, value)
    .refine((names) => Object.keys(names).length <= limits.namesPerCategoryMax, { error: "Too many languages" });
}

const positionSchema = z
  .int()
  .min(0)
  .max(limits.categoryPositionMax)
  .meta({ description: "Place among those with the same parent, smallest first; of equals the slug decides" });

const stepSchema = z.object({ id: idSchema("category"), slug: z.string(), name: z.string() });

const categoryFields = {
  id: idSchema("category"),
  slug: z.string(),
  name: z.string(),
  locale: z.string().meta({ description: "BCP 47 tag of the language that the name is in" }),
  parentId: orNull(idSchema("category")),
  path: z.array(stepSchema).meta({ description: "From the top of the tree down to this category, itself included" }),
  position: z.int(),
  version: z.int().meta({ description: "Grows with every change; also the ETag" }),
};

/** A category of events, with its name in the reader's language. */
export const categorySchema = z.object(categoryFields).meta({ id: "Category" });
export type CategoryView = z.infer<typeof categorySchema>;
export const categoryPageSchema = pageSchema(categorySchema).meta({ id: "CategoryPage" });

/** A category with its names in all languages. */
export const categoryWithNamesSchema = z
  .object({ ...categoryFields, names: z.record(z.string(), z.string()) })
  .meta({ id: "CategoryWithNames" });
export type CategoryWithNamesView = z.infer<typeof categoryWithNamesSchema>;

export const categoryPathSchema = z.object({ id: idSchema("category") });

/** What says which language a name is wanted in, before the reader's `Accept-Language`. */
export const localeQuerySchema = z.strictObject({
  locale: localeSchema.optional().meta({ description: "BCP 47 tag; decides before Accept-Language" }),
});
export const listCategoriesQuerySchema = pageQuerySchema.extend(localeQuerySchema.shape);

/** `POST /v1/categories`. */
export const createCategorySchema = z
  .strictObject({
    name: nameSchema.meta({
      description: `Its name in \`${defaultLocale}\`, and where there is none in a reader's language`,
    }),
    slug: slugSchema,
    parentId: orNull(idSchema("category")).default(null),
    names: namesOf(nameSchema).default({}),
    position: positionSchema.default(0),
  })
  .meta({ id: "CreateCategory" });
export type CreateCategory = z.infer<typeof createCategorySchema>;

/** `PATCH /v1/categories/{id}`: only what is named changes. `names` changes language by language; null removes one. */
export const updateCategorySchema = z
  .strictObject({
    name: nameSchema,
    slug: slugSchema,
    parentId: orNull(idSchema("category")),
    names: namesOf(orNull(nameSchema)),
    position: positionSchema,
  })
  .partial()
  .meta({ id: "UpdateCategory" });
export type UpdateCategory = z.infer<typeof updateCategorySchema>;

/** What the routes of categories answer with, beside the common codes. */
export const categoryErrors = {
  "events.category_not_found": { kind: "not_found", title: "No such category" },
  "events.category_taken": { kind: "conflict", title: "A category with this slug exists" },
  "events.category_in_use": { kind: "conflict", title: "The category has events, or categories below it" },
  "events.too_many_categories": { kind: "conflict", title: "There are as many categories as there can be" },
  "events.too_many_names": { kind: "conflict", title: "The category has names in as many languages as it can have" },
} as const satisfies ErrorCatalog;
