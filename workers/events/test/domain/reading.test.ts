import { eventStatuses, visibilities } from "@foyer/contracts/events/api";
import { describe, expect, test } from "vitest";
import { isPubliclyReadable } from "../../src/domain/event.ts";
import { accessVersionAfter, decideReading, isGated } from "../../src/domain/reading.ts";

const stranger = { member: false, grantedVersion: null };
const everyGate = eventStatuses.flatMap((status) =>
  visibilities.flatMap((visibility) =>
    [null, 1].map((publishedAtMs) => ({ status, visibility, publishedAtMs, accessVersion: 3 })),
  ),
);

describe("who may read", () => {
  test("members read everything, whatever they show", () => {
    for (const gate of everyGate) {
      expect(decideReading(gate, { member: true, grantedVersion: null })).toBe("member");
      expect(decideReading(gate, { member: true, grantedVersion: 99 })).toBe("member");
    }
  });

  test("what is no public matter is absent for all others, and no grant changes that", () => {
    const hidden = everyGate.filter((gate) => !isPubliclyReadable(gate));
    expect(hidden.length).toBeGreaterThan(0);
    for (const gate of hidden)
      for (const grantedVersion of [null, 3])
        expect(decideReading(gate, { member: false, grantedVersion })).toBe("absent");
  });

  test("public and unlisted events are open; gated ones are for a grant of their present version alone", () => {
    for (const gate of everyGate.filter((known) => isPubliclyReadable(known))) {
      const refused = gate.visibility === "password" ? "password_required" : "absent";
      const readings = [null, 2, 4, 3].map((grantedVersion) => decideReading(gate, { member: false, grantedVersion }));
      expect(readings).toEqual(
        isGated(gate.visibility) ? [refused, refused, refused, "granted"] : ["open", "open", "open", "open"],
      );
    }
    expect(decideReading({ status: "draft", visibility: "public", publishedAtMs: 1, accessVersion: 1 }, stranger)).toBe(
      "absent",
    );
  });
});

describe("the access version grows", () => {
  const before = (visibility: (typeof visibilities)[number], passwordHash: string | null = null) => ({
    visibility,
    passwordHash,
    accessVersion: 7,
  });
  test("when an event becomes gated, or gated in another way, and not when it opens", () => {
    for (const from of visibilities)
      for (const to of visibilities) {
        const grown = accessVersionAfter(before(from, "h"), {
          visibility: to,
          passwordHash: to === "password" ? "h" : null,
        });
        expect([from, to, grown]).toEqual([from, to, isGated(to) && from !== to ? 8 : 7]);
      }
  });

  test("when the password is another, and not when it is given again", () => {
    expect(accessVersionAfter(before("password", "a"), { visibility: "password", passwordHash: "b" })).toBe(8);
    expect(accessVersionAfter(before("password", "a"), { visibility: "password", passwordHash: "a" })).toBe(7);
  });
});
