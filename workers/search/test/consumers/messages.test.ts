import { createExecutionContext, createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { PublicEvent } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import { newId } from "@foyer/kernel/ids";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { SearchWorker } from "../../src/entrypoint.ts";
import {
  deliver,
  found,
  freshWord,
  message,
  prices,
  publicEvent,
  published,
  removals,
  removed,
  search,
} from "../kit.ts";

test("a message that is delivered twice, even within one batch, has the effect of once", async () => {
  const word = freshWord();
  const news = published(publicEvent({ title: word }));
  expect((await deliver([news, news])).acked).toEqual([0, 1]);
  expect((await deliver([news])).acked).toEqual([0]);
  expect(await found({ q: word })).toHaveLength(1);
});

test("an update replaces the texts, tags and dates of the document, and old words find it no more", async () => {
  const [before, after] = [freshWord(), freshWord()];
  const event = publicEvent({ title: before, tags: [before] });
  await deliver([published(event)]);
  await deliver([message("event.updated", { event: { ...event, version: 2, title: after, tags: [after] } })]);
  expect(await found({ q: after, tag: after })).toEqual([event.eventId]);
  expect(await found({ q: before })).toEqual([]);
  expect(await found({ tag: before })).toEqual([]);
});

test.each(removals)(
  "%s takes the event away for good: late news of an older version never brings it back",
  async (type) => {
    const word = freshWord();
    const event = publicEvent({ title: word, tags: [word] });
    await deliver([published(event), removed(event, 3, type)]);
    expect(await found({ q: word })).toEqual([]);
    await deliver([message("event.updated", { event: { ...event, version: 2 } })]);
    await deliver([published({ ...event, version: 3 })]);
    expect(await found({ q: word })).toEqual([]);
    expect(await found({ tag: word })).toEqual([]);
    const row = await env.SEARCH_DB.prepare("SELECT title, tags, description FROM documents WHERE event_id = ?1")
      .bind(event.eventId)
      .first();
    expect(row).toEqual({ title: "", tags: "[]", description: "" });
    await deliver([published({ ...event, version: 4 })]);
    expect(await found({ q: word })).toEqual([event.eventId]);
  },
);

test("a removal that comes before the event it removes is remembered", async () => {
  const word = freshWord();
  const event = publicEvent({ title: word });
  await deliver([removed(event, 2)]);
  await deliver([published(event)]);
  expect(await found({ q: word })).toEqual([]);
});

test("prices that come before the event are kept, and older prices never replace newer", async () => {
  const word = freshWord();
  const event = publicEvent({ title: word });
  await deliver([prices(event, 5, 900, { soldOut: true })]);
  await deliver([published(event), prices(event, 4, 100)]);
  expect((await search({ q: word })).data[0]).toMatchObject({
    priceMin: { amount: 900, currency: "EUR" },
    soldOut: true,
  });
  await deliver([prices(event, 6, null)]);
  await deliver([message("event.updated", { event: { ...event, version: 2, title: `${word} again` } })]);
  expect((await search({ q: `${word} again` })).data[0]).toMatchObject({ priceMin: null, soldOut: false });
});

test("a poison message in the middle of a batch is retried alone, the others are done once", async () => {
  const word = freshWord();
  const good = Array.from({ length: 4 }, () => published(publicEvent({ title: word })));
  // A zone that passed as text and that nobody knows makes the handler throw.
  const poison = published(publicEvent({ title: word, timezone: "Nowhere/Town" }));
  const outcome = await deliver([good[0], good[1], poison, good[2], good[3]]);
  expect(outcome).toEqual({ acked: [0, 1, 3, 4], retried: [2] });
  expect(await found({ q: word })).toHaveLength(4);
});

test("a message whose commit fails is retried alone, the others are done once", async () => {
  const word = freshWord();
  const good = [1, 2].map(() => published(publicEvent({ title: word })));
  await env.SEARCH_DB.exec(
    `CREATE TRIGGER refuse BEFORE INSERT ON documents WHEN new.slug = 'poison' BEGIN SELECT raise(ABORT, 'refused'); END`,
  );
  const poison = published(publicEvent({ title: word, slug: "poison" }));
  expect(await deliver([good[0], poison, good[1]])).toEqual({ acked: [0, 2], retried: [1] });
  await env.SEARCH_DB.exec("DROP TRIGGER refuse");
  expect(await found({ q: word })).toHaveLength(2);
  expect((await deliver([poison, ...good])).acked).toEqual([0, 1, 2]);
  expect(await found({ q: freshWord() })).toEqual([]);
  const { results } = await env.SEARCH_DB.prepare("SELECT event_id FROM documents WHERE title = ?1").bind(word).all();
  expect(results).toHaveLength(3);
});

test("what is no envelope is stored as a dead letter at once", async () => {
  expect((await deliver([{ hello: "world" }])).acked).toEqual([0]);
  const row = await env.SEARCH_DB.prepare("SELECT reason FROM dead_letters WHERE body LIKE '%world%'").first();
  expect(row?.reason).toContain("envelope");
});

test("any order and repetition of the same news ends in the same index", async () => {
  const step = fc.record({
    event: fc.constantFrom(0, 1),
    kind: fc.constantFrom("published", "updated", "unpublished", "cancelled", "postponed", "completed", "prices"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), fc.integer(), async (steps, seed) => {
      const [left, right] = [0, 1].map(() => [publicEvent(), publicEvent()]);
      const states: unknown[] = [];
      for (const [run, events] of [left ?? [], right ?? []].entries()) {
        const news: Envelope[] = steps.map(({ event: which, kind }, index) => {
          const event = events[which] ?? publicEvent();
          const version = index + 1;
          const state: PublicEvent = {
            ...event,
            version,
            startsAtMs: version,
            endsAtMs: version,
            title: `Title ${version}`,
            tags: [`t${version % 3}`],
          };
          if (kind === "prices") return prices(event, version, version * 100, { soldOut: version % 2 === 0 });
          if (kind === "published") return published(state);
          if (kind === "updated") return message("event.updated", { event: state });
          return removed(event, version, `event.${kind}` as "event.unpublished");
        });
        if (run === 0) for (const one of news) await deliver([one]);
        else {
          const shuffled = shuffle([...news, ...news.slice(0, 3)], seed);
          const half = Math.ceil(shuffled.length / 2);
          await deliver(shuffled.slice(0, half));
          await deliver(shuffled.slice(half));
        }
        states.push(await stateOf(events.map(({ eventId }) => eventId)));
      }
      expect(states[1]).toEqual(states[0]);
    }),
    { numRuns: 40 },
  );
  // The text index agrees with the documents: FTS5's own check throws where it does not.
  await env.SEARCH_DB.prepare("INSERT INTO documents_fts (documents_fts, rank) VALUES ('integrity-check', 0)").run();
});

test("cron forgets words that no document has, and keeps those that one has", async () => {
  const [gone, kept] = [freshWord(), freshWord()];
  const event = publicEvent({ title: gone });
  await deliver([published(event), published(publicEvent({ title: kept }))]);
  await deliver([removed(event, 2)]);
  const known = async (word: string) =>
    (await env.SEARCH_DB.prepare("SELECT 1 FROM words WHERE word = ?1").bind(word).first()) !== null;
  expect([await known(gone), await known(kept)]).toEqual([true, true]);
  for (let round = 0; round < 200 && (await known(gone)); round += 1) {
    await new SearchWorker(createExecutionContext(), env).scheduled();
  }
  expect([await known(gone), await known(kept)]).toEqual([false, true]);
});

test("what another queue would say is left alone", async () => {
  const outcome = await deliver([
    message("organization.created", {
      organizationId: newId("organization", Date.now()),
      ownerId: newId("user", Date.now()),
    }),
  ]);
  expect(outcome).toEqual({ acked: [0], retried: [] });
});

/** A permutation that depends on nothing but the seed. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  return items
    .map((item) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return { item, order: state };
    })
    .sort((left, right) => left.order - right.order)
    .map(({ item }) => item);
}

/** All that is known of some events, without what differs between two of the same making. */
async function stateOf(eventIds: readonly string[]): Promise<unknown> {
  const rows: unknown[] = [];
  for (const eventId of eventIds) {
    const { results } = await env.SEARCH_DB.prepare(
      `SELECT version, listed, starts_at_ms, title, tags, sale_sequence, price_min_minor, sold_out,
         (SELECT group_concat(tag) FROM document_tags WHERE document_id = documents.id) AS tagged,
         (SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'title' AND rowid = documents.id) AS indexed
       FROM documents WHERE event_id = ?1`,
    )
      .bind(eventId)
      .all();
    rows.push(results);
  }
  return rows;
}

test("a dead letter that is stored is counted, for an operator to be woken by", async () => {
  const points: unknown[] = [];
  const { consumer } = createDeps({ ...env, METRICS: { writeDataPoint: (point) => points.push(point) } });
  const letter = {
    id: "dead",
    timestamp: new Date(),
    attempts: 1,
    body: message("event.cancelled", {
      eventId: newId("event", 1),
      organizationId: newId("organization", 1),
      version: 1,
      note: null,
    }),
  };
  await consumeDeadLetters(createMessageBatch("foyer-search-dlq", [letter]), consumer);
  expect(points).toEqual([{ indexes: ["message.dead"], blobs: ["queue=foyer-search-dlq"], doubles: [1] }]);
});
