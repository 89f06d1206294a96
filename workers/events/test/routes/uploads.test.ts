import { env } from "cloudflare:workers";
import type { MediaView, UploadView } from "@foyer/contracts/events/media";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { film, pdf } from "@foyer/testing/films";
import { text, whole } from "@foyer/testing/images";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { sweepMedia } from "../../src/service/sweep-media.ts";
import { call, createDraft, newMember, newOrganizer, problemOf } from "../helpers.ts";
import {
  complete,
  contentDigest,
  opened,
  openUpload,
  sendDirectly,
  sendPart,
  sha256,
  stream,
  traces,
  uploaded,
} from "../media-support.ts";
import { ownApp } from "../own-app.ts";

const partBytes = limits.uploadPartBytes;
const filmBytes = 2 * partBytes + 1_234;
const ofFilm = { contentType: "video/mp4", sizeBytes: filmBytes };
const pathOf = (upload: UploadView) => `/v1/events/${upload.eventId}/media/uploads/${upload.id}`;

async function newUpload(body: Record<string, unknown> = ofFilm) {
  const organizer = await newOrganizer();
  const event = await createDraft(organizer);
  return { organizer, user: organizer.user, event, upload: await opened(event.id, organizer.user, body) };
}

describe("an upload in parts", () => {
  test("is one file whatever the order of its parts, and completed twice it is the same", async () => {
    const file = film(filmBytes, { width: 1_920, height: 1_080 });
    const { user, event, upload } = await newUpload({ ...ofFilm, sha256: await sha256(file), alt: "The trailer" });
    expect(upload).toMatchObject({ status: "open", partBytes, partsCount: 3, parts: [], mediaId: null });
    for (const number of [3, 1, 2]) {
      const response = await sendPart(upload, user, number, file);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ number, sizeBytes: number === 3 ? 1_234 : partBytes });
    }
    const state: UploadView = await (await call("GET", pathOf(upload), { user })).json();
    expect(state.parts.map(({ number }) => number)).toEqual([1, 2, 3]);

    const first = await complete(upload, user);
    expect(first.status).toBe(201);
    const media: MediaView = await first.json();
    expect(media).toMatchObject({
      kind: "video",
      contentType: "video/mp4",
      sizeBytes: filmBytes,
      width: 1_920,
      height: 1_080,
      alt: "The trailer",
      cover: false,
    });
    const again = await complete(upload, user);
    expect([again.status, await again.json()]).toEqual([201, media]);
    const list = await call("GET", `/v1/events/${event.id}/media`, { user });
    expect(await list.json()).toEqual({ data: [media], nextCursor: null });

    const delivered = await call("GET", `/v1/media/${media.id}`, { user });
    const bytes = new Uint8Array(await delivered.arrayBuffer());
    expect(await sha256(bytes)).toBe(media.sha256);
    expect(bytes.subarray(partBytes, 2 * partBytes)).toEqual(file.subarray(partBytes, 2 * partBytes));
    const left = await env.MEDIA.list({ prefix: upload.id });
    expect(left.objects).toEqual([]);
  });

  test("completed at once by two is one row and one object", async () => {
    const file = whole("png", partBytes + 500);
    const { user, event, upload } = await newUpload({ contentType: "image/png", sizeBytes: file.length });
    for (const number of [1, 2]) await (await sendPart(upload, user, number, file)).text();
    const answers = await Promise.all([complete(upload, user), complete(upload, user), complete(upload, user)]);
    const media = await Promise.all(answers.map((answer) => answer.json<MediaView>()));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(media.map(({ id }) => id)).size).toBe(1);
    expect(await traces(event.id)).toMatchObject({ rows: 1 });
    for (const { id } of media) expect((await env.MEDIA.list({ prefix: id })).objects).toHaveLength(1);
  });

  test("takes a part again, and the last one counts", async () => {
    const file = pdf(partBytes + 2_000);
    const { user, upload } = await newUpload({ contentType: "application/pdf", sizeBytes: file.length });
    const other = file.slice().fill(0x20, 0, partBytes);
    expect((await sendPart(upload, user, 1, other)).status).toBe(200);
    expect((await sendPart(upload, user, 2, file)).status).toBe(200);
    expect((await sendPart(upload, user, 1, file)).status).toBe(200);
    expect((await sendPart(upload, user, 1, file)).status).toBe(200);
    const media: MediaView = await (await complete(upload, user)).json();
    expect(media).toMatchObject({ kind: "document", width: null, height: null, sha256: await sha256(file) });
  });

  test("a part that breaks off, or is not what its checksum says, leaves what was there before", async () => {
    const file = whole("png", partBytes + 500);
    const { user, upload } = await newUpload({ contentType: "image/png", sizeBytes: file.length });
    const first = file.slice(0, partBytes);
    expect((await sendPart(upload, user, 1, file, { "content-digest": await contentDigest(first) })).status).toBe(200);
    const wrong = await sendPart(upload, user, 1, whole("jpeg", partBytes), {
      "content-digest": `sha-512=:AAAA:, ${await contentDigest(first)}`,
    });
    expect([wrong.status, (await problemOf(wrong)).code]).toEqual([400, "events.upload_checksum_mismatch"]);
    const path = `${pathOf(upload)}/parts/1`;
    for (const body of [
      stream(file, 70_001, 3_000_000), // breaks off
      stream(first.slice(0, -1)), // a byte too short
      stream(file), // longer than the part
    ]) {
      const broken = await sendDirectly("PUT", path, body, user.headers);
      expect([broken.status, (await problemOf(broken)).code]).toEqual([400, "events.upload_incomplete"]);
    }
    const malformed = await sendPart(upload, user, 1, file, { "content-digest": "sha-256=:nonsense:" });
    expect([malformed.status, (await problemOf(malformed)).code]).toEqual([422, "request.invalid"]);
    await (await sendPart(upload, user, 2, file)).text();
    const media: MediaView = await (await complete(upload, user)).json();
    expect(media.sha256).toBe(await sha256(file));
  });

  test("is not completed while parts are missing, and says which", async () => {
    const file = film(filmBytes);
    const { user, event, upload } = await newUpload();
    await (await sendPart(upload, user, 2, file)).text();
    const early = await complete(upload, user);
    expect(early.status).toBe(409);
    expect(await problemOf(early)).toMatchObject({ code: "events.upload_parts_missing", missing: [1, 3] });
    // Two different parts under one number at once: the row is about bytes that are not there any more.
    for (const number of [1, 3]) await (await sendPart(upload, user, number, file)).text();
    await env.MEDIA.put(`${upload.id}/2`, "something else");
    const torn = await complete(upload, user);
    expect(await problemOf(torn)).toMatchObject({ code: "events.upload_parts_missing", missing: [2] });
    expect(await traces(event.id)).toMatchObject({ rows: 0 });
    await (await sendPart(upload, user, 2, file)).text();
    expect((await complete(upload, user)).status).toBe(201);
  });

  test.each<[string, Record<string, unknown>, () => Uint8Array<ArrayBuffer>, number, string]>([
    [
      "of another type than announced",
      { contentType: "image/jpeg" },
      () => whole("png", 900),
      415,
      "events.unsupported_media",
    ],
    [
      "that is SVG",
      { contentType: "image/png" },
      () => text(`<svg onload="x">${" ".repeat(900)}</svg>`),
      415,
      "events.unsupported_media",
    ],
    [
      "that is cut short",
      { contentType: "video/mp4" },
      () => film(2_000).slice(0, 1_500),
      400,
      "events.upload_incomplete",
    ],
    [
      "that acts",
      { contentType: "application/pdf" },
      () => pdf(3_000, "<< /S /JavaScript /JS (x) >>"),
      415,
      "events.unsupported_media",
    ],
    [
      "with another checksum",
      { contentType: "image/png", sha256: "0".repeat(64) },
      () => whole("png", 900),
      400,
      "events.upload_checksum_mismatch",
    ],
  ])("a file %s is refused, and the upload stays open", async (_what, announced, make, status, code) => {
    const file = make();
    const { user, event, upload } = await newUpload({ ...announced, sizeBytes: file.length });
    await (await sendPart(upload, user, 1, file)).text();
    const before = await traces(event.id);
    const refused = await complete(upload, user);
    expect([refused.status, (await problemOf(refused)).code]).toEqual([status, code]);
    expect(await traces(event.id)).toEqual(before);
    const state: UploadView = await (await call("GET", pathOf(upload), { user })).json();
    expect(state).toMatchObject({ status: "open", mediaId: null });
  });

  test("given up it is gone with its parts, twice too, and takes nothing any more", async () => {
    const file = film(filmBytes);
    const { user, event, upload } = await newUpload();
    await (await sendPart(upload, user, 1, file)).text();
    for (let turn = 0; turn < 2; turn += 1) expect((await call("DELETE", pathOf(upload), { user })).status).toBe(204);
    expect((await env.MEDIA.list({ prefix: upload.id })).objects).toEqual([]);
    for (const response of [await sendPart(upload, user, 1, file), await complete(upload, user)])
      expect([response.status, (await problemOf(response)).code]).toEqual([410, "events.upload_over"]);
    expect(await traces(event.id)).toMatchObject({ rows: 0 });
  });

  test("completed it cannot be given up, and what it became can be removed", async () => {
    const file = whole("png", 900);
    const { user, event, upload } = await newUpload({ contentType: "image/png", sizeBytes: 900 });
    await (await sendPart(upload, user, 1, file)).text();
    const media: MediaView = await (await complete(upload, user)).json();
    const late = await call("DELETE", pathOf(upload), { user });
    expect([late.status, (await problemOf(late)).code]).toEqual([410, "events.upload_over"]);
    expect((await call("DELETE", `/v1/events/${event.id}/media/${media.id}`, { user })).status).toBe(204);
    const again = await complete(upload, user);
    expect([again.status, (await problemOf(again)).code]).toEqual([404, "events.media_not_found"]);
  });

  test("expired it is over, and swept with what had arrived", async () => {
    const file = film(filmBytes);
    const { user, event, upload } = await newUpload();
    await (await sendPart(upload, user, 1, file)).text();
    const endMs = Date.parse(upload.expiresAt);
    const at = (nowMs: number) => ownApp(() => ({ clock: { nowMs: () => nowMs } })).deps;
    await sweepMedia(at(endMs));
    expect((await env.MEDIA.list({ prefix: upload.id })).objects).toHaveLength(1);
    const late = await sendDirectly("PUT", `${pathOf(upload)}/parts/1`, file.slice(0, partBytes), user.headers, () => ({
      clock: { nowMs: () => endMs },
    }));
    expect([late.status, (await problemOf(late)).code]).toEqual([410, "events.upload_over"]);
    expect(await sweepMedia(at(endMs + 3_600_001))).toBeGreaterThan(0);
    expect((await env.MEDIA.list({ prefix: upload.id })).objects).toEqual([]);
    expect((await call("GET", pathOf(upload), { user })).status).toBe(404);
    expect(await traces(event.id)).toMatchObject({ rows: 0 });
  });

  test("the bodies that open one are held to their limits", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const answers: [Record<string, unknown>, number, string][] = [
      [{ contentType: "video/mp4", sizeBytes: limits.videoBytesMax }, 201, ""],
      [{ contentType: "video/mp4", sizeBytes: limits.videoBytesMax + 1 }, 422, "request.invalid"],
      [{ contentType: "image/png", sizeBytes: limits.imageBytesMax }, 201, ""],
      [{ contentType: "image/png", sizeBytes: limits.imageBytesMax + 1 }, 413, "events.media_too_large"],
      [{ contentType: "application/pdf", sizeBytes: limits.documentBytesMax }, 201, ""],
      [{ contentType: "application/pdf", sizeBytes: limits.documentBytesMax + 1 }, 413, "events.media_too_large"],
      [{ contentType: "image/svg+xml", sizeBytes: 10 }, 422, "request.invalid"],
      [{ contentType: "image/png", sizeBytes: 0 }, 422, "request.invalid"],
      [{ contentType: "image/png", sizeBytes: 1, alt: "x".repeat(limits.mediaAltCharsMax) }, 201, ""],
      [
        { contentType: "image/png", sizeBytes: 1, alt: "x".repeat(limits.mediaAltCharsMax + 1) },
        422,
        "request.invalid",
      ],
      [{ contentType: "image/png", sizeBytes: 1, sha256: "abc" }, 422, "request.invalid"],
    ];
    for (const [body, status, code] of answers) {
      const response = await openUpload(event.id, organizer.user, body);
      expect([body, response.status]).toEqual([body, status]);
      if (status > 299) expect((await problemOf(response)).code).toBe(code);
      else await response.text();
    }
  });

  test("an organization has as many under way as the limit says", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const body = { contentType: "image/png", sizeBytes: 10 };
    const all = await Promise.all(
      Array.from({ length: limits.uploadsOpenPerOrganizationMax + 2 }, () =>
        openUpload(event.id, organizer.user, body),
      ),
    );
    const refused = all.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(2);
    for (const each of refused) expect((await problemOf(each)).code).toBe("events.too_many_uploads");
    const first: UploadView = await (all.find(({ status }) => status === 201) ?? new Response()).json();
    await call("DELETE", pathOf(first), { user: organizer.user });
    expect((await openUpload(event.id, organizer.user, body)).status).toBe(201);
  });

  test("parts that it does not have are absent, and lying lengths are refused before they are read", async () => {
    const file = film(filmBytes);
    const { user, upload } = await newUpload();
    for (const number of [4, 9_999]) expect((await sendPart(upload, user, number, file)).status).toBe(404);
    for (const number of ["0", "01", "x", "99999"]) {
      const response = await sendDirectly("PUT", `${pathOf(upload)}/parts/${number}`, "x", user.headers);
      expect([number, response.status]).toEqual([number, 404]);
    }
    for (const length of ["5", String(partBytes + 1)]) {
      const response = await sendDirectly("PUT", `${pathOf(upload)}/parts/1`, stream(file.slice(0, partBytes)), {
        ...user.headers,
        "content-length": length,
      });
      expect([response.status, (await problemOf(response)).code]).toEqual([400, "events.upload_incomplete"]);
    }
  });

  test("strangers, weak roles, bad tokens and other events reach nothing of it", async () => {
    const file = film(filmBytes);
    const { organizer, user, event, upload } = await newUpload();
    await uploaded(event.id, user);
    const other = await newOrganizer();
    const elsewhere = await createDraft(other);
    const sibling = await createDraft(organizer);
    const door = await newMember(organizer.organizationId, "door");
    const before = await traces(event.id);
    const attempts: [string, string, Record<string, string>, number][] = [];
    for (const [method, path] of [
      ["POST", `/v1/events/${event.id}/media/uploads`],
      ["GET", pathOf(upload)],
      ["DELETE", pathOf(upload)],
      ["PUT", `${pathOf(upload)}/parts/1`],
      ["POST", `${pathOf(upload)}/complete`],
    ] as const) {
      attempts.push([method, path, {}, 401]);
      attempts.push([method, path, other.user.headers, 404]);
      attempts.push([method, path, door.headers, 403]);
      for (const token of Object.values(await badTokens()))
        attempts.push([method, path, { authorization: `Bearer ${token}` }, 401]);
      if (path.endsWith("/uploads")) continue;
      attempts.push([method, path.replace(event.id, elsewhere.id), other.user.headers, 404]);
      attempts.push([method, path.replace(event.id, sibling.id), user.headers, 404]);
      attempts.push([method, path.replace(upload.id, newId("upload", 1)), user.headers, 404]);
    }
    for (const [method, path, headers, status] of attempts) {
      const body =
        method === "PUT"
          ? file.slice(0, partBytes)
          : method === "POST" && path.endsWith("uploads")
            ? JSON.stringify(ofFilm)
            : null;
      const type = method === "POST" && body !== null ? { "content-type": "application/json" } : {};
      const response = await sendDirectly(method, path, body, { ...type, ...headers });
      expect([method, path, response.status]).toEqual([method, path, status]);
    }
    expect(await traces(event.id)).toEqual(before);
  });
});
