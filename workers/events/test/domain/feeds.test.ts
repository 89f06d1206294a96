import { newId } from "@foyer/kernel/ids";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { canonicalPath } from "../../src/domain/addresses.ts";
import type { Event } from "../../src/domain/event.ts";
import { toJsonFeed, toRss } from "../../src/domain/feeds/feed.ts";
import { rangesOf, sitemapUrlsMax, toSitemap, toSitemapIndex } from "../../src/domain/feeds/sitemap.ts";

const publicUrl = "https://foyer.example";
const options = {
  title: "Town Hall",
  publicUrl,
  listPath: "/v1/events?city=K%C3%B6ln&online=true",
  feedPath: "/v1/events/feed.xml?city=K%C3%B6ln&online=true",
};
const model: Event = {
  id: newId("event", 1_000),
  organizationId: newId("organization", 1),
  organizationName: "Town Hall",
  slug: "summer-night",
  slugIsBare: true,
  status: "published",
  version: 3,
  locale: "en",
  title: "Summer Night",
  summary: "An evening of music.",
  startsAtMs: Date.UTC(2030, 6, 1, 18),
  endsAtMs: Date.UTC(2030, 6, 1, 21),
  timezone: "Europe/Berlin",
  allDay: false,
  location: { kind: "online", url: "https://meet.example/secret" },
  categoryId: null,
  tags: ["jazz", "open air"],
  visibility: "public",
  accessVersion: 1,
  minimumAge: null,
  cover: { mediaId: newId("media", 1), contentType: "image/png", width: 2, height: 1 },
  createdAtMs: 1_000,
  updatedAtMs: 90_061_000,
  publishedAtMs: 2_000,
  publishAtMs: null,
  statusNote: null,
  previousStartsAtMs: null,
  calendarSequence: 4,
  seriesId: null,
  recurrenceId: null,
};

interface Rss {
  rss: {
    channel: { title: string; link: string; "atom:link": Record<string, string>; item: Record<string, string>[] };
  };
}

/** What an independent parser makes of a document that it finds well-formed. */
function parse<T>(xml: string): T {
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    htmlEntities: true,
    isArray: (name) => ["item", "url", "sitemap"].includes(name),
  });
  return parser.parse(xml);
}

const attacks = [
  "]]><script>alert(1)</script><![CDATA[",
  "</title></item></channel></rss><!-- ",
  "a & b &amp; &lt; &#x3c; < > \" '",
  "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
  "\u0000\u0001\u0008\u000b\u001b\uffff\ud800",
];
/** What is left of a text that XML can hold. */
const writable = (text: string): string => text.replace(/(?![\t\n\r\u0080-\u009f])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu, "");

describe("RSS", () => {
  test("says of each event what it is, where, and since when it is public", () => {
    const { channel } = parse<Rss>(toRss([model], options)).rss;
    expect(channel.title).toBe("Town Hall");
    expect(channel.link).toBe(publicUrl + options.listPath);
    expect(channel["atom:link"]).toMatchObject({ "@_rel": "self", "@_href": publicUrl + options.feedPath });
    expect(channel.item).toHaveLength(1);
    expect(channel.item[0]).toMatchObject({
      title: "Summer Night",
      link: `${publicUrl}/v1/events/summer-night`,
      guid: { "#text": model.id, "@_isPermaLink": "false" },
      pubDate: "Thu, 01 Jan 1970 00:00:02 GMT",
      description: "2030-07-01 20:00 (Europe/Berlin), Online<br><br>An evening of music.",
      "dc:creator": "Town Hall",
      category: ["jazz", "open air"],
      "media:content": { "@_url": `${publicUrl}/v1/media/${model.cover?.mediaId}` },
    });
    expect(toRss([model], options)).not.toContain("meet.example");
  });

  test.each(attacks)("%j stays a text", (attack) => {
    const planted = { ...model, title: attack, summary: attack, organizationName: attack, tags: [attack] };
    const xml = toRss([planted, model], { ...options, title: attack });
    const { channel } = parse<Rss>(xml).rss;
    expect(channel.item).toHaveLength(2);
    expect(channel.item[0]?.title).toBe(writable(attack));
    expect(channel.title).toBe(writable(attack));
    // A description is HTML to those who show it, so even there it is no markup.
    expect(channel.item[0]?.description?.replaceAll("<br>", "")).not.toMatch(/[<>]/);
  });

  test("any text at all makes a well-formed document", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (title, summary) => {
        expect(parse<Rss>(toRss([{ ...model, title, summary }], options)).rss.channel.item).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe("JSON Feed", () => {
  test("says what version 1.1 asks for, as plain text", () => {
    const feed = JSON.parse(toJsonFeed([model], { ...options, feedPath: "/v1/events/feed.json" }));
    expect(feed).toEqual({
      version: "https://jsonfeed.org/version/1.1",
      title: "Town Hall",
      home_page_url: publicUrl + options.listPath,
      feed_url: `${publicUrl}/v1/events/feed.json`,
      items: [
        {
          id: `${publicUrl}/v1/events/${model.id}`,
          url: `${publicUrl}/v1/events/summer-night`,
          title: "Summer Night",
          content_text: "2030-07-01 20:00 (Europe/Berlin), Online\n\nAn evening of music.",
          summary: "An evening of music.",
          image: `${publicUrl}/v1/media/${model.cover?.mediaId}`,
          date_published: "1970-01-01T00:00:02.000Z",
          date_modified: "1970-01-02T01:01:01.000Z",
          authors: [{ name: "Town Hall" }],
          tags: ["jazz", "open air"],
          language: "en",
          _event: {
            starts_at: "2030-07-01T18:00:00.000Z",
            ends_at: "2030-07-01T21:00:00.000Z",
            timezone: "Europe/Berlin",
            all_day: false,
          },
        },
      ],
    });
    const bare = { ...model, summary: "", cover: null, tags: [], allDay: true };
    const [item] = JSON.parse(toJsonFeed([bare], options)).items;
    expect(item.content_text).toBe("2030-07-01, Online");
    for (const absent of ["summary", "image", "tags"]) expect(item).not.toHaveProperty(absent);
  });
});

describe("sitemaps", () => {
  interface UrlSet {
    urlset: { url: { loc: string; lastmod: string; "image:image"?: { "image:loc": string } }[] };
  }

  test("name each event's own address, when it changed, and its cover", () => {
    const plain = { ...model, coverMediaId: null };
    const { url } = parse<UrlSet>(
      toSitemap(
        [
          { ...plain, coverMediaId: "med_1" },
          { ...plain, slugIsBare: false },
        ],
        publicUrl,
      ),
    ).urlset;
    expect(url).toEqual([
      {
        loc: `${publicUrl}/v1/events/summer-night`,
        lastmod: "1970-01-02T01:01:01.000Z",
        "image:image": { "image:loc": `${publicUrl}/v1/media/med_1` },
      },
      {
        loc: `${publicUrl}/v1/organizations/${model.organizationId}/events/summer-night`,
        lastmod: "1970-01-02T01:01:01.000Z",
      },
    ]);
    expect(canonicalPath({ ...model, slugIsBare: false })).toContain(model.organizationId);
  });

  test("hold as many addresses as the protocol allows, and not one more", () => {
    const many = Array.from({ length: sitemapUrlsMax }, () => ({ ...model, coverMediaId: null }));
    expect(toSitemap(many, publicUrl).match(/<url>/g)).toHaveLength(sitemapUrlsMax);
    expect(() => toSitemap([...many, { ...model, coverMediaId: null }], publicUrl)).toThrow();
  });

  test("the index leads from the first id there can be to the last, without gap or overlap", () => {
    const ends = [newId("event", 1_000), newId("event", 2_000)];
    const ranges = rangesOf(ends);
    expect(ranges.map(({ after }) => after).slice(1)).toEqual(ranges.map(({ upTo }) => upTo).slice(0, -1));
    expect(ranges[0]?.after).toBe("0".repeat(26));
    expect(ranges.at(-1)?.upTo).toBe("z".repeat(26));
    const { sitemapindex } = parse<{ sitemapindex: { sitemap: { loc: string }[] } }>(toSitemapIndex(ranges, publicUrl));
    expect(sitemapindex.sitemap.map(({ loc }) => loc)).toEqual(
      ranges.map(({ after, upTo }) => `${publicUrl}/sitemaps/events-${after}-${upTo}.xml`),
    );
    expect(rangesOf([])).toHaveLength(1);
  });
});
