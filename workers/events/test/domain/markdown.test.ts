import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { summaryOf, toPlainText, toSafeHtml } from "../../src/domain/markdown.ts";

/** Every tag that may come out, with nothing but these attributes. */
const allowedTags =
  /^<(?:\/?(?:p|h[2-6]|ul|li|blockquote|pre|code|em|strong)|br ?\/?|hr ?\/?|\/?ol|ol start="\d+"|\/?a|a href="(?:https?:\/\/|mailto:|tel:)[^"<>]*"(?: title="[^"<>]*")? rel="nofollow ugc noopener")>$/i;

function tagsIn(html: string): string[] {
  return html.match(/<[^>]*>?/g) ?? [];
}

function expectSafe(html: string): void {
  for (const tag of tagsIn(html)) expect(tag).toMatch(allowedTags);
}

describe("Markdown becomes HTML", () => {
  test("with headings below the page's own, lists, emphasis, code and links that vouch for nobody", () => {
    const html = toSafeHtml(
      '# Programme\n\nDoors at *seven*, **music** at eight. See [the house](https://hall.example/a?b=1&c=2 "Hall").\n\n- one\n- two\n\n`code`\n\n###### deep',
    );
    expect(html).toContain("<h2>Programme</h2>");
    expect(html).toContain("<h6>deep</h6>");
    expect(html).toContain("<em>seven</em>");
    expect(html).toContain("<li>one</li>");
    expect(html).toContain(
      '<a href="https://hall.example/a?b=1&amp;c=2" title="Hall" rel="nofollow ugc noopener">the house</a>',
    );
    expectSafe(html);
  });

  test("mail and telephone links work, and pictures are their words", () => {
    expect(toSafeHtml("[write](mailto:a@b.example) [call](tel:+4930123)")).toMatch(/href="mailto:.*href="tel:/);
    expect(toSafeHtml("![a *poster*](https://tracker.example/p.png)")).toBe("<p>a poster</p>\n");
    expect(toSafeHtml("a <https://b.example> c")).toContain('href="https://b.example"');
  });
});

describe("nothing of the writer's own becomes markup", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <svg/onload=alert(1)> text",
    "<a href='javascript:alert(1)'>x</a>",
    "<!-- comment --><style>*{}</style>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](javascript&Tab;:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](\\u006aavascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//elsewhere.example)",
    "[x](/v1/auth/logout)",
    "[x](#fragment)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]()",
    '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "[x](https://a.example/<script>)",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://a.example)',
    "```<script>\n</code></pre><script>alert(1)</script>\n```",
    '```" onmouseover="alert(1)\nx\n```',
    "    <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "> - > <iframe src=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "\u0000<script\u0000>",
  ];
  test.each(attacks)("%j", (attack) => {
    const html = toSafeHtml(attack);
    expectSafe(html);
    expect(html).not.toMatch(/href="(?!https?:\/\/|mailto:|tel:)/i);
  });

  test("whatever is put together", () => {
    const piece = fc.constantFrom(
      ..."[]()<>!\"'&#;:*_`~\\/\n\t -+=.".split(""),
      "javascript:",
      "&#106;",
      "&colon;",
      "https://",
      "<script>",
      "onerror=",
      "a",
      "![",
      "](",
      "```",
      "\n\n",
      "    ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expectSafe(toSafeHtml(pieces.join("")));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the time it takes is bounded", () => {
  const hard = [
    "[",
    "![",
    "*",
    "_",
    "*a_ ",
    "**a *b ",
    "*_",
    "a*",
    "a **a ",
    ">",
    "> - ",
    "- ",
    "1. ",
    "`",
    "`a``",
    "[a](",
    "[a](b",
    "[a](<b",
  ];
  const more = [
    "<",
    "<http:a ",
    "&#",
    "&amp;",
    "\\",
    "[a]: b\n",
    "a\n=\n",
    "\n>",
    "> > > a\n",
    "    a\n",
    "* \n",
    "](",
    "[![",
    "a[b]",
  ];
  test.each([...hard, ...more])("%j over and over", (piece) => {
    const text = piece
      .repeat(Math.ceil(limits.descriptionCharsMax / piece.length))
      .slice(0, limits.descriptionCharsMax);
    const startedMs = performance.now();
    const html = toSafeHtml(text);
    // Far above what it takes (0.2 s at most), far below what anything that grows with the square of the text would.
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expectSafe(html);
  });
});

describe("summaries", () => {
  test("are the words without the signs, in one line", () => {
    expect(
      summaryOf("# Night\n\nOf **strings** and [wind](https://a.example).\n\n- one\n- two ![x](https://b.example)"),
    ).toBe("Night Of strings and wind. one two x");
    expect(toPlainText("<b>&amp;</b> \\*")).toContain("<b>&</b> *");
  });

  test("end at a word", () => {
    const summary = summaryOf("word ".repeat(200));
    expect(Array.from(summary).length).toBeLessThanOrEqual(limits.summaryCharsMax);
    expect(summary.endsWith("word…")).toBe(true);
  });
});
