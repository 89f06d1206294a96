import type { DuplicateEvent } from "@foyer/contracts/events/lifecycle";
import type { EventId } from "@foyer/kernel/ids";
import type { FieldFault } from "@foyer/kernel/result";
import { type EventWithText, newLife } from "./event.ts";
import { timeFaults } from "./publishing.ts";
import { changeTimes, type EventTimes, sameLengthEndMs } from "./times.ts";

/** Times of a copy: what is not given is the original's, and with a start alone it lasts as long as that. */
export function timesOfCopy(
  original: EventTimes,
  { startsAt, endsAt }: Pick<DuplicateEvent, "startsAt" | "endsAt">,
): ReturnType<typeof changeTimes> {
  if (startsAt === undefined || endsAt !== undefined) return changeTimes(original, { startsAt, endsAt });
  const started = changeTimes({ ...original, endsAtMs: null }, { startsAt });
  if (!started.ok || started.value.startsAtMs === null) return started;
  const value = { ...started.value, endsAtMs: sameLengthEndMs(original, started.value.startsAtMs) };
  const errors: readonly FieldFault[] = timeFaults(value.startsAtMs, value.endsAtMs);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value };
}

/**
 * A draft with all that an event says of itself. What happened to the original is not the copy's: it was never public, belongs to no series, and has no
 * password, so one behind a password needs a new one.
 */
export function copyOf(
  original: EventWithText,
  own: {
    readonly id: EventId;
    readonly slug: string;
    readonly title: string;
    readonly times: EventTimes;
    readonly nowMs: number;
  },
): EventWithText {
  const { times, nowMs, ...named } = own;
  return {
    ...original,
    ...newLife(nowMs),
    ...named,
    ...times,
    passwordHash: null,
    cover: null,
  };
}
