import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, pageQuerySchema, pageSchema, timezoneSchema } from "../shared/schemas.ts";

export const importStatuses = ["checked", "running", "done"] as const;
export type ImportStatus = (typeof importStatuses)[number];
export const importLineStatuses = ["good", "bad", "made", "failed"] as const;
export type ImportLineStatus = (typeof importLineStatuses)[number];

const count = z.int().min(0);

/** A file of events, and what was found in it. Nothing is made of it before it is run. */
export const eventImportSchema = z
  .object({
    id: idSchema("eventImport"),
    organizationId: idSchema("organization"),
    status: z.enum(importStatuses).meta({ description: "`checked`: a report and no more; `running`; `done`" }),
    columns: z.object({
      recognized: z.array(z.object({ column: z.string(), field: z.string() })),
      ignored: z.array(z.string()),
    }),
    lines: z
      .object({ good: count, bad: count, made: count, failed: count })
      .meta({ description: "How many lines are in which state; bad ones are left out, good ones become drafts" }),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: "EventImport" });
export type EventImportView = z.infer<typeof eventImportSchema>;
export const eventImportPageSchema = pageSchema(eventImportSchema).meta({ id: "EventImportPage" });

/** One line of the file. */
export const eventImportLineSchema = z
  .object({
    line: z.int().meta({ description: "Number in the file; the header is 1" }),
    status: z.enum(importLineStatuses),
    title: z.string(),
    eventId: z.union([idSchema("event"), z.null()]),
    errors: z
      .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
      .meta({ description: "What is wrong, by column" }),
  })
  .meta({ id: "EventImportLine" });
export type EventImportLineView = z.infer<typeof eventImportLineSchema>;
export const eventImportLinePageSchema = pageSchema(eventImportLineSchema).meta({ id: "EventImportLinePage" });

/** How a file is to be read. */
export const createImportQuerySchema = z.strictObject({
  timezone: timezoneSchema.default("UTC").meta({ description: "Of lines that name none" }),
  dateOrder: z
    .enum(["mdy", "dmy"])
    .optional()
    .meta({ description: "What comes first in dates with slashes; without it ambiguous ones are bad lines" }),
});
export const importLinesQuerySchema = pageQuerySchema.extend({ status: z.enum(importLineStatuses).optional() });

export const importsPathSchema = z.object({ id: idSchema("organization") });
export const importPathSchema = z.object({ id: idSchema("organization"), importId: idSchema("eventImport") });

/** `text/csv`, as the platform takes it. */
export const csvSchema = z.custom<string>().meta({ type: "string", maxLength: limits.bodyBytesMax });
