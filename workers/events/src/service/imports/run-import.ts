import { createEventSchema } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import type { FieldFault, Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../../deps.ts";
import type { CountedImport, EventImport, ImportLine } from "../../domain/imports/import.ts";
import { makeDraft } from "../create-event.ts";
import { type ImportInput, openImport } from "./read-import.ts";

/**
 * Lets an import make drafts of its good lines, in the background: as many as {@link limits.importLinesPerRunMax} at once, the rest by the
 * clock. Running it again changes nothing.
 */
export async function runImport(deps: Deps, call: CallContext, input: ImportInput): Promise<Result<CountedImport>> {
  const opened = await openImport(deps, call, input, "events.write");
  if (!opened.ok) return opened;
  await deps.imports.start(input.importId);
  return openImport(deps, call, input, "events.write");
}

/**
 * Takes every import that runs a step further, and says how many lines it saw to; run by the clock, and behind the request that started one.
 */
export async function driveImports(deps: Deps, call: CallContext): Promise<number> {
  let lines = 0;
  for (const running of await deps.imports.listRunning(limits.importsPerOrganizationMax)) {
    if (lines >= limits.importLinesPerRunMax) break;
    lines += await driveImport(deps, running, limits.importLinesPerRunMax - lines, call.requestId);
  }
  return lines;
}

/** Makes drafts of at most so many lines; how many it saw to. Where a peer is away it stops, and the clock goes on later. */
async function driveImport(deps: Deps, running: EventImport, linesMax: number, requestId: string): Promise<number> {
  const lines = await deps.imports.listLines(running.id, "good", { limit: linesMax, after: 0 });
  for (const [index, line] of lines.entries()) {
    if ((await makeLine(deps, running, line, requestId)) === "later") return index + 1;
  }
  await deps.imports.finish(running.id, deps.clock.nowMs());
  return lines.length;
}

/** Makes one line's draft. Its event's id was given beforehand, so a second time finds the first's. */
async function makeLine(
  deps: Deps,
  { id, organizationId, actor }: EventImport,
  line: ImportLine,
  requestId: string,
): Promise<"settled" | "later"> {
  const eventId = required(line.eventId, "a good line has its event's id");
  const call: CallContext = { actor: { kind: "system", name: `import for ${actor}` }, requestId };
  const { externalId } = line;
  if (externalId !== null && !(await deps.imports.claim(organizationId, externalId, eventId))) {
    await deps.imports.settle(id, line.line, { status: "failed", errors: [importedMeanwhile] });
    return "settled";
  }
  const body = createEventSchema.parse(line.body); // it passed when the file was checked
  let made: Awaited<ReturnType<typeof makeDraft>>;
  try {
    made = await makeDraft(deps, call, body, eventId);
  } catch (thrown) {
    deps.log.error("line of an import not made", { importId: id, line: line.line, ...describeError(thrown) });
    return "later";
  }
  if (made.ok) {
    await deps.imports.settle(id, line.line, { status: "made" });
    return "settled";
  }
  const { error } = made;
  if (error.code === "platform.unavailable") return "later";
  if (externalId !== null) await deps.imports.unclaim(organizationId, externalId, eventId);
  const whole: FieldFault = { path: "", code: error.code, message: error.detail };
  await deps.imports.settle(id, line.line, { status: "failed", errors: error.errors ?? [whole] });
  return "settled";
}

const importedMeanwhile: FieldFault = {
  path: "externalId",
  code: "import.already_imported",
  message: "Another import has made this event meanwhile",
};
