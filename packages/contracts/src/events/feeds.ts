import { idPattern, idPrefixes } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { eventFilterSchema } from "./lists.ts";

/** A saved search: whoever subscribes gets what a list with this query shows. */
export const savedSearchSchema = eventFilterSchema;

/** `{idOrSlug}` of an organization in a public address. */
export const organizationPathSchema = z.object({
  idOrSlug: z
    .string()
    .max(limits.slugCharsMax)
    .regex(new RegExp(`${idPattern("organization").source}|^[a-z0-9]+(?:-[a-z0-9]+)*$`)),
});

const idBody = idPattern("event").source.slice(`^${idPrefixes.event}_`.length, -1);

/** `{file}` of a sitemap: the range of ids that it holds. */
export const sitemapPathSchema = z.object({
  file: z.string().regex(new RegExp(`^events-${idBody}-${idBody}\\.xml$`)),
});

/** A document that is sent as it is. */
export const documentSchema = z.string();
