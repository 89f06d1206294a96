import { eventStatuses } from "@foyer/contracts/events/api";
import { publicEventSchema } from "@foyer/contracts/messages/catalog";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { slugify } from "@foyer/kernel/slugs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EventWithText,
  isAnnounced,
  isDeletable,
  isEditable,
  isListed,
  isPubliclyReadable,
  normalizeTags,
} from "../../src/domain/event.ts";
import { placeOf, slugCandidates, summarize, toPublicEvent } from "../../src/domain/facts.ts";
import { freeSlot } from "../../src/domain/media.ts";
import { newsOfChange } from "../../src/domain/news.ts";
import { missingForPublishing, timeFaults } from "../../src/domain/publishing.ts";
import { newEvent } from "./new-event.ts";

const published = newEvent();
const anyState = fc.record({
  status: fc.constantFrom(...eventStatuses),
  visibility: fc.constantFrom("public" as const, "unlisted" as const),
  publishedAtMs: fc.constantFrom(null, 1),
});

describe("what a state allows", () => {
  test("what is listed is readable, what is readable was published, what is deletable is not readable", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        if (isListed(state)) expect(isPubliclyReadable(state)).toBe(true);
        if (isPubliclyReadable(state) && state.status !== "published") expect(state.publishedAtMs).not.toBeNull();
        if (state.status === "scheduled") expect(isPubliclyReadable(state)).toBe(false);
        if (isAnnounced(state.status)) expect(isEditable(state.status)).toBe(true);
        if (isDeletable(state)) expect([isPubliclyReadable(state), isEditable(state.status)]).toEqual([false, true]);
      }),
    );
  });
});

describe("news", () => {
  test("search ends up knowing exactly the listed events, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(anyState, { minLength: 1, maxLength: 12 }), (states) => {
        let before: EventWithText = { ...published, status: "draft", version: 1 };
        let known = false;
        for (const state of states) {
          const after = { ...before, ...state, version: before.version + 1 };
          if (before.status !== "cancelled" || after.status !== "published") {
            for (const { type, only } of newsOfChange(before, after)) {
              if (only !== undefined && !only.includes("search")) continue;
              known = type === "event.published" || type === "event.updated";
            }
            before = after;
            expect(known).toBe(isListed(after));
          }
        }
      }),
    );
  });

  test("the public face fits its contract and keeps where to join to itself", () => {
    const face = toPublicEvent(published);
    expect(publicEventSchema.parse(face)).toEqual(face);
    expect(JSON.stringify(face)).not.toContain("meet.example");
    expect(face).toMatchObject({ online: true, place: "Online", latitude: null });
  });
});

describe("publishing", () => {
  const time = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: null });
  test("nothing is missing exactly where all is there and lies ahead", () => {
    fc.assert(
      fc.property(time, time, fc.boolean(), fc.boolean(), fc.constantFrom(null, 1), (start, end, place, sale, once) => {
        const event = {
          ...published,
          startsAtMs: start,
          endsAtMs: end,
          location: place ? published.location : null,
          publishedAtMs: once,
        };
        const missing = missingForPublishing(event, sale ? [] : ["bookings.no_ticket_types"], 5_000);
        const complete =
          start !== null && end !== null && end > 5_000 && (start > 5_000 || once !== null) && place && sale;
        expect(missing.length === 0).toBe(complete);
        expect(new Set(missing.map(({ code }) => code)).size).toBe(missing.length);
      }),
    );
  });

  test("times are at fault exactly where the end does not follow within the limit", () => {
    const maxMs = limits.eventDurationDaysMax * 86_400_000;
    expect(timeFaults(0, maxMs)).toEqual([]);
    expect(timeFaults(0, maxMs + 1)).toMatchObject([{ code: "events.too_long" }]);
    expect(timeFaults(0, 1)).toEqual([]);
    expect(timeFaults(0, 0)).toMatchObject([{ code: "events.end_before_start" }]);
    expect(timeFaults(null, 0)).toEqual([]);
  });
});

describe("texts", () => {
  test("a summary is one line within its limit, and begins as the description does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (description) => {
        const summary = summarize(description);
        expect(Array.from(summary).length).toBeLessThanOrEqual(limits.summaryCharsMax);
        expect(summary).not.toMatch(/[\n\t]/);
        expect(description.replace(/\s+/g, " ").trim().startsWith(summary.replace(/…$/, ""))).toBe(true);
      }),
    );
    expect(summarize("🎉".repeat(500))).toBe(`${"🎉".repeat(limits.summaryCharsMax - 1)}…`);
  });

  test("every title has slugs that are addresses and never ids", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (title) => {
        for (const slug of slugCandidates(slugify(title), newId("event", 1))) {
          expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
          expect(slug.length).toBeLessThanOrEqual(limits.eventSlugCharsMax);
        }
      }),
    );
  });

  test("tags are lower case and each once", () => {
    expect(normalizeTags(["Jazz", "open air", "JAZZ"])).toEqual(["jazz", "open air"]);
  });

  test("a place is one line", () => {
    const hall = { name: "Hall", address: "1 Road", city: "Oslo", country: "NO" };
    expect(placeOf({ kind: "hybrid", ...hall })).toBe("Hall, Oslo");
    expect(placeOf({ kind: "online" })).toBe("Online");
    expect(placeOf(null)).toBe("");
  });
});

test("a free slot is free, and there is one until all are taken", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { maxLength: 20 }), (taken) => {
      const slot = freeSlot(taken, 20, newId("media", 1));
      if (taken.length === 20) expect(slot).toBeNull();
      else expect(slot !== null && slot >= 0 && slot < 20 && !taken.includes(slot)).toBe(true);
    }),
  );
});
