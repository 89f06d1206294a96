import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeHtml, isMailAddress, parseMailbox, toLine, toPersonName, toProse } from "../../src/domain/mail.ts";

const oddCharacters = [
  "\r",
  "\n",
  "\u0000",
  "\u0085",
  "\u2028",
  "\u202e",
  "\u2069",
  "\ud800",
  "\udc00",
  "\u200d",
  "😀",
  " ",
];
const anyText = fc.string({ unit: fc.oneof(fc.constantFrom(...oddCharacters), fc.string({ maxLength: 3 })) });

describe("a line", () => {
  test.each([
    ["CR LF", "a\r\nBcc: all@example.com", "a Bcc: all@example.com"],
    ["other line ends", "a\u2028b\u2029c\u0085d\ve\ff", "a b c d e f"],
    ["NUL and escapes", "a\u0000b\u001b[31mc", "a b [31mc"],
    ["an override of direction", "a\u202egnp.exe", "agnp.exe"],
    ["invisible characters", "a\u200bb\ufeffc\u2066d\u2069", "abcd"],
    ["a lone surrogate", "a\ud800b", "a\ufffdb"],
    ["many spaces", "  a \t  b  ", "a b"],
    ["emoji and right-to-left text, which stay", "🎻 ערב מיתרים", "🎻 ערב מיתרים"],
    ["a family of emoji, which stays whole", "👩‍👩‍👧", "👩‍👩‍👧"],
    ["a formula, which is no danger in a mail", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"],
  ])("of %s", (_, text, line) => {
    expect(toLine(text, 200)).toBe(line);
  });

  test("is cut between characters, with a sign that it was", () => {
    expect(toLine("🎻".repeat(10), 10)).toBe("🎻".repeat(10));
    expect(toLine("🎻".repeat(11), 10)).toBe(`${"🎻".repeat(9)}…`);
  });

  test("holds no control character or line end, whatever comes in", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, charsMax) => {
        const line = toLine(text, charsMax);
        expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect([...line].length).toBeLessThanOrEqual(charsMax);
        expect(toLine(line, charsMax)).toBe(line);
      }),
    );
  });
});

describe("a person's name", () => {
  test.each(["Buyer One", "Bùi Thị Ánh", "St. John", "O'Neill", "מישהו", "J. R.", "<script>alert(1)</script>"])(
    "%s is shown",
    (name) => {
      expect(toPersonName(name)).toBe(name);
    },
  );

  test.each([
    "",
    "   ",
    "Win at https://bad.example",
    "www.bad",
    "bad.example",
    "me@bad.example",
    "go to BAD.EXAMPLE now",
    "\u200b",
  ])("%s is not repeated to a stranger", (name) => {
    expect(toPersonName(name)).toBeNull();
  });
});

test("escaped text holds nothing that HTML reads as markup, and reads back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "a", ";", "&lt;") }), (text) => {
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"']/);
      const back = escaped
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&amp;", "&");
      expect(back).toBe(text);
    }),
  );
});

describe("addresses", () => {
  test.each(["buyer@example.com", "first.last+tag@mail.example.co", "ü@exämple.de"])("%s can be written to", (text) => {
    expect(isMailAddress(text)).toBe(true);
  });

  test.each([
    "",
    "buyer",
    "@example.com",
    "buyer@",
    "buyer@example",
    "a@b@example.com",
    "buyer@example.com\r\nBcc: x@example.com",
    "buyer@example.com\n",
    "buyer@example.com, other@example.com",
    "Buyer <buyer@example.com>",
    "buyer @example.com",
    `${"a".repeat(250)}@example.com`,
  ])("%j cannot", (text) => {
    expect(isMailAddress(text)).toBe(false);
  });

  test("a sender is a name and an address, or an address", () => {
    expect(parseMailbox("Foyer <tickets@foyer.example>")).toEqual({ name: "Foyer", email: "tickets@foyer.example" });
    expect(parseMailbox("tickets@foyer.example")).toEqual({ name: "", email: "tickets@foyer.example" });
    for (const text of [
      "",
      "Foyer",
      "Foyer <>",
      "A\r\nB <a@b.example>",
      "<a@b.example> x",
      "F <a@b.example, c@d.example>",
    ]) {
      expect(parseMailbox(text)).toBeNull();
    }
  });
});

describe("what an organizer says", () => {
  test.each([
    ["stays as it was written", "The hall has burnt down. We are sorry!", "The hall has burnt down. We are sorry!"],
    ["is one line", "Snow.\r\n\r\nNo trains.", "Snow. No trains."],
    ["leads nowhere by address", "Claim it at https://evil.example/x now", "Claim it at … now"],
    ["leads nowhere by name", "See www.evil and evil.example, soon", "See … and … soon"],
    ["names no mailbox", "Write to refunds@evil.example please", "Write to … please"],
    ["hides no link behind invisible characters", "See evil.\u200bexample", "See …"],
    ["may be nothing", " \n ", ""],
  ])("%s", (_, text, prose) => {
    expect(toProse(text, 200)).toBe(prose);
  });
});
