import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { MediaView, UploadView } from "@foyer/contracts/events/media";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { film, pdf } from "@foyer/testing/films";
import { whole } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { sweepMedia } from "../../src/service/sweep-media.ts";
import {
  call,
  createDraft,
  createPublished,
  newMember,
  newOrganizer,
  problemOf,
  type TestOrganizer,
} from "../helpers.ts";
import {
  complete,
  contentDigest,
  keyOf,
  opened,
  photo,
  sendDirectly,
  sendPart,
  traces,
  upload,
  uploaded,
  usedBytes,
} from "../media-support.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const read = async (event: { readonly id: string }, organizer: TestOrganizer): Promise<EventView> =>
  (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json();
const listed = async (event: { readonly id: string }, organizer: TestOrganizer): Promise<MediaView[]> => {
  const response = await call("GET", `/v1/events/${event.id}/media?limit=100`, { user: organizer.user });
  return (await response.json<{ data: MediaView[] }>()).data;
};

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
    expect(await read(event, organizer)).toMatchObject({ cover: null, version: event.version });
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

describe("the same bytes", () => {
  test("are one object for all events of an organization, which goes with its last row", async () => {
    const organizer = await newOrganizer();
    const [first, second] = [await createDraft(organizer), await createDraft(organizer)];
    const one = await uploaded(first.id, organizer.user, photo(2_000));
    const two = await uploaded(second.id, organizer.user, photo(2_000));
    const three = await uploaded(second.id, organizer.user, photo(2_000));
    expect(new Set([one, two, three].map(({ id }) => id)).size).toBe(3);
    const key = await keyOf(one.id);
    expect([await keyOf(two.id), await keyOf(three.id)]).toEqual([key, key]);
    for (const { id } of [two, three]) expect(await env.MEDIA.head(id)).toBeNull();
    expect(await usedBytes(organizer.organizationId)).toBe(2_000);

    const { user } = organizer;
    expect((await call("DELETE", `/v1/events/${first.id}/media/${one.id}`, { user })).status).toBe(204);
    expect((await call("DELETE", `/v1/events/${second.id}/media/${two.id}`, { user })).status).toBe(204);
    await sweepMedia(ownApp().deps);
    const still = await call("GET", `/v1/media/${three.id}`, { user });
    expect(new Uint8Array(await still.arrayBuffer())).toEqual(photo(2_000));
    expect((await call("DELETE", `/v1/events/${second.id}/media/${three.id}`, { user })).status).toBe(204);
    expect(await env.MEDIA.head(key)).toBeNull();
    expect(await usedBytes(organizer.organizationId)).toBe(0);
  });

  test("are not shared between organizations", async () => {
    const [one, two] = [await newOrganizer(), await newOrganizer()];
    const mine = await uploaded((await createDraft(one)).id, one.user);
    const theirs = await uploaded((await createDraft(two)).id, two.user);
    expect(await keyOf(mine.id)).not.toBe(await keyOf(theirs.id));
  });

  test("sent, removed and swept side by side never leave a row without its bytes, nor bytes without a row", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const { user } = organizer;
    for (let round = 0; round < 4; round += 1) {
      const before = await listed(event, organizer);
      await Promise.all([
        ...before.map(({ id }) => call("DELETE", `/v1/events/${event.id}/media/${id}`, { user })),
        ...Array.from({ length: 3 }, () => upload(event.id, photo(3_000), { user })),
        sweepMedia(ownApp().deps),
      ]);
    }
    const left = await listed(event, organizer);
    expect(left.length).toBeGreaterThan(0);
    for (const { id } of left) {
      const response = await call("GET", `/v1/media/${id}`, { user });
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 3_000]);
    }
    await sweepMedia(ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 2 * 3_600_000 } })).deps);
    const keys = new Set(await Promise.all(left.map(({ id }) => keyOf(id))));
    expect(keys.size).toBe(1);
    expect(await usedBytes(organizer.organizationId)).toBe(3_000);
  });
});

describe("an organization's quota", () => {
  const quotaBytes = 10_000;
  const withQuota = () => ownApp(() => ({ mediaQuotaBytes: quotaBytes }));
  const send = (
    app: ReturnType<typeof ownApp>,
    eventId: string,
    organizer: TestOrganizer,
    body: Uint8Array<ArrayBuffer>,
  ) =>
    sendDirectly("POST", `/v1/events/${eventId}/media`, body, organizer.user.headers, () => ({
      mediaQuotaBytes: app.deps.mediaQuotaBytes,
    }));

  test("is held to the byte, below, at and above, and what is removed is free again", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    expect((await send(app, event.id, organizer, photo(6_000, 1))).status).toBe(201);
    const before = await traces(event.id);
    const above = await send(app, event.id, organizer, photo(4_001, 2));
    expect(above.status).toBe(409);
    expect(await problemOf(above)).toMatchObject({ code: "events.media_quota_exceeded", quotaBytes });
    expect(await traces(event.id)).toEqual(before);
    const atLimit = await send(app, event.id, organizer, photo(4_000, 3));
    expect(atLimit.status).toBe(201);
    expect((await send(app, event.id, organizer, photo(500, 4))).status).toBe(409);
    // What the organization has already takes up nothing.
    expect((await send(app, event.id, organizer, photo(6_000, 1))).status).toBe(201);
    expect(await usedBytes(organizer.organizationId)).toBe(quotaBytes);
    const media: MediaView = await atLimit.json();
    await call("DELETE", `/v1/events/${event.id}/media/${media.id}`, { user: organizer.user });
    expect((await send(app, event.id, organizer, photo(500, 4))).status).toBe(201);
  });

  test("lets through what fits of several that race", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((seed) => send(app, event.id, organizer, photo(4_000, seed))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect(await usedBytes(organizer.organizationId)).toBe(8_000);
    expect((await listed(event, organizer)).length).toBe(2);
  });

  test("counts uploads that are open with all that they will be, and no more when they are over", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    const { user } = organizer;
    const path = `/v1/events/${event.id}/media/uploads`;
    const open = (sizeBytes: number) =>
      app.fetch("POST", path, { user, body: { contentType: "image/png", sizeBytes } });
    const first = await open(7_000);
    expect(first.status).toBe(201);
    expect((await open(3_001)).status).toBe(409);
    expect((await send(app, event.id, organizer, photo(3_001, 1))).status).toBe(409);
    expect((await send(app, event.id, organizer, photo(3_000, 2))).status).toBe(201);
    const parts: UploadView = await first.json();
    await (await sendPart(parts, user, 1, photo(7_000, 3))).text();
    expect((await app.fetch("POST", `${path}/${parts.id}/complete`, { user })).status).toBe(201);
    expect(await usedBytes(organizer.organizationId)).toBe(quotaBytes);
    const media = await listed(event, organizer);
    for (const { id } of media) await call("DELETE", `/v1/events/${event.id}/media/${id}`, { user });
    const aborted: UploadView = await (await open(10_000)).json();
    expect((await open(1)).status).toBe(409);
    await call("DELETE", `${path}/${aborted.id}`, { user });
    expect((await open(10_000)).status).toBe(201);
  });

  test("is the same after an event is deleted with its media", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    await uploaded(event.id, organizer.user, photo(4_000));
    const parts = await opened(event.id, organizer.user, { contentType: "image/png", sizeBytes: 900 });
    expect((await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(204);
    expect(await usedBytes(organizer.organizationId)).toBe(0);
    expect((await complete(parts, organizer.user)).status).toBe(404);
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
    expect(await read(event, organizer)).toMatchObject({ cover: { mediaId: ids[0] }, version: 2 });
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
    const version = (await read(event, organizer)).version;
    const app = ownApp();
    const patch = (id: string, body: unknown) =>
      app.fetch("PATCH", `/v1/events/${event.id}/media/${id}`, { user: organizer.user, body });
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await patch(two.id, { alt: "  A crowd under lights " });
      expect([answer.status, await answer.json()]).toEqual([200, { ...two, alt: "A crowd under lights" }]);
    }
    expect(await read(event, organizer)).toMatchObject({ version, cover: { mediaId: one.id, alt: "" } });
    for (let turn = 0; turn < 2; turn += 1)
      expect(await (await patch(two.id, { cover: true })).json()).toMatchObject({ id: two.id, cover: true });
    const covered = { mediaId: two.id, alt: "A crowd under lights" };
    expect(await read(event, organizer)).toMatchObject({ version: version + 1, cover: covered });
    await (await patch(two.id, { alt: "" })).text();
    expect(await read(event, organizer)).toMatchObject({ version: version + 2, cover: { mediaId: two.id, alt: "" } });
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
      expect((await read(event, organizer)).cover?.mediaId).toBe(next);
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
    expect(await read(event, organizer)).toMatchObject({ cover: { alt: longest } });
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

describe("signed addresses", () => {
  const query = (url: string) => new URL(url).search;

  test("open a draft's media to who was given them, for a while, and are kept by nobody else", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    const { cover } = await read(event, organizer);
    expect(cover?.url).toBe(media.url);
    const response = await call("GET", `/v1/media/${media.id}${query(media.url)}`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([
      200,
      `private, max-age=${limits.mediaUrlKeptSeconds}`,
    ]);
    await response.arrayBuffer();
    const published = await call("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    expect((await published.json<EventView>()).cover?.url).toBe(`http://localhost:8787/v1/media/${media.id}`);
  });

  test("expired, forged, cut or for other media they open nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user, photo(900, 1));
    const other = await uploaded(event.id, organizer.user, photo(900, 2));
    const params = new URL(media.url).searchParams;
    const [expires, signature] = [Number(params.get("expires")), params.get("signature") ?? ""];
    const at = (id: string, end: number | string, signed: string) =>
      call("GET", `/v1/media/${id}?expires=${end}&signature=${signed}`);
    expect((await at(media.id, expires, signature)).status).toBe(200);
    const forged = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    for (const [id, end, signed] of [
      [other.id, expires, signature],
      [media.id, expires + 1, signature],
      [media.id, expires - 3_600, signature],
      [media.id, expires, forged],
    ] as const)
      expect([(await at(id, end, signed)).status, id]).toEqual([404, id]);
    expect((await call("GET", `/v1/media/${media.id}?expires=${expires}`)).status).toBe(404);
    expect((await at(media.id, expires, signature.slice(1))).status).toBe(422);
    const path = `/v1/media/${media.id}?expires=${expires}&signature=${signature}`;
    for (const [nowMs, status] of [
      [expires * 1_000 - 1, 200],
      [expires * 1_000, 404],
    ] as const) {
      const deps = ownApp().deps;
      const { createMediaAddresses } = await import("../../src/clients/media-addresses.ts");
      const mediaAddresses = createMediaAddresses(env.EVENT_ACCESS_SECRET, deps.publicUrl, () => nowMs);
      expect((await ownApp(() => ({ mediaAddresses })).fetch("GET", path)).status).toBe(status);
    }
  });

  test.each(["private", "password"])(
    "are all that opens media of a %s event, and end when it is gated anew",
    async (visibility) => {
      const organizer = await newOrganizer();
      const event = await createPublished(organizer);
      const media = await uploaded(event.id, organizer.user);
      await env.EVENTS_DB.prepare("UPDATE events SET visibility = ?2 WHERE id = ?1").bind(event.id, visibility).run();
      expect((await call("GET", `/v1/media/${media.id}`)).status).toBe(404);
      expect((await call("GET", `/v1/media/${media.id}`, { user: (await newOrganizer()).user })).status).toBe(404);
      const member = await call("GET", `/v1/media/${media.id}`, { user: organizer.user });
      expect([member.status, member.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
      const [gated] = await listed(event, organizer);
      const signed = `/v1/media/${media.id}${query(gated?.url ?? media.url)}`;
      expect((await call("GET", signed)).status).toBe(200);
      await env.EVENTS_DB.prepare("UPDATE events SET access_version = access_version + 1 WHERE id = ?1")
        .bind(event.id)
        .run();
      expect((await call("GET", signed)).status).toBe(404);
    },
  );

  test("of a media that does not exist say nothing", async () => {
    const response = await call("GET", `/v1/media/${newId("media", 1)}?expires=1&signature=${"A".repeat(43)}`);
    expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.media_not_found"]);
  });
});
