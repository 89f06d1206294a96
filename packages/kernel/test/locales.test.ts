import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../src/limits.ts";
import { negotiateLocale } from "../src/locales.ts";

describe("which language a reader gets", () => {
  test.each([
    ["nothing is wanted", undefined, ["de"], "en"],
    ["nothing is wanted, in so many words", "", ["de"], "en"],
    ["nothing fits", "fr, it;q=0.5", ["de"], "en"],
    ["what is wanted is there", "de", ["de", "fr"], "de"],
    ["case does not count, and the answer is spelled as it is kept", "PT-br", ["pt-BR"], "pt-BR"],
    ["a region that is not there leads to its language", "de-CH", ["de"], "de"],
    ["a language does not lead to one of its regions", "de", ["de-CH"], "en"],
    ["the nearest of several is taken", "zh-Hant-TW", ["zh", "zh-Hant"], "zh-Hant"],
    [
      "a single letter goes with what follows it",
      "zh-Hant-CN-x-private1",
      ["zh-Hant-CN-x", "zh-Hant-CN"],
      "zh-Hant-CN",
    ],
    ["quality decides", "fr;q=0.3, de;q=0.9", ["de", "fr"], "de"],
    ["of equals the first is taken", "fr;q=0.5, de;q=0.5", ["de", "fr"], "fr"],
    ["a worse range is only asked when a better one leads nowhere", "it-CH, de", ["de", "it"], "it"],
    ["the fallback is available, too", "de;q=0.4, en-GB", ["de"], "en"],
    ["what is refused is not given", "de;q=0, fr;q=0.1", ["de", "fr"], "fr"],
    ["an asterisk decides nothing", "*, de;q=0.5", ["de"], "de"],
    ["an asterisk alone is the fallback", "*", ["de"], "en"],
    ["spaces and tabs do not count", "\tde ; q = 0.5 ,fr;q=0.9", ["de", "fr"], "fr"],
    ["what is malformed is not heeded", "de;q=2, fr;q=x, ;;, it_IT, es", ["de", "fr", "it", "es"], "es"],
  ])("%s", (_what, header, available, expected) => {
    expect(negotiateLocale(header, available, "en")).toBe(expected);
  });

  test("no more ranges are read than the limit", () => {
    const others = Array.from({ length: limits.languageRangesMax - 1 }, () => "fr").join(",");
    expect(negotiateLocale(`${others},de`, ["de"], "en")).toBe("de");
    expect(negotiateLocale(`${others},fr,de`, ["de"], "en")).toBe("en");
  });

  test("no more characters are read than the limit", () => {
    const upTo = (charsMax: number): string => `${"x".repeat(charsMax - 3)},de`;
    expect(negotiateLocale(upTo(limits.acceptLanguageCharsMax), ["de"], "en")).toBe("de");
    expect(negotiateLocale(upTo(limits.acceptLanguageCharsMax + 1), ["de"], "en")).toBe("en");
    expect(negotiateLocale(upTo(limits.acceptLanguageCharsMax + 2), ["de"], "en")).toBe("en");
  });

  test("whatever is sent, the answer is one of those that there are", () => {
    const tag = fc.constantFrom("de", "de-CH", "pt-BR", "zh-Hant-TW", "x-y", "*", "sr-Latn");
    const header = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .array(fc.tuple(tag, fc.double({ min: 0, max: 1 })), { maxLength: 30 })
        .map((ranges) => ranges.map(([range, quality]) => `${range};q=${quality.toFixed(3)}`).join(", ")),
    );
    fc.assert(
      fc.property(header, fc.array(tag), (text, available) => {
        expect([...available, "en"]).toContain(negotiateLocale(text, available, "en"));
      }),
    );
  });
});
