import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { SearchPage } from "@foyer/contracts/search/api";
import { dayMs, hourMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { SearchWorker } from "../../src/entrypoint.ts";
import { deliver, found, freshWord, get, prices, publicEvent, published, removed, search } from "../kit.ts";

test("a published event is found by a word of its title, with everything a card shows", async () => {
  const word = freshWord();
  const event = publicEvent({
    title: `The ${word} concert`,
    summary: "One evening only",
    categoryId: "cat_00000000000000000000000001",
    categoryName: "Music",
    tags: ["Jazz", "Live"],
    startsAtMs: Date.parse("2030-07-01T18:00:00Z"),
    endsAtMs: Date.parse("2030-07-01T20:00:00Z"),
  });
  expect((await deliver([published(event), prices(event, 1, 2500)])).acked).toEqual([0, 1]);
  const page = await search({ q: word });
  expect(page).toEqual({
    data: [
      {
        id: event.eventId,
        slug: event.slug,
        title: event.title,
        summary: event.summary,
        startsAt: { utc: "2030-07-01T18:00:00.000Z", local: "2030-07-01T20:00:00", timezone: "Europe/Berlin" },
        place: event.place,
        online: false,
        category: { id: event.categoryId, name: "Music" },
        tags: ["Jazz", "Live"],
        organization: { id: event.organizationId, name: "Organizer" },
        priceMin: { amount: 2500, currency: "EUR" },
        priceMax: { amount: 2500, currency: "EUR" },
        soldOut: false,
        coverMediaId: null,
        highlights: { title: `The <mark>${word}</mark> concert`, summary: null, description: null },
      },
    ],
    nextCursor: null,
    facets: {
      categories: [{ id: event.categoryId, name: "Music", count: 1 }],
      tags: [
        { tag: "jazz", count: 1 },
        { tag: "live", count: 1 },
      ],
    },
    correctedTo: null,
  });
  expect(await found({ q: `${word} nowhere-to-be-found` })).toEqual([]);
});

test("a title that has the words comes before a text that mentions them, and among equals the sooner event", async () => {
  const word = freshWord();
  const day = (count: number) => Date.now() + count * dayMs;
  const inText = publicEvent({ description: `with ${word}`, startsAtMs: day(1), endsAtMs: day(2) });
  const later = publicEvent({ title: `${word} night`, startsAtMs: day(9), endsAtMs: day(10) });
  const sooner = publicEvent({ title: `${word} night`, startsAtMs: day(3), endsAtMs: day(4) });
  await deliver([inText, later, sooner].map(published));
  expect(await found({ q: word })).toEqual([sooner.eventId, later.eventId, inText.eventId]);
  expect(await found({ q: word, sort: "date" })).toEqual([inText.eventId, sooner.eventId, later.eventId]);
});

test("words are found in every inflection, case and with or without their accents", async () => {
  const word = freshWord();
  const event = publicEvent({ title: `Running Café ${word}`, description: "The Übermorgen concerts" });
  await deliver([published(event)]);
  for (const text of ["run", "CAFE", "cafés", "ubermorgen", "concert"]) {
    expect(await found({ q: `${text} ${word}` }), text).toEqual([event.eventId]);
  }
});

test("words of every script are found", async () => {
  for (const title of ["서울의 여름", "ガラス展", "Вечер йоги", "ליל קיץ", "Đêm nhạc"]) {
    const event = publicEvent({ title });
    await deliver([published(event)]);
    expect(await found({ q: title }), title).toEqual([event.eventId]);
  }
});

test("every filter keeps what satisfies it and nothing else", async () => {
  const word = freshWord();
  const organizationId = newId("organization", Date.now());
  const plain = publicEvent({ title: word });
  const full = publicEvent({
    title: word,
    organizationId,
    categoryId: "cat_00000000000000000000000002",
    categoryName: "Théâtre",
    tags: ["Öffentlich"],
    online: true,
    latitude: 52.52,
    longitude: 13.405,
    startsAtMs: Date.parse("2031-05-05T10:00:00Z"),
    endsAtMs: Date.parse("2031-05-05T12:00:00Z"),
  });
  await deliver([published(plain), published(full), prices(plain, 1, 4000), prices(full, 1, 0)]);
  const both = [plain.eventId, full.eventId];
  const cases: [Record<string, string>, readonly string[]][] = [
    [{}, both],
    [{ category: "cat_00000000000000000000000002" }, [full.eventId]],
    [{ category: "théâtre" }, [full.eventId]],
    [{ category: "cat_00000000000000000000000003" }, []],
    [{ tag: "öffentlich" }, [full.eventId]],
    [{ tag: "ÖFFENTLICH" }, [full.eventId]],
    [{ tag: "other" }, []],
    [{ organizationId }, [full.eventId]],
    [{ online: "true" }, [full.eventId]],
    [{ online: "false" }, [plain.eventId]],
    [{ free: "true" }, [full.eventId]],
    [{ free: "false" }, [plain.eventId]],
    [{ priceMax: "3999" }, [full.eventId]],
    [{ priceMax: "4000" }, both],
    [{ priceMax: "4000", currency: "USD" }, []],
    [{ from: "2031-05-05T10:00:00Z" }, [full.eventId]],
    [{ from: "2031-05-05T12:00:00+02:00" }, [full.eventId]],
    [{ from: "2031-05-05T10:00:01Z" }, []],
    [{ to: "2031-05-05T10:00:00Z" }, [plain.eventId]],
    [{ to: "2031-05-05T10:00:01Z" }, both],
    [{ near: "52.5,13.4" }, [full.eventId]],
    [{ near: "52.5,13.4", radiusKm: "1" }, []],
    [{ near: "-52.5,13.4", radiusKm: "1000" }, []],
  ];
  for (const [filter, expected] of cases) {
    expect(await found({ q: word, sort: "date", ...filter }), JSON.stringify(filter)).toEqual(expected);
    expect((await found({ ...filter, from: filter.from ?? "2020-01-01T00:00:00Z", limit: "100" })).sort()).toEqual(
      expect.arrayContaining([...expected].sort()),
    );
  }
});

test("an event that is over is shown only to those who ask for the past", async () => {
  const word = freshWord();
  const nowMs = Date.now();
  const over = publicEvent({ title: word, startsAtMs: nowMs - 2 * hourMs, endsAtMs: nowMs - hourMs });
  const running = publicEvent({ title: word, startsAtMs: nowMs - 2 * hourMs, endsAtMs: nowMs + hourMs });
  await deliver([published(over), published(running)]);
  expect(await found({ q: word })).toEqual([running.eventId]);
  const from = new Date(nowMs - dayMs).toISOString();
  expect((await found({ q: word, from })).sort()).toEqual([over.eventId, running.eventId].sort());
  await new SearchWorker(createExecutionContext(), env).scheduled();
  expect(await found({ q: word, sort: "date" })).toEqual([running.eventId]);
  expect((await found({ q: word, from, sort: "date" })).sort()).toEqual([over.eventId, running.eventId].sort());
});

test.each([
  ["relevance", {}],
  ["date", { sort: "date" }],
])("paging by %s shows every event once, whatever the page's size", async (_, more) => {
  const word = freshWord();
  const starts = [1, 1, 1, 2, 3, 3, 5, 8, 8, 9, 9, 9, 9];
  const events = starts.map((days, index) =>
    publicEvent({
      title: index % 3 === 0 ? word : "An evening",
      description: `${word} `.repeat(1 + (index % 4)),
      startsAtMs: Math.floor(Date.now() / dayMs + days) * dayMs,
      endsAtMs: Math.floor(Date.now() / dayMs + days + 1) * dayMs,
    }),
  );
  await deliver(events.map(published));
  const whole = await search({ q: word, limit: "100", ...more });
  expect(whole.nextCursor).toBeNull();
  expect(whole.data.map(({ id }) => id).sort()).toEqual(events.map(({ eventId }) => eventId).sort());
  for (const limit of ["1", "4", "13"]) {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: SearchPage = await search({ q: word, limit, ...more, ...(cursor === "" ? {} : { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(whole.data.map(({ id }) => id));
  }
});

test("facets count categories and tags of everything found, not of the page", async () => {
  const word = freshWord();
  const events = Array.from({ length: 7 }, (_, index) =>
    publicEvent({
      title: word,
      categoryId: index < 4 ? "cat_00000000000000000000000004" : "cat_00000000000000000000000005",
      categoryName: index < 4 ? "Music" : "Film",
      tags: index === 0 ? ["One", "All"] : ["all"],
    }),
  );
  await deliver(events.map(published));
  const expected = {
    categories: [
      { id: "cat_00000000000000000000000004", name: "Music", count: 4 },
      { id: "cat_00000000000000000000000005", name: "Film", count: 3 },
    ],
    tags: [
      { tag: "all", count: 7 },
      { tag: "one", count: 1 },
    ],
  };
  expect((await search({ q: word, limit: "2" })).facets).toEqual(expected);
  expect((await search({ q: word, limit: "50" })).facets).toEqual(expected);
});

test("a misspelled word finds what was meant, and the answer says so", async () => {
  const event = publicEvent({ title: "Philharmonic quintessence" });
  await deliver([published(event)]);
  for (const text of ["philarmonic", "quintesence", "Philharmnoic quintessense", "philharm", "PHILHARMÓNIK"]) {
    const page = await search({ q: text });
    expect(
      page.data.map(({ id }) => id),
      text,
    ).toEqual([event.eventId]);
    expect(page.correctedTo, text).toEqual(
      expect.arrayContaining([expect.stringMatching(/philharmonic|quintessence/)]),
    );
  }
  expect((await search({ q: "philharmonic" })).correctedTo).toBeNull();
  expect((await search({ q: "qwxyzzyplugh" })).data).toEqual([]);
});

test("words that events have are never replaced: no event having all of them is an answer", async () => {
  const [one, other] = [freshWord(), freshWord()];
  await deliver([published(publicEvent({ title: one })), published(publicEvent({ title: other }))]);
  expect(await search({ q: `${one} ${other}` })).toMatchObject({ data: [], correctedTo: null });
});

test("a number that no event has is not taken for another number", async () => {
  await deliver([published(publicEvent({ title: "Room 404404" }))]);
  expect(await search({ q: "404405" })).toMatchObject({ data: [], correctedTo: null });
});

test("paging goes on among the corrected words", async () => {
  const events = Array.from({ length: 5 }, () => publicEvent({ title: "Kaleidoscopic lights" }));
  await deliver(events.map(published));
  const first = await search({ q: "kaleidoscopik", limit: "3" });
  const second = await search({ q: "kaleidoscopik", limit: "3", cursor: first.nextCursor ?? "" });
  expect([...first.data, ...second.data].map(({ id }) => id).sort()).toEqual(
    events.map(({ eventId }) => eventId).sort(),
  );
  expect(second.nextCursor).toBeNull();
});

test("highlights mark what matched and escape everything an organizer wrote", async () => {
  const word = freshWord();
  const event = publicEvent({
    title: `<script>alert("${word}")</script> & 'more'`,
    summary: `<b>${word}</b>`,
    description: `<img src=x onerror=alert(1)> ${word}`,
  });
  await deliver([published(event)]);
  const [hit] = (await search({ q: word })).data;
  expect(hit?.title).toBe(event.title);
  expect(hit?.highlights).toEqual({
    title: `&lt;script&gt;alert(&quot;<mark>${word}</mark>&quot;)&lt;/script&gt; &amp; &#39;more&#39;`,
    summary: `&lt;b&gt;<mark>${word}</mark>&lt;/b&gt;`,
    description: `&lt;img src=x onerror=alert(1)&gt; <mark>${word}</mark>`,
  });
});

test("answers may be shared for a second and no longer, and a new event is found in spite of them", async () => {
  const word = freshWord();
  const before = await get(`/v1/search/events?q=${word}`);
  expect(before.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
  await deliver([published(publicEvent({ title: word }))]);
  expect(await found({ q: word })).toHaveLength(1);
  await deliver([published(publicEvent({ title: word }))]);
  await vi.waitFor(async () => expect(await found({ q: word })).toHaveLength(2), { timeout: 1_000, interval: 50 });
});

test("suggestions complete titles and tags, and never show what is not public", async () => {
  const word = freshWord();
  const shown = publicEvent({ title: `Summer ${word}dance`, tags: [`${word}tag`] });
  const hidden = publicEvent({ title: `${word}dance secretly` });
  await deliver([published(shown), published(hidden), removed(hidden, 2)]);
  const ask = async (q: string) => (await get(`/v1/search/suggest?${new URLSearchParams({ q })}`)).json();
  expect(await ask(`${word}`)).toEqual({
    data: [
      { kind: "event", text: shown.title, id: shown.eventId, slug: shown.slug },
      { kind: "tag", text: `${word}tag`, id: null, slug: null },
    ],
  });
  expect(await ask(`summer ${word}da`)).toMatchObject({ data: [{ text: shown.title }] });
  expect(await ask("")).toEqual({ data: [] });
  expect(await ask('"*(')).toEqual({ data: [] });
});

test.each([
  ["an unknown parameter", "colour=red", "query.colour"],
  ["NUL", "q=a%00b", "query.q"],
  ["a text of 10 kB", `q=${"a".repeat(10_000)}`, "query.q"],
  ["a limit of none", "limit=0", "query.limit"],
  ["a limit beyond the largest page", "limit=101", "query.limit"],
  ["a limit that is no number", "limit=many", "query.limit"],
  ["a cursor that is none", "cursor=%25%25", "query.cursor"],
  ["a cursor of another shape", "cursor=WzEsMl0", "query.cursor"],
  ["a place off the Earth", "near=91,0", "query.near"],
  ["half a place", "near=52", "query.near"],
  ["a radius without a place", "radiusKm=5", "query.radiusKm"],
  ["a negative radius", "near=1,1&radiusKm=-1", "query.radiusKm"],
  ["a radius beyond the largest", "near=1,1&radiusKm=1001", "query.radiusKm"],
  ["a negative price", "priceMax=-1", "query.priceMax"],
  ["a huge price", "priceMax=1e99", "query.priceMax"],
  ["an unknown currency", "currency=XXX", "query.currency"],
  ["a flag that is none", "free=yes", "query.free"],
  ["a date that is none", "from=tomorrow", "query.from"],
  ["an end before its beginning", "from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "query.to"],
  ["an id of something else", "organizationId=evt_1", "query.organizationId"],
  ["an order that is none", "sort=price", "query.sort"],
])("%s is refused with the field's name", async (_, query, path) => {
  const response = await get(`/v1/search/events?${query}`);
  expect(response.status).toBe(422);
  const problem = await response.json<{ code: string; errors: { path: string }[] }>();
  expect(problem.code).toBe("request.invalid");
  expect(problem.errors.map((error) => error.path)).toContain(path);
});

test("a cursor of one order is refused in the other", async () => {
  const word = freshWord();
  await deliver([1, 2].map(() => published(publicEvent({ title: word }))));
  const { nextCursor } = await search({ q: word, limit: "1" });
  const response = await get(`/v1/search/events?q=${word}&sort=date&cursor=${nextCursor}`);
  expect(response.status).toBe(422);
});

test("whatever is typed, the answer is a list or names the field at fault", async () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", maxLength: 250 }),
    fc
      .array(
        fc.constantFrom(
          '"',
          "*",
          "NEAR(",
          "col:",
          "-",
          "^",
          "+",
          "AND",
          "OR",
          "NOT",
          "(",
          ")",
          "{title}",
          "a",
          "'",
          "\0",
          "🎉",
          "é",
          "中文",
          "%",
          "\\",
          ";--",
          "title :",
          " ",
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join("")),
  );
  await fc.assert(
    fc.asyncProperty(nasty, nasty, async (q, other) => {
      for (const path of [
        `/v1/search/events?${new URLSearchParams({ q })}`,
        `/v1/search/events?${new URLSearchParams({ tag: q, category: other, cursor: other })}`,
        `/v1/search/suggest?${new URLSearchParams({ q })}`,
      ]) {
        expect([200, 422]).toContain((await get(path)).status);
      }
    }),
    { numRuns: 150 },
  );
});
