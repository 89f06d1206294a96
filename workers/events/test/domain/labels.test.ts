import { normalizeTag, tagSchema } from "@foyer/contracts/events/tags";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Category, inTreeOrder, placeFault, placeIn, treeKeyOf } from "../../src/domain/category.ts";
import { settleTags } from "../../src/domain/tags.ts";

describe("a tag", () => {
  test.each([
    ["Jazz", "jazz"],
    ["  Open \t\n Air ", "open air"],
    ["#live", "live"],
    ["## # live music", "live music"],
    ["\uff03\uff2a\uff41\uff5a\uff5a", "jazz"],
    ["c#", "c#"],
    ["\ufb01lm", "film"],
    ["CAFE\u0301", "caf\u00e9"],
    ["ja\u200bzz\u202e", "jazz"],
    ["a\u200b\u0301", "\u00e1"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"],
  ])("written %j is %j", (written, kept) => {
    expect(normalizeTag(written)).toBe(kept);
  });

  test("normalized once more is the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const once = normalizeTag(text);
        expect(normalizeTag(once)).toBe(once);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("#", " ", "\u00a0", "\u200b", "\u0130", "\u1fd3", "a", "\u0301", "\u00df")),
        (parts) => {
          const once = normalizeTag(parts.join(""));
          expect(normalizeTag(once)).toBe(once);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["nothing", ""],
    ["a sign alone", " # "],
    ["a NUL", "a\u0000b"],
    ["half of a surrogate pair", "a\ud83d"],
    ["what is too long", "x".repeat(limits.tagCharsMax + 1)],
    ["what becomes too long", "\ufdfa".repeat(limits.tagCharsMax)],
    ["a number", 7],
  ])("cannot be %s", (_what, text) => {
    expect(tagSchema.safeParse(text).success).toBe(false);
  });

  test("may be as long as the limit once it is normalized", () => {
    expect(tagSchema.parse(`#${" ".repeat(100)}${"x".repeat(limits.tagCharsMax)}`)).toHaveLength(limits.tagCharsMax);
  });

  test("that was renamed is its new name, one taken out is none, and none comes twice", () => {
    const rules = new Map([
      ["gig", "concert"],
      ["spam", null],
    ]);
    expect(settleTags(["gig", "jazz", "spam", "concert", "jazz"], rules)).toEqual(["concert", "jazz"]);
    expect(settleTags([], rules)).toEqual([]);
  });
});

function category(slug: string, parent: Category | null = null, position = 0): Category {
  return { id: newId("category", 1), slug, name: slug, names: {}, parentId: parent?.id ?? null, position, version: 1 };
}

describe("the tree of categories", () => {
  const music = category("music");
  const jazz = category("jazz", music);
  const bebop = category("bebop", jazz);
  const hardBop = category("hard-bop", bebop);
  const sports = category("sports");
  const all = [hardBop, sports, bebop, jazz, music];

  test("is read from the top, each before what is below it, by position and then slug", () => {
    const rock = category("rock", music, 1);
    const blues = category("blues", music, 2);
    const first = category("zebras", null, 0);
    const ordered = inTreeOrder([...all, rock, blues, first], null);
    expect(ordered.map(({ slug }) => slug)).toEqual([
      "music",
      "jazz",
      "bebop",
      "hard-bop",
      "rock",
      "blues",
      "sports",
      "zebras",
    ]);
    expect(ordered[3]?.path.map(({ slug }) => slug)).toEqual(["music", "jazz", "bebop", "hard-bop"]);
  });

  test("goes on behind any place in it, also when what stood there is gone", () => {
    const ordered = inTreeOrder(all, null);
    for (const [index, placed] of ordered.entries()) {
      const rest = inTreeOrder(all, treeKeyOf(placed)).map(({ slug }) => slug);
      expect(rest).toEqual(ordered.slice(index + 1).map(({ slug }) => slug));
    }
    const withoutSports = all.filter(({ slug }) => slug !== "sports");
    const key = treeKeyOf(placeIn(all, bebop));
    expect(inTreeOrder(withoutSports, key).map(({ slug }) => slug)).toEqual(["hard-bop"]);
  });

  test("is as deep as the limit and no deeper, for what is added and for what is moved with all below it", () => {
    expect(limits.categoryDepthMax).toBe(4);
    expect(placeFault(all, null, bebop.id)).toBeNull();
    expect(placeFault(all, null, hardBop.id)).toMatchObject({ path: "parentId", code: "events.category_too_deep" });
    expect(placeFault(all, sports.id, bebop.id)).toBeNull();
    expect(placeFault(all, bebop.id, sports.id)).toBeNull();
    expect(placeFault(all, jazz.id, sports.id)).toBeNull();
    expect(placeFault(all, music.id, sports.id)).toMatchObject({ code: "events.category_too_deep" });
  });

  test("has no circles and no parents that do not exist", () => {
    for (const below of [music, jazz, bebop, hardBop])
      expect(placeFault(all, music.id, below.id)).toMatchObject({ path: "parentId", code: "events.category_cycle" });
    expect(placeFault(all, music.id, newId("category", 1))).toMatchObject({ code: "events.category_not_found" });
  });
});
