import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { openEvent } from "./access.ts";
import type { UploadState } from "./open-upload.ts";

/** An upload of an event that the caller may change: what has arrived of it, so that the rest can be sent. */
export async function findUpload(
  deps: Pick<Deps, "users" | "events" | "uploads">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly uploadId: Id<"upload"> },
): Promise<Result<UploadState>> {
  const opened = await openEvent(deps, call, input.eventId, "events.write");
  if (!opened.ok) return opened;
  const found = await deps.uploads.find(input.eventId, input.uploadId);
  return found === null ? fail("events.upload_not_found", "No such upload.") : ok(found);
}
