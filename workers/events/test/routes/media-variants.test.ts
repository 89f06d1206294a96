import { env } from "cloudflare:workers";
import type { MediaView } from "@foyer/contracts/events/media";
import { inspectImage } from "@foyer/images/image";
import { limits } from "@foyer/kernel/limits";
import { film, pdf } from "@foyer/testing/films";
import { whole } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import { png } from "@foyer/testing/pictures";
import { describe, expect, test } from "vitest";
import { decodePicture } from "../../src/clients/codecs.ts";
import { createPictures } from "../../src/clients/pictures.ts";
import { sweepMedia } from "../../src/service/sweep-media.ts";
import { call, createDraft, createPublished, newOrganizer } from "../helpers.ts";
import { keyOf, uploaded } from "../media-support.ts";
import { ownApp } from "../own-app.ts";

/** Left half red, right half blue. */
const halves = (width: number, height: number) =>
  png(width, height, (x) => (x < width / 2 ? [200, 30, 30, 255] : [30, 30, 200, 255]));

async function newPicture(file: Uint8Array<ArrayBuffer> = halves(1_200, 800)) {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  return { organizer, event, media: await uploaded(event.id, organizer.user, file) };
}

async function variant(media: MediaView, query: string, headers: Record<string, string> = {}) {
  const response = await call("GET", `/v1/media/${media.id}?${query}`, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const inspected = inspectImage(bytes);
  return { response, bytes, image: inspected.ok ? inspected.image : null };
}

describe("a picture in another size", () => {
  test.each([
    ["w=300", "image/png", 320, 213],
    ["w=320&format=webp", "image/webp", 320, 213],
    ["h=160&format=jpeg", "image/jpeg", 240, 160],
    ["w=640&h=160", "image/png", 240, 160],
    ["w=640&h=160&fit=contain&format=webp", "image/webp", 240, 160],
    ["w=640&h=160&fit=cover&format=jpeg", "image/jpeg", 640, 160],
    ["w=160&h=640&fit=cover", "image/png", 160, 640],
    ["w=1920&h=1920&fit=cover&format=webp", "image/webp", 800, 800],
    ["w=1920&format=jpeg", "image/jpeg", 1_200, 800],
    ["format=webp", "image/webp", 1_200, 800],
    ["format=avif&w=160", "image/webp", 160, 107],
  ])("%s is %s of %i by %i", async (query, contentType, width, height) => {
    const { media } = await newPicture();
    const { response, image } = await variant(media, query);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(contentType);
    expect(image).toEqual({ contentType, width, height });
  });

  test("shows what the picture shows, cut around its middle", async () => {
    const { media } = await newPicture();
    for (const format of ["png", "jpeg", "webp"] as const) {
      const { bytes } = await variant(media, `w=320&h=160&fit=cover&format=${format}`);
      const pixels = await decodePicture(`image/${format}`, bytes);
      const at = (x: number) => Array.from(pixels?.data.subarray((80 * 320 + x) * 4, (80 * 320 + x) * 4 + 4) ?? []);
      for (const [x, colour] of [
        [40, [200, 30, 30, 255]],
        [280, [30, 30, 200, 255]],
      ] as const)
        for (const [index, value] of at(x).entries()) expect(Math.abs(value - (colour[index] ?? 0))).toBeLessThan(12);
    }
  });

  test("what is invisible has no colour of its own, and is white where there is no opacity", async () => {
    const { media } = await newPicture(png(320, 320, (x) => (x < 160 ? [0, 255, 0, 0] : [255, 0, 0, 255])));
    const small = await decodePicture("image/png", (await variant(media, "w=160")).bytes);
    expect(Array.from(small?.data.subarray(79 * 4, 81 * 4) ?? [])).toEqual([0, 0, 0, 0, 255, 0, 0, 255]);
    const flat = await decodePicture("image/jpeg", (await variant(media, "w=160&format=jpeg")).bytes);
    for (const value of flat?.data.subarray(0, 3) ?? [0]) expect(value).toBeGreaterThan(240);
  });

  test("a JPEG is turned as it says", async () => {
    const { media } = await newPicture(photographs.jpeg.bytes);
    expect(media).toMatchObject({ width: 24, height: 16 });
    expect((await variant(media, "format=webp")).image).toMatchObject({ width: 16, height: 24 });
  });

  test("automatic formats go by what the caller takes, and caches are told", async () => {
    const { media } = await newPicture();
    for (const [accept, contentType] of [
      ["image/avif,image/webp,*/*", "image/webp"],
      ["image/webp;q=0, image/*", "image/png"],
      ["*/*", "image/png"],
      ["", "image/png"],
    ] as const) {
      const { response } = await variant(media, "w=160&format=auto", { accept });
      expect([accept, response.headers.get("content-type")]).toEqual([accept, contentType]);
      expect(response.headers.get("vary")).toBe("authorization, accept");
    }
    expect((await variant(media, "w=160")).response.headers.get("vary")).toBe("authorization");
  });

  test("is made once, kept below its object, and answers validators and ranges of its own", async () => {
    const { media } = await newPicture();
    const key = await keyOf(media.id);
    const all = await Promise.all(["w=320", "w=310", "w=300&fit=contain"].map((query) => variant(media, query)));
    const kept = await env.MEDIA.list({ prefix: `${key}/` });
    expect(kept.objects.map((object) => object.key)).toEqual([`${key}/320xany.png`]);
    const [first] = all;
    for (const { bytes } of all) expect(bytes).toEqual(first?.bytes);
    const etag = `"${media.sha256}-320xany.png"`;
    expect(first?.response.headers.get("etag")).toBe(etag);
    expect(first?.response.headers.get("cache-control")).toBe("public, max-age=86400, immutable");
    const known = await variant(media, "w=320", { "if-none-match": etag });
    expect(known.response.status).toBe(304);
    const other = await variant(media, "w=320", { "if-none-match": `"${media.sha256}"` });
    expect(other.response.status).toBe(200);
    const part = await variant(media, "w=320", { range: "bytes=8-15", "if-range": etag });
    expect([part.response.status, part.bytes]).toEqual([206, first?.bytes.slice(8, 16)]);
    expect(part.response.headers.get("content-range")).toBe(`bytes 8-15/${first?.bytes.length}`);
  });

  test("goes with its picture, also where it came too late for the sweep", async () => {
    const { organizer, event, media } = await newPicture();
    const key = await keyOf(media.id);
    await variant(media, "w=320");
    await call("DELETE", `/v1/events/${event.id}/media/${media.id}`, { user: organizer.user });
    await sweepMedia(ownApp().deps);
    expect((await env.MEDIA.list({ prefix: key })).objects).toEqual([]);

    const late = await uploaded(event.id, organizer.user, halves(640, 480));
    const lateKey = await keyOf(late.id);
    const app = ownApp((deps) => ({
      pictures: {
        ...deps.pictures,
        // Removed while it is being made.
        async make(...call_: Parameters<typeof deps.pictures.make>) {
          const made = await deps.pictures.make(...call_);
          await call("DELETE", `/v1/events/${event.id}/media/${late.id}`, { user: organizer.user });
          return made;
        },
      },
    }));
    await (await app.fetch("GET", `/v1/media/${late.id}?w=160`)).arrayBuffer();
    expect((await env.MEDIA.list({ prefix: lateKey })).objects).toEqual([]);
  });

  test.each([
    ["a film in a GIF", () => whole("gif", 900, [400, 300]), "image/gif"],
    ["an AVIF", () => whole("avif", 900, [400, 300]), "image/avif"],
    ["a video", () => film(3_000), "video/mp4"],
    ["a document", () => pdf(3_000), "application/pdf"],
    ["more pixels than fit", () => whole("png", 900, [4_096, limits.variantSourcePixelsMax / 4_096 + 1]), "image/png"],
  ])("of %s is the thing itself", async (_what, file, contentType) => {
    const { media } = await newPicture(file());
    const { response, bytes } = await variant(media, "w=160&format=webp");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, contentType]);
    expect(response.headers.get("etag")).toBe(`"${media.sha256}"`);
    expect(bytes.length).toBe(media.sizeBytes);
  });

  test("of as many pixels as fit is made", async () => {
    const { media } = await newPicture(png(2_048, limits.variantSourcePixelsMax / 2_048, () => [90, 90, 90, 255]));
    expect((await variant(media, "w=160&format=webp")).image).toMatchObject({ width: 160, height: 240 });
  });

  test("of what no decoder reads is the picture itself, and is not tried again", async () => {
    const { media } = await newPicture(whole("png", 900));
    for (const query of ["w=160&format=webp", "w=320"]) {
      const { response, bytes } = await variant(media, query);
      expect([response.status, bytes.length]).toEqual([200, 900]);
      expect(response.headers.get("etag")).toBe(`"${media.sha256}"`);
    }
    const key = await keyOf(media.id);
    const kept = await env.MEDIA.list({ prefix: `${key}/` });
    expect(kept.objects.map((object) => object.key)).toEqual([`${key}/unreadable`]);
  });

  test("that cannot be made now is the picture itself, for a moment", async () => {
    const { media } = await newPicture();
    const app = ownApp((deps) => ({ pictures: { ...deps.pictures, make: async () => "busy" as const } }));
    const response = await app.fetch("GET", `/v1/media/${media.id}?w=160`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "public, max-age=5"]);
    expect((await response.arrayBuffer()).byteLength).toBe(media.sizeBytes);
    expect((await variant(media, "w=160")).image).toMatchObject({ width: 160 });
  });

  test.each([
    "w=0",
    "w=-1",
    "w=1e9",
    "w=x",
    "w=12001",
    "fit=stretch",
    "format=bmp",
    "width=300",
    "expires=soon",
    "signature=x",
  ])("%s is refused", async (query) => {
    const { media } = await newPicture();
    expect((await call("GET", `/v1/media/${media.id}?${query}`)).status).toBe(422);
  });

  test("of a draft is its members' alone", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const media = await uploaded(event.id, organizer.user, halves(640, 480));
    expect((await call("GET", `/v1/media/${media.id}?w=160`)).status).toBe(404);
    const member = await call("GET", `/v1/media/${media.id}?w=160`, { user: organizer.user });
    expect([member.status, member.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    await member.arrayBuffer();
  });
});

test("where Cloudflare Images is bound it makes them, never larger, AVIF too", async () => {
  const asked: unknown[] = [];
  const result = (format: string): ImageTransformationResult => ({
    response: () => new Response(new Uint8Array(8)),
    contentType: () => format,
    image: () => new ReadableStream(),
  });
  const transformer: ImageTransformer = {
    transform(transform) {
      asked.push(transform);
      return transformer;
    },
    draw: () => transformer,
    output: async ({ format }) => result(format),
  };
  const images: Partial<ImagesBinding> = { input: () => transformer };
  const pictures = createPictures(images as ImagesBinding); // the one method that is called is there
  expect(pictures.avif).toBe(true);
  const source = { contentType: "image/avif", width: 9_000, height: 9_000 } as const;
  const read = async () => new ReadableStream();
  const made = await pictures.make(source, { widthMax: 320, heightMax: 160, cut: true, format: "avif" }, read);
  expect(made).toEqual({ bytes: new Uint8Array(8), contentType: "image/avif" });
  await pictures.make(source, { widthMax: null, heightMax: 160, cut: false, format: "png" }, read);
  expect(asked).toEqual([
    { width: 320, height: 160, fit: "crop" },
    { height: 160, fit: "scale-down" },
  ]);
});
