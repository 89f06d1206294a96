import type { MediaView } from "@foyer/contracts/events/media";
import { limits } from "@foyer/kernel/limits";
import { film, pdf } from "@foyer/testing/films";
import { whole } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, newMember, newOrganizer, problemOf } from "../helpers.ts";
import { contentDigest, listed, photo, readEvent, sendDirectly, traces, upload, uploaded } from "../media-support.ts";
import { outboxOf, ownApp } from "../own-app.ts";

describe("what is taken", () => {
  test("a video and a document are shown beside images, and are no cover", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const trailer = await uploaded(event.id, organizer.user, film(5_000, { width: 1_920, height: 1_080 }));
    const programme = await uploaded(event.id, organizer.user, pdf(5_000));
    expect([trailer, programme]).toMatchObject([
      { kind: "video", contentType: "video/mp4", width: 1_920, height: 1_080, cover: false },
      { kind: "document", contentType: "application/pdf", width: null, height: null, cover: false },
    ]);
    expect(await readEvent(event, organizer)).toMatchObject({ cover: null, version: event.version });
    const poster = await uploaded(event.id, organizer.user);
    expect(poster.cover).toBe(true);
    const document = await call("GET", `/v1/media/${programme.id}`);
    expect(Object.fromEntries(document.headers)).toMatchObject({
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="${programme.id}.pdf"`,
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    });
    await document.arrayBuffer();
    const part = await call("GET", `/v1/media/${trailer.id}`, { headers: { range: "bytes=4-7" } });
    expect([part.status, await part.text()]).toEqual([206, "ftyp"]);
  });

  test("a photograph is stored without who took it and where, and as long as it was", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    for (const { bytes, contentType } of Object.values(photographs)) {
      const media = await uploaded(event.id, organizer.user, bytes);
      const stored = await (await call("GET", `/v1/media/${media.id}`)).arrayBuffer();
      expect(media).toMatchObject({ contentType, sizeBytes: bytes.length, width: 24, height: 16 });
      expect(new TextDecoder("latin1").decode(stored)).not.toContain("Secret");
    }
  });

  test.each([
    ["document", () => pdf(limits.documentBytesMax), () => pdf(limits.documentBytesMax + 1)],
    ["image", () => whole("jpeg", limits.imageBytesMax), () => whole("jpeg", limits.imageBytesMax + 1)],
  ])("a %s is as large as its limit, and not a byte larger", async (_kind, at, above) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    await uploaded(event.id, organizer.user, at());
    const refused = await upload(event.id, above(), { user: organizer.user });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([413, "events.media_too_large"]);
  });

  test("a video beyond its limit is refused by its announced length, before it is read", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(film(300_000)),
    });
    const refused = await sendDirectly("POST", `/v1/events/${event.id}/media`, body, {
      ...organizer.user.headers,
      "content-length": String(limits.videoBytesMax + 1),
    });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([413, "events.media_too_large"]);
    expect(await traces(event.id)).toEqual(before);
  });

  test.each(["png", "jpeg", "gif", "webpLossy", "webpLossless", "webpExtended", "avif"] as const)(
    "%s cut short is refused though its length is as announced",
    async (kind) => {
      const organizer = await newOrganizer();
      const event = await createDraft(organizer);
      const before = await traces(event.id);
      const refused = await upload(event.id, whole(kind, 3_000).slice(0, 2_900), { user: organizer.user });
      expect([refused.status, (await problemOf(refused)).code]).toEqual([400, "events.upload_incomplete"]);
      expect(await traces(event.id)).toEqual(before);
    },
  );

  test("a body that is not what its checksum says leaves nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const headers = { "content-digest": await contentDigest(photo(1_000, 1)) };
    const refused = await upload(event.id, photo(1_000, 2), { user: organizer.user, headers });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([400, "events.upload_checksum_mismatch"]);
    expect(await traces(event.id)).toEqual(before);
    expect((await upload(event.id, photo(1_000, 1), { user: organizer.user, headers })).status).toBe(201);
  });
});

describe("order, cover and words", () => {
  test("media come in the order they are put in, and new ones last", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const ids: string[] = [];
    for (const seed of [1, 2, 3]) ids.push((await uploaded(event.id, organizer.user, photo(900, seed))).id);
    const wanted = [ids[2], ids[0], ids[1]];
    const path = `/v1/events/${event.id}/media/order`;
    for (let turn = 0; turn < 2; turn += 1) {
      const ordered = await call("PUT", path, { user: organizer.user, body: { mediaIds: wanted } });
      const { data } = await ordered.json<{ data: MediaView[] }>();
      expect([ordered.status, data.map(({ id }) => id)]).toEqual([200, wanted]);
    }
    const last = await uploaded(event.id, organizer.user, photo(900, 4));
    expect((await listed(event, organizer)).map(({ id }) => id)).toEqual([...wanted, last.id]);
    const page = await call("GET", `/v1/events/${event.id}/media?limit=2`, { user: organizer.user });
    const { nextCursor } = await page.json<{ nextCursor: string }>();
    const rest = await call("GET", `/v1/events/${event.id}/media?limit=2&cursor=${nextCursor}`, {
      user: organizer.user,
    });
    expect((await rest.json<{ data: MediaView[] }>()).data.map(({ id }) => id)).toEqual([ids[1], last.id]);
    expect(await readEvent(event, organizer)).toMatchObject({ cover: { mediaId: ids[0] }, version: 2 });
  });

  test("an order that does not name each once is refused and changes nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const [one, two] = [
      await uploaded(event.id, organizer.user, photo(900, 1)),
      await uploaded(event.id, organizer.user, photo(900, 2)),
    ];
    const stranger = await uploaded((await createDraft(organizer)).id, organizer.user, photo(900, 3));
    for (const mediaIds of [[], [one.id], [two.id, two.id], [two.id, one.id, stranger.id], [two.id, stranger.id]]) {
      const refused = await call("PUT", `/v1/events/${event.id}/media/order`, {
        user: organizer.user,
        body: { mediaIds },
      });
      expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.media_order_mismatch"]);
    }
    expect((await listed(event, organizer)).map(({ id }) => id)).toEqual([one.id, two.id]);
  });

  test("an order does not forget what came at the same moment", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const one = await uploaded(event.id, organizer.user, photo(900, 1));
    let late: MediaView | null = null;
    const app = ownApp((deps) => ({
      media: {
        ...deps.media,
        async order(...asked: Parameters<typeof deps.media.order>) {
          late ??= await uploaded(event.id, organizer.user, photo(900, 2));
          return deps.media.order(...asked);
        },
      },
    }));
    const path = `/v1/events/${event.id}/media/order`;
    const refused = await app.fetch("PUT", path, { user: organizer.user, body: { mediaIds: [one.id] } });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.media_order_mismatch"]);
    expect((await listed(event, organizer)).map(({ id }) => id)).toEqual([one.id, (late as MediaView | null)?.id]);
  });

  test("words and cover show in the event, each as one version of it, and repeated they change nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const [one, two] = [
      await uploaded(event.id, organizer.user, photo(900, 1)),
      await uploaded(event.id, organizer.user, photo(900, 2)),
    ];
    const version = (await readEvent(event, organizer)).version;
    const app = ownApp();
    const patch = (id: string, body: unknown) =>
      app.fetch("PATCH", `/v1/events/${event.id}/media/${id}`, { user: organizer.user, body });
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await patch(two.id, { alt: "  A crowd under lights " });
      expect([answer.status, await answer.json()]).toEqual([200, { ...two, alt: "A crowd under lights" }]);
    }
    expect(await readEvent(event, organizer)).toMatchObject({ version, cover: { mediaId: one.id, alt: "" } });
    for (let turn = 0; turn < 2; turn += 1)
      expect(await (await patch(two.id, { cover: true })).json()).toMatchObject({ id: two.id, cover: true });
    const covered = { mediaId: two.id, alt: "A crowd under lights" };
    expect(await readEvent(event, organizer)).toMatchObject({ version: version + 1, cover: covered });
    await (await patch(two.id, { alt: "" })).text();
    expect(await readEvent(event, organizer)).toMatchObject({
      version: version + 2,
      cover: { mediaId: two.id, alt: "" },
    });
    const told = (await outboxOf(event.id)).filter(({ consumer }) => consumer === "search");
    expect(told.map(({ type, version }) => [type, version])).toEqual([
      ["event.updated", version + 1],
      ["event.updated", version + 2],
    ]);
    const page = await call("GET", `/v1/events/${event.id}`);
    expect(await page.json()).toMatchObject({ cover: { mediaId: two.id } });
  });

  test("a removed cover is followed by the first other image in the order, and never by a video", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const cover = await uploaded(event.id, organizer.user, photo(900, 1));
    const later = await uploaded(event.id, organizer.user, photo(900, 2));
    const first = await uploaded(event.id, organizer.user, photo(900, 3));
    const trailer = await uploaded(event.id, organizer.user, film(2_000));
    const { user } = organizer;
    await call("PUT", `/v1/events/${event.id}/media/order`, {
      user,
      body: { mediaIds: [trailer.id, first.id, cover.id, later.id] },
    });
    const refused = await call("PATCH", `/v1/events/${event.id}/media/${trailer.id}`, { user, body: { cover: true } });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.media_not_cover"]);
    for (const [id, next] of [
      [cover.id, first.id],
      [first.id, later.id],
      [later.id, undefined],
    ] as const) {
      await call("DELETE", `/v1/events/${event.id}/media/${id}`, { user });
      expect((await readEvent(event, organizer)).cover?.mediaId).toBe(next);
    }
  });

  test("words are held to their limit and to one line; nothing else can be changed", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    const path = `/v1/events/${event.id}/media/${media.id}`;
    const { user } = organizer;
    const longest = "x".repeat(limits.mediaAltCharsMax);
    expect((await call("PATCH", path, { user, body: { alt: longest } })).status).toBe(200);
    for (const body of [
      { alt: `${longest}x` },
      { alt: "two\nlines" },
      { alt: "nul\u0000" },
      { cover: false },
      { width: 1 },
    ]) {
      const refused = await call("PATCH", path, { user, body });
      expect([body, refused.status, (await problemOf(refused)).code]).toEqual([body, 422, "request.invalid"]);
    }
    expect(await readEvent(event, organizer)).toMatchObject({ cover: { alt: longest } });
  });

  test("strangers, weak roles, bad tokens and other events change nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const media = await uploaded(event.id, organizer.user);
    const other = await newOrganizer();
    const sibling = await createDraft(organizer);
    const door = await newMember(organizer.organizationId, "door");
    for (const [method, path, body] of [
      ["PATCH", `/v1/events/${event.id}/media/${media.id}`, { alt: "theirs", cover: true }],
      ["PUT", `/v1/events/${event.id}/media/order`, { mediaIds: [media.id] }],
    ] as const) {
      expect((await call(method, path, { body })).status).toBe(401);
      expect((await call(method, path, { body, user: other.user })).status).toBe(404);
      expect((await call(method, path, { body, user: door })).status).toBe(403);
      for (const token of Object.values(await badTokens()))
        expect((await call(method, path, { body, headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
      const elsewhere = await call(method, path.replace(event.id, sibling.id), { body, user: organizer.user });
      expect(elsewhere.status).toBe(method === "PATCH" ? 404 : 409);
    }
    expect(await listed(event, organizer)).toEqual([{ ...media }]);
  });
});
