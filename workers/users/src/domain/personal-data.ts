import { toRfc3339 } from "@foyer/kernel/clock";
import type { JsonValue } from "@foyer/kernel/result";

/**
 * What is kept about a person here and not given to them: it opens accounts, and a copy of it would open them to whoever finds the copy; or it
 * lives for minutes.
 */
export const withheld: Readonly<Record<string, string>> = {
  credentials: "The hash of the password: whoever has it can guess at the password.",
  totp: "The secret of the authenticator app: it makes codes. That there is one is said under secondFactors.",
  passkeys: "Public keys and counters are left out; names and times are given.",
  oauthFlows: "A sign-in at a provider that is under way, for ten minutes at most.",
  idempotencyKeys:
    "Answers that are kept for a day, so that a request that is sent again has its effect once; they carry no name.",
};

/** Members of a row that end in `AtMs` as moments under the name without the unit, as every answer writes them. */
export function withMoments(row: object): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, JsonValue]) => {
      if (!/(?:At|^at)Ms$/.test(name)) return [name, value];
      return [name.slice(0, -2), typeof value === "number" ? toRfc3339(value) : null];
    }),
  );
}

/** A line of the trail, as it is known where it comes from. */
export interface TrailLine {
  readonly action: string;
  readonly actorKind: string;
  readonly byThemselves: number;
  readonly aboutThemselves: number;
  readonly impersonation: number;
  readonly targetId: string | null;
  readonly organizationId: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly atMs: number;
}

/**
 * A line of the trail for the person who did it, or whom it is about. Who else was involved is not said by their id, and what became of others is
 * not said at all: that is theirs.
 */
export function trailFor(line: TrailLine): Readonly<Record<string, JsonValue>> {
  const isAboutThem = line.aboutThemselves === 1;
  const by = line.byThemselves === 1 ? (line.impersonation === 1 ? "support, in your place" : "you") : line.actorKind;
  return {
    at: toRfc3339(line.atMs),
    action: line.action,
    by: by === "user" ? "another person" : by,
    about: isAboutThem ? "you" : line.targetId,
    organizationId: line.organizationId,
    before: isAboutThem ? parse(line.before) : null,
    after: isAboutThem ? parse(line.after) : null,
  };
}

/** A state as the trail keeps it, JSON. */
function parse(state: string | null): JsonValue {
  return state === null ? null : (JSON.parse(state) as JsonValue);
}
