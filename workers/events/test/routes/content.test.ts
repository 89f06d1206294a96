import type { EventView } from "@foyer/contracts/events/api";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, eventBody, newMember, newOrganizer, problemOf } from "../helpers.ts";

const details = {
  contact: { name: "Box office", email: "box@house.example", phone: "+49 30 123", url: "https://house.example" },
  links: [{ label: "Programme", url: "https://house.example/programme" }],
  refundPolicy: { kind: "until", days: 14, text: "Two weeks before." },
  seo: { title: "A night", description: "Strings in the hall." },
};
const translations = {
  de: { title: "Nacht", description: "Von *Saiten*." },
  "pt-BR": { title: "Noite", description: "" },
};

async function read(
  event: EventView,
  headers: Record<string, string> = {},
  query = "",
): Promise<[Response, EventView]> {
  const response = await call("GET", `/v1/events/${event.id}${query}`, { headers });
  return [response, response.status === 200 ? await response.json() : (null as never)];
}

describe("what an event says of itself", () => {
  test("comes back as it was given, and its Markdown as HTML that is safe to show", async () => {
    const organizer = await newOrganizer();
    const description = "# Programme\n\n<script>alert(1)</script> [more](javascript:alert(1))";
    const event = await createPublished(organizer, { ...details, minimumAge: 18, locale: "en-gb", description });
    const [, page] = await read(event);
    expect(page).toMatchObject({ ...details, minimumAge: 18, locale: "en-GB", locales: ["en-GB"], description });
    expect(page.descriptionHtml).toContain("<h2>Programme</h2>");
    expect(page.descriptionHtml).not.toMatch(/<script|href/);
    expect(page.summary).not.toContain("#");
  });

  test("is removed by null and kept when it is not named", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { ...details, minimumAge: 18 });
    const patch = async (body: object): Promise<EventView> =>
      (await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body })).json();
    expect(await patch({ seo: null, minimumAge: null })).toMatchObject({
      contact: details.contact,
      links: details.links,
      seo: null,
      minimumAge: null,
    });
    expect(await patch({ links: null })).toMatchObject({ links: [], refundPolicy: details.refundPolicy });
  });

  test("stays within its limits", async () => {
    const organizer = await newOrganizer();
    const link = { label: "x", url: "https://a.example" };
    const tags = [
      "de",
      "fr",
      "es",
      "it",
      "nl",
      "pt",
      "pl",
      "cs",
      "da",
      "sv",
      "fi",
      "nb",
      "hu",
      "ro",
      "bg",
      "el",
      "tr",
      "uk",
      "ja",
      "ko",
      "zh",
    ];
    const texts = (count: number) => Object.fromEntries(tags.slice(0, count).map((tag) => [tag, { title: "x" }]));
    const cases: [Record<string, unknown>, number][] = [
      [{ links: Array.from({ length: limits.linksPerEventMax }, () => link) }, 201],
      [{ links: Array.from({ length: limits.linksPerEventMax + 1 }, () => link) }, 422],
      [{ translations: texts(limits.translationsPerEventMax) }, 201],
      [{ translations: texts(limits.translationsPerEventMax + 1) }, 422],
      [{ minimumAge: 0 }, 201],
      [{ minimumAge: limits.minimumAgeMax }, 201],
      [{ minimumAge: limits.minimumAgeMax + 1 }, 422],
      [{ minimumAge: -1 }, 422],
      [{ locale: "no language" }, 422],
      [{ translations: { "not a tag": { title: "x" } } }, 422],
      [{ translations: { en: { title: "x" } } }, 422],
      [{ contact: { url: "javascript:alert(1)" } }, 422],
      [{ links: [{ label: "x", url: "javascript:alert(1)" }] }, 422],
      [{ seo: { title: "x".repeat(limits.seoTitleCharsMax + 1) } }, 422],
      [{ passwordHash: "x" }, 422],
      [{ accessVersion: 9 }, 422],
      [{ slugIsBare: true }, 422],
      [{ version: 9 }, 422],
      [{ details: {} }, 422],
    ];
    for (const [more, status] of cases) {
      const body = eventBody(organizer.organizationId, more);
      const response = await call("POST", "/v1/events", { user: organizer.user, body });
      expect([more, response.status]).toEqual([more, status]);
    }
  });
});

describe("in several languages", () => {
  test("a reader gets theirs, told apart by validator and Content-Language", async () => {
    const event = await createPublished(await newOrganizer(), { translations });
    const [german, page] = await read(event, { "accept-language": "de-AT,en;q=0.5" });
    expect(page).toMatchObject({ title: "Nacht", description: "Von *Saiten*.", locale: "de", summary: "Von Saiten." });
    expect(page.descriptionHtml).toBe("<p>Von <em>Saiten</em>.</p>\n");
    expect(page.locales).toEqual(["en", "de", "pt-BR"]);
    expect(page.translations).toBeUndefined();
    expect(german.headers.get("content-language")).toBe("de");
    expect(german.headers.get("vary")).toContain("accept-language");
    const [english] = await read(event, { "accept-language": "fr" });
    expect(english.headers.get("etag")).not.toBe(german.headers.get("etag"));
    expect(
      (await read(event, { "accept-language": "en", "if-none-match": german.headers.get("etag") ?? "" }))[0].status,
    ).toBe(200);
    expect(
      (await read(event, { "accept-language": "de", "if-none-match": german.headers.get("etag") ?? "" }))[0].status,
    ).toBe(304);
  });

  test("one that is named comes before the browser's wish, and an unknown one is the event's own", async () => {
    const event = await createPublished(await newOrganizer(), { translations });
    expect((await read(event, { "accept-language": "de" }, "?locale=pt-BR"))[1]).toMatchObject({ title: "Noite" });
    expect((await read(event, { "accept-language": "de" }, "?locale=ja"))[1]).toMatchObject({ title: event.title });
    expect((await read(event, {}, "?locale=no%20language"))[0].status).toBe(422);
  });

  test("members read what was written, with all translations, and change the version that they read in any language", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { translations });
    const headers = { "accept-language": "de" };
    const own = await call("GET", `/v1/events/${event.id}`, { user: organizer.user, headers });
    expect(await own.json()).toMatchObject({ title: event.title, locale: "en", translations });
    const german = await call("GET", `/v1/events/${event.id}?locale=de`, { user: organizer.user });
    expect(await german.json()).toMatchObject({ title: "Nacht" });
    const changed = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      headers: { "if-match": german.headers.get("etag") ?? "" },
      body: { title: "Changed" },
    });
    expect(changed.status).toBe(200);
  });

  test("an event in one language does not vary by it", async () => {
    const event = await createPublished(await newOrganizer());
    const [response] = await read(event, { "accept-language": "de" });
    expect(response.headers.get("vary")).toBe("authorization");
    expect(response.headers.get("etag")).toBe(`"${event.version}"`);
  });
});

describe("replacing", () => {
  const whole = {
    title: "Whole",
    startsAt: "2031-07-01T18:00:00Z",
    endsAt: "2031-07-01T20:00:00Z",
    timezone: "UTC",
    location: { kind: "online" },
  };

  test("resets what is left out, but for the slug", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, {
      ...details,
      translations,
      minimumAge: 18,
      tags: ["a"],
      visibility: "unlisted",
    });
    const response = await call("PUT", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Bare" } });
    expect([response.status, response.headers.get("etag")]).toEqual([200, '"2"']);
    expect(await response.json()).toMatchObject({
      title: "Bare",
      slug: event.slug,
      description: "",
      startsAt: null,
      endsAt: null,
      timezone: "UTC",
      location: null,
      tags: [],
      visibility: "public",
      minimumAge: null,
      contact: null,
      links: [],
      refundPolicy: null,
      seo: null,
      translations: {},
    });
  });

  test("honours If-Match, and is refused without a title or with another's fields", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const put = (body: object, headers: Record<string, string> = {}) =>
      call("PUT", `/v1/events/${event.id}`, { user: organizer.user, body, headers });
    const stale = await put(whole, { "if-match": '"7"' });
    expect([stale.status, (await problemOf(stale)).code]).toEqual([412, "request.precondition_failed"]);
    expect((await put(whole, { "if-match": '"1"' })).status).toBe(200);
    for (const body of [
      {},
      { ...whole, organizationId: organizer.organizationId },
      { ...whole, status: "published" },
      { ...whole, id: event.id },
    ])
      expect((await put(body)).status).toBe(422);
  });

  test("keeps what a published event must have", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const response = await call("PUT", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Bare" } });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.not_publishable"]);
    const done = await call("PUT", `/v1/events/${event.id}`, { user: organizer.user, body: whole });
    expect(await done.json()).toMatchObject({ title: "Whole", status: "published" });
  });

  test("is for those who may write in its organization", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const put = async (user?: Awaited<ReturnType<typeof newMember>>) =>
      (await call("PUT", `/v1/events/${event.id}`, { ...(user === undefined ? {} : { user }), body: whole })).status;
    expect(await put()).toBe(401);
    expect(await put((await newOrganizer()).user)).toBe(404);
    expect(await put(await newMember(organizer.organizationId, "door"))).toBe(403);
  });
});

describe("as schema.org/Event", () => {
  test("an event is linked from its page, in the reader's language, and safe in a script element", async () => {
    const event = await createPublished(await newOrganizer(), { title: "</script>", translations });
    const [page] = await read(event);
    const address = /<([^>]+)>; rel="alternate"; type="application\/ld\+json"/.exec(
      page.headers.get("link") ?? "",
    )?.[1];
    const response = await call("GET", address ?? "", { headers: { "accept-language": "de" } });
    expect(response.headers.get("content-type")).toBe("application/ld+json");
    const text = await response.text();
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toMatchObject({ "@type": "Event", name: "Nacht", inLanguage: "de", url: event.url });
    expect(
      (await call("GET", address ?? "", { headers: { "accept-language": "fr" } })).headers.get("content-language"),
    ).toBe("en");
  });
});
