import { createEventSchema } from "@foyer/contracts/events/api";
import { actorName, type CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId, type OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { type FieldFault, fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type Columns, readHeader } from "../../domain/imports/columns.ts";
import { readCsv } from "../../domain/imports/csv.ts";
import type { CountedImport, EventImport, ImportLine } from "../../domain/imports/import.ts";
import { columnOf, type ImportOptions, pathOf, readRow } from "../../domain/imports/rows.ts";
import { changeTimes, noTimes } from "../../domain/times.ts";
import { authorizeIn } from "../access.ts";
import { categoriesByName } from "./categories-by-name.ts";

/**
 * Reads a file of events and reports on every line; makes nothing. The report is kept, and what is good in it can be run. Fails with
 * `events.import_unreadable`, `events.import_too_long`, `events.import_without_title`, `events.too_many_imports`.
 */
export async function checkImport(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly text: string; readonly options: ImportOptions },
): Promise<Result<CountedImport>> {
  const { organizationId, text, options } = input;
  const absentCode = "events.organization_not_found";
  const allowed = await authorizeIn(deps, call, { organizationId, permission: "events.write", absentCode });
  if (!allowed.ok) return allowed;
  const table = readCsv(text);
  if (!table.ok) return table;
  const columns = readHeader(table.value.header);
  if (!columns.byField.has("title"))
    return fail("events.import_without_title", "Name one column title.", { extra: { columns: columns.ignored } });

  const nowMs = deps.clock.nowMs();
  const categories = await categoriesByName(deps);
  const read = table.value.rows.map(({ line, cells }) => ({ line, row: readRow(cells, columns, options) }));
  const externalIds = read.flatMap(({ row }) => row.externalId ?? []);
  const known = await deps.imports.imported(organizationId, externalIds);
  const seen = new Set<string>();
  const lines: ImportLine[] = [];
  for (const { line, row } of read) {
    const faults = [...row.faults];
    const body: Record<string, unknown> = { ...row.body, organizationId };
    if (row.category !== null) {
      const categoryId = categories.get(row.category.toLowerCase());
      if (categoryId === undefined)
        faults.push({
          path: pathOf(columns, "category"),
          code: "events.category_not_found",
          message: "No such category",
        });
      else body.categoryId = categoryId;
    }
    if (row.externalId !== null) {
      const path = pathOf(columns, "externalId");
      const eventId = known.get(row.externalId);
      if (eventId !== undefined)
        faults.push({ path, code: "import.already_imported", message: `Imported before, as ${eventId}` });
      else if (seen.has(row.externalId))
        faults.push({ path, code: "import.repeated", message: "An earlier line has the same id" });
      seen.add(row.externalId);
    }
    const checked = checkBody(body, columns);
    // A text that could not be read is not reported as missing besides.
    faults.push(...checked.faults.filter((fault) => !faults.some((earlier) => earlier.path === fault.path)));
    const title = String(row.body.title ?? "").slice(0, limits.titleCharsMax);
    const isGood = faults.length === 0 && checked.body !== null;
    lines.push({
      line,
      status: isGood ? "good" : "bad",
      title,
      body: isGood ? checked.body : null,
      externalId: row.externalId?.slice(0, limits.titleCharsMax) ?? null,
      errors: faults,
      eventId: isGood ? (newId("event", nowMs) satisfies EventId) : null,
    });
  }

  const kept: EventImport = {
    id: newId("eventImport", nowMs),
    organizationId,
    status: "checked",
    actor: actorName(call.actor),
    columns: {
      recognized: [...columns.byField].map(([field, { header }]) => ({ column: header, field })),
      ignored: columns.ignored,
    },
    createdAtMs: nowMs,
    finishedAtMs: null,
  };
  if ((await deps.imports.insert(kept, lines, limits.importsPerOrganizationMax)) === "full")
    return fail("events.too_many_imports", "Remove an earlier import first.");
  const good = lines.filter((line) => line.status === "good").length;
  return ok({ ...kept, lines: { good, bad: lines.length - good, made: 0, failed: 0 } });
}

/** What `POST /v1/events` would say of this body, by the file's columns. */
function checkBody(
  body: Readonly<Record<string, unknown>>,
  columns: Columns,
): { readonly body: unknown; readonly faults: readonly FieldFault[] } {
  const parsed = createEventSchema.safeParse(body);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({
      path: columnOf(columns, issue.path.map(String).join(".")),
      code: issue.code,
      message: issue.message,
    }));
    return { body: null, faults };
  }
  const times = changeTimes(noTimes, parsed.data);
  if (times.ok) return { body, faults: [] };
  return { body, faults: times.errors.map((fault) => ({ ...fault, path: columnOf(columns, fault.path) })) };
}
