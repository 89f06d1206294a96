import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { rangesOf } from "../../src/domain/feeds/sitemap.ts";
import { rangeEndsQuery } from "../../src/repository/sitemaps.ts";
import { call, createDraft, createPublished, move, newOrganizer } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

const parser = new XMLParser({ isArray: (name) => ["url", "sitemap"].includes(name) });

async function addressesIn(response: Response): Promise<string[]> {
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/xml; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("public, max-age=3600");
  const document = parser.parse(await response.text());
  const entries: { loc: string }[] = document.urlset?.url ?? document.sitemapindex?.sitemap ?? [];
  return entries.map(({ loc }) => loc);
}

test("from robots.txt over the index one comes to every listed event once, and to no other", async () => {
  const organizer = await newOrganizer();
  const title = `Map ${crypto.randomUUID()}`;
  const hidden = [
    await createDraft(organizer, { title: `draft ${title}` }),
    await createPublished(organizer, { title: `unlisted ${title}`, visibility: "unlisted" }),
    await move(organizer, await createPublished(organizer, { title: `cancelled ${title}` }), "cancel"),
  ];
  const withdrawn = await createPublished(organizer, { title: `first ${title}` });
  const listed = [
    withdrawn,
    await createPublished(organizer, { title: `second ${title}` }),
    await createPublished(organizer, { title: `third ${title}` }),
  ];
  const robots = await (await call("GET", "/robots.txt")).text();
  const indexUrl = /^Sitemap: (\S+)$/m.exec(robots)?.[1] ?? "";
  expect(new URL(indexUrl).pathname).toBe("/sitemap.xml");

  // Two events to a file, so that there are several.
  const app = ownApp((deps) => ({ sitemaps: { ...deps.sitemaps, rangeEnds: () => deps.sitemaps.rangeEnds(2) } }));
  const files = await addressesIn(await app.fetch("GET", new URL(indexUrl).pathname));
  expect(files.length).toBeGreaterThan(1);
  const read = async () => {
    const urls: string[] = [];
    for (const file of files) {
      const response = await app.fetch("GET", new URL(file).pathname);
      // The last range is of what comes after the last end, which may be nothing.
      if (response.status !== 404) urls.push(...(await addressesIn(response)));
    }
    return urls;
  };
  const pathsOf = (events: readonly { slug: string }[]) => events.map(({ slug }) => `/v1/events/${slug}`);
  const found = (await read()).map((url) => new URL(url).pathname);
  expect(new Set(found).size).toBe(found.length);
  for (const path of pathsOf(listed)) expect(found).toContain(path);
  for (const path of pathsOf(hidden)) expect(found).not.toContain(path);

  // One that is withdrawn leaves its file; the others stay in theirs, and a new one is in the last.
  await move(organizer, withdrawn, "unpublish");
  const added = await createPublished(organizer, { title: `fourth ${title}` });
  const afterwards = (await read()).map((url) => new URL(url).pathname);
  expect(afterwards).not.toContain(pathsOf([withdrawn])[0]);
  for (const path of pathsOf([...listed.slice(1), added]))
    expect(afterwards.filter((known) => known === path)).toEqual([path]);
});

test("a file is asked for by the ends of its range and by nothing else", async () => {
  const [range] = rangesOf([newId("event", 1)]);
  expect((await call("GET", `/sitemaps/events-${range?.after}-${range?.upTo}.xml`)).status).toBe(404);
  for (const file of ["events-1.xml", "events-.xml", "events-%27-%27.xml", `events-${"z".repeat(26)}.xml`])
    expect((await call("GET", `/sitemaps/${file}`)).status).toBe(404);
});

test("the ends of ranges are found by a walk along one index, and nothing is sorted", async () => {
  const { results } = await env.EVENTS_DB.prepare(`EXPLAIN QUERY PLAN ${rangeEndsQuery}`)
    .bind(5_000, 10)
    .all<{ detail: string }>();
  const plan = results.map(({ detail }) => detail).join("\n");
  expect(plan).toContain("SCAN e USING COVERING INDEX events_listed_by_id");
  expect(plan).not.toContain("TEMP B-TREE");
});
