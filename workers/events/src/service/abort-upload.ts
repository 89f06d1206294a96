import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { findUpload } from "./find-upload.ts";
import { uploadMaxMs } from "./upload-media.ts";

/** Gives an upload up, with all that has arrived of it. Given up twice it is given up; a completed one stays. */
export async function abortUpload(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly uploadId: Id<"upload"> },
): Promise<Result<null>> {
  const found = await findUpload(deps, call, input);
  if (!found.ok) return found;
  const { upload } = found.value;
  const over = () => fail("events.upload_over", "The upload was completed; remove what it became instead.");
  if (upload.status === "completed") return over();
  await deps.uploads.abort(upload.id, deps.clock.nowMs() + uploadMaxMs);
  const now = await deps.uploads.find(input.eventId, upload.id);
  if (now?.upload.status === "completed") return over(); // at the same moment
  try {
    // A part that is on its way may still come; the sweep looks again when none can any more.
    await deps.mediaStore.remove([upload.id]);
  } catch (thrown) {
    deps.log.warn("parts left to the sweep", { uploadId: upload.id, ...describeError(thrown) });
  }
  return ok(null);
}
