import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { EventView, MediaView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { headers, joined, padded, text, whole } from "@foyer/testing/images";
import { badTokens, newTestUser, type TestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { createEventsApp } from "../../src/app.ts";
import { createDeps, type Deps } from "../../src/deps.ts";
import { sweepMedia } from "../../src/service/sweep-media.ts";
import { call, createDraft, createPublished, move, newMember, newOrganizer, problemOf } from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

function upload(
  eventId: string,
  body: BodyInit | null,
  options: { readonly user?: TestUser; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  return exports.default.fetch(`https://events.example/v1/events/${eventId}/media`, {
    method: "POST",
    headers: { "content-type": "image/png", ...options.user?.headers, ...options.headers },
    body,
  });
}

/** An upload whose body and length header reach the worker as they are, as they would from a raw connection. */
async function uploadDirectly(
  eventId: string,
  body: BodyInit,
  headers: Record<string, string>,
  change: (deps: Deps) => Partial<Deps> = () => ({}),
): Promise<Response> {
  const base = createDeps(env);
  const app = createEventsApp(() => ({ ...base, ...change(base) }));
  const context = createExecutionContext();
  const url = `https://events.example/v1/events/${eventId}/media`;
  const response = await app.fetch(new Request(url, { method: "POST", headers, body }), env, context);
  await waitOnExecutionContext(context);
  return response;
}

async function uploaded(eventId: string, user: TestUser, body: BodyInit = photo()): Promise<MediaView> {
  const response = await upload(eventId, body, { user });
  expect(response.status).toBe(201);
  return response.json();
}

const photo = (lengthBytes = 1_000) => whole("png", lengthBytes);

/** A body whose length is not known beforehand, in chunks that fit no boundary. */
function stream(bytes: Uint8Array, chunkBytes = 70_001, breakAt = Number.POSITIVE_INFINITY): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= breakAt) return controller.error(new Error("the line went dead"));
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
    },
  });
}

/** Everything that an upload could have left of itself. */
async function traces(eventId: string) {
  const rows = await env.EVENTS_DB.prepare("SELECT id FROM media WHERE event_id = ?1").bind(eventId).all();
  const pending = await env.EVENTS_DB.prepare("SELECT media_id FROM media_removals").all();
  const objects = await env.MEDIA.list();
  return { rows: rows.results.length, pending: pending.results.length, objects: objects.objects.length };
}

describe("uploading", () => {
  test("an image is kept as it came, with type, size and digest read from it, and the first is the cover", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const body = photo(300_000);
    const response = await upload(event.id, body, { user: organizer.user, headers: { "content-type": "text/html" } });
    expect(response.status).toBe(201);
    const media: MediaView = await response.json();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    expect(media).toMatchObject({
      eventId: event.id,
      contentType: "image/png",
      sizeBytes: 300_000,
      width: 640,
      height: 480,
      sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
      cover: true,
      url: `http://localhost:8787/v1/media/${media.id}`,
    });
    const delivered = await call("GET", `/v1/media/${media.id}`, { user: organizer.user });
    expect(new Uint8Array(await delivered.arrayBuffer())).toEqual(body);
    const second = await uploaded(event.id, organizer.user);
    expect(second.cover).toBe(false);
    const now: EventView = await (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json();
    expect(now).toMatchObject({ version: 2, cover: { mediaId: media.id, width: 640, height: 480 } });
    const list = await call("GET", `/v1/events/${event.id}/media`, { user: organizer.user });
    expect(await list.json()).toEqual({ data: [media, second], nextCursor: null });
  });

  test.each(["jpeg", "gif", "webpLossy", "webpLossless", "webpExtended", "avif"] as const)(
    "%s is taken",
    async (kind) => {
      const organizer = await newOrganizer();
      const event = await createDraft(organizer);
      const media = await uploaded(event.id, organizer.user, padded(headers[kind](800, 600), 500));
      expect(media).toMatchObject({ width: 800, height: 600 });
    },
  );

  test("a body of unknown length is taken, within one part and over several", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    for (const lengthBytes of [2_000, limits.uploadPartBytes, limits.uploadPartBytes + 1, limits.imageBytesMax]) {
      const body = photo(lengthBytes);
      const media = await uploaded(event.id, organizer.user, stream(body));
      expect(media.sizeBytes).toBe(lengthBytes);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
      expect(media.sha256).toBe(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""));
      const object = await env.MEDIA.get(media.id);
      expect(object?.size).toBe(lengthBytes);
    }
  });

  test("a body of unknown length that was cut short on its way is found out by its end", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    for (const kind of ["png", "jpeg", "gif", "webpLossy", "avif"] as const) {
      const file = whole(kind, 6_000_000);
      const cut = await upload(event.id, stream(file.slice(0, 5_500_003)), { user: organizer.user });
      expect([kind, cut.status, (await problemOf(cut)).code]).toEqual([kind, 400, "events.upload_incomplete"]);
    }
    expect(await traces(event.id)).toEqual(before);
    for (const kind of ["png", "jpeg", "gif", "webpLossy", "avif"] as const)
      await uploaded(event.id, organizer.user, stream(whole(kind, 600_000)));
  });

  test("an image of exactly the limit is taken", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    expect((await uploaded(event.id, organizer.user, photo(limits.imageBytesMax))).sizeBytes).toBe(
      limits.imageBytesMax,
    );
  });

  test.each([
    ["SVG", () => text('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 415, "events.unsupported_media"],
    [
      "HTML that is called a PNG",
      () => text("<!doctype html><script>alert(1)</script>"),
      415,
      "events.unsupported_media",
    ],
    [
      "an image with a script in it",
      () => joined(photo(), text("<script>x</script>")),
      415,
      "events.unsupported_media",
    ],
    ["a header cut off", () => photo().slice(0, 20), 415, "events.unsupported_media"],
    ["a few bytes", () => text("GIF"), 415, "events.unsupported_media"],
    ["nothing", () => text(""), 415, "events.unsupported_media"],
    ["a picture of 30 000 pixels", () => padded(headers.png(30_000, 30_000), 500), 415, "events.unsupported_media"],
    ["a byte more than the limit", () => photo(limits.imageBytesMax + 1), 413, "events.media_too_large"],
    ["an endless stream", () => stream(photo(limits.imageBytesMax + 200_000)), 413, "events.media_too_large"],
  ])("%s is refused and leaves nothing", async (_what, body, status, code) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const response = await upload(event.id, body(), { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([status, code]);
    expect(await traces(event.id)).toEqual(before);
    const now: EventView = await (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json();
    expect(now).toMatchObject({ version: 1, cover: null });
  });

  test.each([
    ["longer", 400, 500],
    ["shorter", 300_000, 299_000],
    ["shorter beyond the header", 400_000, 300_000],
  ])("a Content-Length that says the body is %s than it is, is found out", async (_what, claimed, real) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const response = await uploadDirectly(event.id, stream(photo(real)), {
      ...organizer.user.headers,
      "content-length": String(claimed),
    });
    expect([response.status, (await problemOf(response)).code]).toEqual([400, "events.upload_incomplete"]);
    expect(await traces(event.id)).toEqual(before);
  });

  test.each([
    ["within its header", 5_000, 1_000, 2_000],
    ["within its first part", 4_000_000, 70_000, 3_000_000],
    ["after its first part", 9_000_000, 70_000, 8_000_000],
  ])("a stream that breaks off %s is refused and leaves nothing", async (_what, length, chunk, breakAt) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    for (const declared of [{}, { "content-length": String(length) }]) {
      const body = stream(photo(length), chunk, breakAt);
      const response = await uploadDirectly(event.id, body, { ...organizer.user.headers, ...declared });
      expect([response.status, (await problemOf(response)).code]).toEqual([400, "events.upload_incomplete"]);
      expect(await traces(event.id)).toEqual(before);
    }
  });

  test("a bucket that fails is an outage, and nothing is left", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const response = await uploadDirectly(event.id, photo(), organizer.user.headers, (deps) => ({
      images: { ...deps.images, store: () => Promise.reject(new Error("bucket is down")) },
    }));
    expect([response.status, (await problemOf(response)).code]).toEqual([503, "platform.unavailable"]);
    expect(await traces(event.id)).toEqual(before);
  });

  test("an image whose row cannot be written leaves no object", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const before = await traces(event.id);
    const response = await uploadDirectly(event.id, photo(), organizer.user.headers, (deps) => ({
      media: { ...deps.media, completeUpload: async () => "overtaken" as const },
    }));
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.changed_meanwhile"]);
    expect(await traces(event.id)).toEqual(before);
  });

  test("an upload that died is swept, one that was completed is not", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const kept = await uploaded(event.id, organizer.user);
    const { deps } = ownApp();
    const dead = newId("media", Date.now());
    await deps.media.beginUpload(dead, Date.now() + 1_000);
    await env.MEDIA.put(dead, photo());
    await sweepMedia(deps);
    expect(await env.MEDIA.head(dead)).not.toBeNull();
    const later = { ...deps, clock: { nowMs: () => Date.now() + 2_000 } };
    expect(await sweepMedia(later)).toBe(1);
    expect(await sweepMedia(later)).toBe(0);
    expect(await env.MEDIA.head(dead)).toBeNull();
    expect(await env.MEDIA.head(kept.id)).not.toBeNull();
  });

  test("images sent side by side all arrive, one of them as the cover", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const all = await Promise.all(Array.from({ length: 6 }, () => uploaded(event.id, organizer.user)));
    expect(all.filter(({ cover }) => cover)).toHaveLength(1);
    const list = await call("GET", `/v1/events/${event.id}/media?limit=4`, { user: organizer.user });
    const page: { data: MediaView[]; nextCursor: string } = await list.json();
    const rest = await call("GET", `/v1/events/${event.id}/media?cursor=${page.nextCursor}`, { user: organizer.user });
    const more: { data: MediaView[]; nextCursor: null } = await rest.json();
    expect([...page.data, ...more.data].map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort());
  });

  test("an event has no more images than it can have", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    for (let count = 0; count < limits.mediaPerEventMax; count += 1) await uploaded(event.id, organizer.user);
    const response = await upload(event.id, photo(), { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.too_many_media"]);
  });

  test("a published event's new cover is told, a cancelled event takes no image", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const media = await uploaded(event.id, organizer.user);
    expect(await (await call("GET", `/v1/events/${event.id}`)).json()).toMatchObject({
      cover: { mediaId: media.id },
    });
    const cancelled = await move(organizer, event, "cancel");
    const response = await upload(cancelled.id, photo(), { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.not_editable"]);
  });
});

describe("delivering", () => {
  test("a published event's image may be kept by anyone and cannot become a document", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const media = await uploaded(event.id, organizer.user);
    const response = await call("GET", `/v1/media/${media.id}`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${media.sha256}"`,
      "content-type": "image/png",
      "content-length": "1000",
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=86400, immutable",
    });
    await response.arrayBuffer();
    const known = await call("GET", `/v1/media/${media.id}`, { headers: { "if-none-match": `"${media.sha256}"` } });
    expect([known.status, (await known.arrayBuffer()).byteLength]).toEqual([304, 0]);
    const head = await call("HEAD", `/v1/media/${media.id}`);
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "1000"]);
  });

  test("a stretch is answered as asked, and one outside is refused with the length", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const body = photo();
    const media = await uploaded(event.id, organizer.user, body);
    const get = (range: string, more: Record<string, string> = {}) =>
      call("GET", `/v1/media/${media.id}`, { headers: { range, ...more } });
    for (const [range, from, to] of [
      ["bytes=0-99", 0, 100],
      ["bytes=100-100", 100, 101],
      ["bytes=900-", 900, 1_000],
      ["bytes=900-5000", 900, 1_000],
      ["bytes=-10", 990, 1_000],
      ["bytes=-5000", 0, 1_000],
    ] as const) {
      const response = await get(range);
      expect([range, response.status]).toEqual([range, 206]);
      expect(response.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/1000`);
      expect(response.headers.get("content-length")).toBe(String(to - from));
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(body.slice(from, to));
    }
    for (const range of ["bytes=1000-", "bytes=1000-2000", "bytes=-0"]) {
      const response = await get(range);
      expect([range, response.status]).toEqual([range, 416]);
      expect(response.headers.get("content-range")).toBe("bytes */1000");
      expect((await problemOf(response)).code).toBe("events.range_not_satisfiable");
    }
    for (const range of ["bytes=0-1,5-6", "lines=1-2", "bytes=9-1", "bytes=-", "nonsense"]) {
      const response = await get(range);
      expect([range, response.status, (await response.arrayBuffer()).byteLength]).toEqual([range, 200, 1_000]);
    }
    const same = await get("bytes=0-9", { "if-range": `"${media.sha256}"` });
    expect([same.status, (await same.arrayBuffer()).byteLength]).toEqual([206, 10]);
    const other = await get("bytes=0-9", { "if-range": '"other"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, 1_000]);
  });

  test("a draft's image exists for members only, and nobody keeps it", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    for (const path of [`/v1/media/${media.id}`, `/v1/events/${event.id}/media`]) {
      expect((await call("GET", path)).status).toBe(404);
      expect((await call("GET", path, { user: (await newOrganizer()).user })).status).toBe(404);
      for (const [what, token] of Object.entries(await badTokens())) {
        const response = await call("GET", path, { headers: { authorization: `Bearer ${token}` } });
        expect([what, response.status]).toEqual([what, 401]);
      }
      const member = await call("GET", path, { user: await newMember(organizer.organizationId, "door") });
      expect([member.status, member.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
      await member.arrayBuffer();
    }
    const absent = await call("GET", `/v1/media/${newId("media", Date.now())}`);
    expect([absent.status, (await problemOf(absent)).code]).toEqual([404, "events.media_not_found"]);
    expect((await call("GET", "/v1/media/..%2f..%2fetc")).status).toBe(404);
  });
});

describe("removing", () => {
  test("row and bytes go, and the oldest of the others becomes the cover", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const first = await uploaded(event.id, organizer.user);
    const second = await uploaded(event.id, organizer.user);
    const app = ownApp();
    const { user } = organizer;
    expect((await app.fetch("DELETE", `/v1/events/${event.id}/media/${first.id}`, { user })).status).toBe(204);
    expect((await call("GET", `/v1/media/${first.id}`)).status).toBe(404);
    expect(await env.MEDIA.head(first.id)).toBeNull();
    const now = await call("GET", `/v1/events/${event.id}`, { user });
    expect(await now.json()).toMatchObject({ cover: { mediaId: second.id }, version: event.version + 2 });
    const told = await outboxOf(event.id);
    expect(told.map(({ type }) => type)).toEqual(["event.updated", "event.updated"]);
    expect((await app.fetch("DELETE", `/v1/events/${event.id}/media/${second.id}`, { user })).status).toBe(204);
    expect(await (await call("GET", `/v1/events/${event.id}`, { user })).json()).toMatchObject({ cover: null });
    expect((await app.fetch("DELETE", `/v1/events/${event.id}/media/${second.id}`, { user })).status).toBe(404);
  });

  test("an image is not reached through another event", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const other = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    const response = await call("DELETE", `/v1/events/${other.id}/media/${media.id}`, { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.media_not_found"]);
    expect(await env.MEDIA.head(media.id)).not.toBeNull();
  });

  test("a deleted draft takes its images with it", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user);
    expect((await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(204);
    expect((await call("GET", `/v1/media/${media.id}`, { user: organizer.user })).status).toBe(404);
    await sweepMedia(ownApp().deps);
    expect(await env.MEDIA.head(media.id)).toBeNull();
  });
});

test("strangers, weak roles and bad tokens neither send nor remove images", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const media = await uploaded(event.id, organizer.user);
  const before = await traces(event.id);
  const path = `/v1/events/${event.id}/media/${media.id}`;
  const door = await newMember(organizer.organizationId, "door");
  const other = (await newOrganizer()).user;
  const attempts: [Response, number][] = [
    [await upload(event.id, photo()), 401],
    [await upload(event.id, photo(), { user: other }), 404],
    [await upload(event.id, photo(), { user: await newTestUser() }), 404],
    [await upload(event.id, photo(), { user: door }), 403],
    [await upload(newId("event", 1), photo(), { user: other }), 404],
    [await call("DELETE", path), 401],
    [await call("DELETE", path, { user: other }), 404],
    [await call("DELETE", path, { user: door }), 403],
  ];
  expect(attempts.map(([response]) => response.status)).toEqual(attempts.map(([, status]) => status));
  for (const token of Object.values(await badTokens())) {
    const authorization = `Bearer ${token}`;
    expect((await upload(event.id, photo(), { headers: { authorization } })).status).toBe(401);
    expect((await call("DELETE", path, { headers: { authorization } })).status).toBe(401);
  }
  expect(await traces(event.id)).toEqual(before);
});
