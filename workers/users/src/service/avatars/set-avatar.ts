import { secondMs } from "@foyer/kernel/clock";
import { type Id, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../../deps.ts";
import { type Avatar, avatarFrom } from "../../domain/avatar.ts";
import type { User } from "../../domain/user.ts";
import { note, type UsersCall } from "../call.ts";
import { readProfile } from "../profile/read-profile.ts";
import { removeObjects } from "./remove-objects.ts";

/** What was uploaded: its bytes as they come, and how many there are, where that was said. */
export interface Upload {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly declaredBytes: number | null;
}

/**
 * Gives the caller another picture. It is stored under a fresh id before it is shown, and the one before is removed after; whatever
 * fails on the way leaves nothing, at once or by the sweep. `request.too_large`, `users.avatar_invalid`.
 */
export async function setAvatar(deps: Deps, call: UsersCall, upload: Upload): Promise<Result<User>> {
  const current = await readProfile(deps, call);
  if (!current.ok) return current;
  const bytes = await readUpload(upload);
  if (!bytes.ok) return bytes;
  const avatar = avatarFrom(bytes.value);
  if (!avatar.ok) return avatar;

  const startedMs = deps.clock.nowMs();
  const id = newId("avatar", startedMs);
  await deps.avatars.beginUpload(id, startedMs + limits.avatarUploadSecondsMax * secondMs);
  const shown = await show(deps, call, current.value, id, avatar.value);
  await removeObjects(deps, shown.ok ? [current.value.avatarId] : [id]);
  return shown;
}

async function show(
  deps: Deps,
  call: UsersCall,
  before: User,
  id: Id<"avatar">,
  avatar: Avatar,
): Promise<Result<User>> {
  try {
    await deps.avatarStore.put(id, avatar);
  } catch (thrown) {
    deps.log.error("avatar not stored", { avatarId: id, ...describeError(thrown) });
    return fail("platform.unavailable", "The picture could not be stored right now.");
  }
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([
    deps.avatars.leave(before.id, nowMs),
    deps.users.setAvatar(before.id, id),
    deps.avatars.keep(id, before.id),
    deps.users.touch(before.id, null, nowMs),
    note(
      deps,
      call,
      {
        action: "user.avatar_changed",
        targetId: before.id,
        before: { avatarId: before.avatarId },
        after: { avatarId: id },
      },
      nowMs,
    ),
  ]);
  const after = await deps.users.findById(before.id);
  return after === null ? fail("auth.invalid_token", "This account exists no more.") : ok(after);
}

const notWhole = fail("users.avatar_invalid", "The image did not arrive whole.");

/** Reads an upload whole, never more of it than it may have. */
async function readUpload({ body, declaredBytes }: Upload): Promise<Result<Uint8Array>> {
  const bytesMax = limits.avatarBytesMax;
  const tooLarge = fail("request.too_large", `A picture has at most ${bytesMax} bytes.`, { extra: { bytesMax } });
  if (declaredBytes !== null && declaredBytes > bytesMax) return tooLarge;
  if (body === null) return fail("users.avatar_invalid", "Send the image as the body.");
  const bytes = new Uint8Array(declaredBytes ?? bytesMax);
  let length = 0;
  try {
    // Leaving the loop cancels the rest of the body, so that of a refused one no more is read.
    for await (const chunk of body) {
      if (length + chunk.byteLength > bytes.byteLength) return declaredBytes === null ? tooLarge : notWhole;
      bytes.set(chunk, length);
      length += chunk.byteLength;
    }
  } catch {
    return notWhole; // the caller's line broke off
  }
  return declaredBytes === null || length === declaredBytes ? ok(bytes.subarray(0, length)) : notWhole;
}
