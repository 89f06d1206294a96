import type { ImportLineStatus } from "@foyer/contracts/events/imports";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../../deps.ts";
import type { CountedImport, ImportLine } from "../../domain/imports/import.ts";
import { authorizeIn } from "../access.ts";

/** One import of one organization. */
export interface ImportInput {
  readonly organizationId: OrganizationId;
  readonly importId: Id<"eventImport">;
}

interface PageInput {
  readonly limit: number;
  readonly cursor: string | undefined;
}

const importCursor = z.tuple([z.string().max(64)]);
const lineCursor = z.tuple([z.int()]);
const absentCode = "events.organization_not_found";

/** An import that the caller may do this with; `events.import_not_found` where their organization has none such. */
export async function openImport(
  deps: Pick<Deps, "users" | "imports">,
  call: CallContext,
  { organizationId, importId }: ImportInput,
  permission: Permission,
): Promise<Result<CountedImport>> {
  const allowed = await authorizeIn(deps, call, { organizationId, permission, absentCode });
  if (!allowed.ok) return allowed;
  const found = await deps.imports.find(organizationId, importId);
  return found === null ? fail("events.import_not_found", "No such import.") : ok(found);
}

/** An organization's imports, newest first. */
export async function listImports(
  deps: Pick<Deps, "users" | "imports">,
  call: CallContext,
  input: PageInput & { readonly organizationId: OrganizationId },
): Promise<Result<{ readonly data: readonly CountedImport[]; readonly nextCursor: string | null }>> {
  const { organizationId, limit } = input;
  const allowed = await authorizeIn(deps, call, { organizationId, permission: "events.read", absentCode });
  if (!allowed.ok) return allowed;
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, importCursor);
  if (!cursor.ok) return cursor;
  const rows = await deps.imports.list(organizationId, { limit: limit + 1, before: cursor.value?.[0] ?? null });
  return ok(toPage(rows, limit, (row) => [row.id]));
}

/** The report of an import: its lines in the file's order. */
export async function listImportLines(
  deps: Pick<Deps, "users" | "imports">,
  call: CallContext,
  input: PageInput & ImportInput & { readonly status: ImportLineStatus | undefined },
): Promise<Result<{ readonly data: readonly ImportLine[]; readonly nextCursor: string | null }>> {
  const opened = await openImport(deps, call, input, "events.read");
  if (!opened.ok) return opened;
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, lineCursor);
  if (!cursor.ok) return cursor;
  const page = { limit: input.limit + 1, after: cursor.value?.[0] ?? 0 };
  const rows = await deps.imports.listLines(input.importId, input.status, page);
  return ok(toPage(rows, input.limit, (row) => [row.line]));
}

/** Removes an import's report. The events that came of it stay; one that runs is `events.import_running`. */
export async function removeImport(
  deps: Pick<Deps, "users" | "imports">,
  call: CallContext,
  input: ImportInput,
): Promise<Result<null>> {
  const opened = await openImport(deps, call, input, "events.write");
  if (!opened.ok) return opened;
  const removed = await deps.imports.remove(input.importId);
  return removed === "running" ? fail("events.import_running", "Wait until the import is done.") : ok(null);
}
