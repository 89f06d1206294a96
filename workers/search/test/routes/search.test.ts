import { expect, test } from "vitest";
import { deliver, found, freshWord, prices, publicEvent, published, search } from "../kit.ts";

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
