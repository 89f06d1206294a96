import { limits } from "@foyer/kernel/limits";
import { type FilmOptions, film, pdf } from "@foyer/testing/films";
import { box, joined, text, whole } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesMaxOf, type MediaType, openScrubber, recognizeMedia } from "../src/media.ts";
import { withoutMetadata } from "../src/metadata.ts";
import { orientationIn } from "../src/orientation.ts";

/** A file through its walk, in chunks of these lengths, over and over. */
function scrub(type: MediaType, file: Uint8Array, chunks: readonly number[] = [65_536]) {
  const scrubber = openScrubber(type);
  const out: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < file.length; turn += 1) {
    const length = chunks[turn % chunks.length] ?? 1;
    const pieces = scrubber.push(file.slice(at, at + length));
    at += length;
    if (pieces === null) return { bytes: null, outcome: scrubber.end().outcome };
    out.push(...pieces);
  }
  const { rest, outcome } = scrubber.end();
  return { bytes: joined(...out, ...rest), outcome };
}

const letters = (bytes: Uint8Array | null) => new TextDecoder("latin1").decode(bytes ?? new Uint8Array(0));

const files: readonly (readonly [name: string, type: MediaType, file: () => Uint8Array])[] = [
  ["JPEG", "image/jpeg", () => whole("jpeg", 3_000)],
  ["PNG", "image/png", () => whole("png", 3_000)],
  ["GIF", "image/gif", () => whole("gif", 3_000)],
  ["lossy WebP", "image/webp", () => whole("webpLossy", 3_000)],
  ["lossless WebP", "image/webp", () => whole("webpLossless", 3_000)],
  ["extended WebP", "image/webp", () => whole("webpExtended", 3_000)],
  ["AVIF", "image/avif", () => whole("avif", 3_000)],
  ["MP4", "video/mp4", () => film(3_000)],
  ["MP4 with its index last", "video/mp4", () => film(3_000, { indexLast: true })],
  ["PDF", "application/pdf", () => pdf(3_000)],
];

describe.each(files)("%s", (_name, type, make) => {
  test("is recognized, passes in chunks of any length the same, and not a byte moves", () => {
    const file = make();
    expect(recognizeMedia(file)).toEqual({ ok: true, contentType: type });
    const once = scrub(type, file);
    expect(once.outcome.ok).toBe(true);
    expect(once.bytes?.length).toBe(file.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }), (chunks) => {
        expect(scrub(type, file, chunks)).toEqual(once);
      }),
      { numRuns: 40 },
    );
  });

  test("cut off anywhere is refused", () => {
    const file = make();
    // What a PDF ends with may be followed by line breaks, which it does not need.
    const until = type === "application/pdf" ? file.length - 3 : file.length - 1;
    for (let length = 16; length <= until; length += length < until - 40 ? 7 : 1)
      expect([length, scrub(type, file.subarray(0, length)).outcome.ok]).toEqual([length, false]);
  });

  test("with bytes changed at random never breaks the walk", () => {
    const file = make();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const broken = file.slice();
          for (const [at, value] of changes) broken[at] = value;
          const { bytes, outcome } = scrub(type, broken, [500]);
          if (outcome.ok) expect(bytes?.length).toBe(file.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("loses what stands behind its end", () => {
    if (type === "image/avif" || type === "video/mp4" || type === "application/pdf") return;
    const { bytes, outcome } = scrub(type, joined(make(), text("SecretTail")));
    expect(outcome.ok).toBe(true);
    expect(letters(bytes)).not.toContain("Secret");
  });
});

describe.each(["jpeg", "png", "webp"] as const)("a photograph as %s", (kind) => {
  const { contentType, bytes: file } = photographs[kind];

  test("keeps its pixels, and nothing of who took it and where", () => {
    const { bytes, outcome } = scrub(contentType, file, [13]);
    expect(outcome).toEqual({ ok: true, width: 24, height: 16 });
    expect(letters(file)).toContain("Secret");
    expect(letters(bytes)).not.toMatch(/Secret|xmpmeta|II\*\0/);
    // Two ways to the same picture: what is blanked here is what is cut out there.
    expect(withoutMetadata(bytes ?? new Uint8Array(0), contentType)).toEqual(withoutMetadata(file, contentType));
  });
});

test("a JPEG and a PNG still say which way is up, with valid checksums", () => {
  const jpeg = scrub("image/jpeg", photographs.jpeg.bytes).bytes ?? new Uint8Array(0);
  const exif = letters(jpeg).indexOf("Exif\0\0");
  expect(orientationIn(jpeg.subarray(exif + 6))).toBe(6);
  const png = scrub("image/png", photographs.png.bytes).bytes ?? new Uint8Array(0);
  const chunk = letters(png).indexOf("eXIf");
  expect(orientationIn(png.subarray(chunk + 4))).toBe(6);
});

test("a GIF loses comments and programs' own extensions, and goes on being repeated", () => {
  const plain = whole("gif", 600);
  const headerBytes = 19;
  const repeat = Uint8Array.of(0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, 0, 0, 0);
  const comment = Uint8Array.of(0x21, 0xfe, 6, ...text("Secret"), 0);
  const xmp = Uint8Array.of(0x21, 0xff, 11, ...text("XMP DataXMP"), 6, ...text("Secret"), 0);
  const file = joined(plain.subarray(0, headerBytes), repeat, comment, xmp, plain.subarray(headerBytes));
  const { bytes, outcome } = scrub("image/gif", file, [3]);
  expect(outcome.ok).toBe(true);
  expect(letters(bytes)).toContain("NETSCAPE2.0");
  expect(letters(bytes)).not.toMatch(/Secret|XMP/);
});

test("an AVIF's EXIF and XMP are blanked among its pixels", () => {
  const be16 = (n: number) => [n >> 8, n & 255];
  const be32 = (n: number) => [...be16(n >>> 16), ...be16(n & 0xffff)];
  const entry = (id: number, type: string, rest: readonly number[] = [0]) =>
    box("infe", [2, 0, 0, 0], be16(id), be16(0), type, rest);
  const extents = box("iprp", box("ipco", box("ispe", be32(0), be32(300), be32(200))));
  const items = box(
    "iinf",
    be32(0),
    be16(3),
    entry(1, "av01"),
    entry(2, "Exif"),
    entry(3, "mime", [0, ...text("application/rdf+xml"), 0]),
  );
  const meta = (at: number) =>
    box(
      "meta",
      be32(0),
      items,
      box(
        "iloc",
        [0, 0, 0, 0, 0x44, 0],
        be16(3),
        ...[0, 10, 20].map((offset, index) => [
          ...be16(index + 1),
          ...be16(0),
          ...be16(1),
          ...be32(at + offset),
          ...be32(10),
        ]),
      ),
      extents,
    );
  const type = box("ftyp", "avif", [0, 0, 0, 0], "mif1avif");
  const at = type.length + meta(0).length + 8;
  const file = Uint8Array.from([...type, ...meta(at), ...box("mdat", "pixels:::)", "SecretExif", "SecretXmp:")]);
  const { bytes, outcome } = scrub("image/avif", file, [11]);
  expect(outcome).toEqual({ ok: true, width: 300, height: 200 });
  expect(letters(bytes)).not.toMatch(/Secret|Exif|mime/);
  expect(letters(bytes)).toContain("pixels:::)");
});

/** When the test's films were made, in seconds after 1904, as their headers hold it. */
const madeAt = [0xe2, 0x7f, 0x66, 0x00];

describe("an MP4", () => {
  const position = box("udta", box("\u00a9xyz", "+52.5+013.4/Secret"));
  const noted = [...box("meta", "Secret"), ...box("uuid", "Secret XMP")];

  test.each<[string, FilmOptions]>([
    ["first", {}],
    ["last", { indexLast: true }],
  ])("with its index %s loses position, notes and times, and says its size", (_where, options) => {
    const file = film(5_000, { ...options, width: 640, height: 360, described: [...position, ...noted] });
    const { bytes, outcome } = scrub("video/mp4", file, [97]);
    expect(outcome).toEqual({ ok: true, width: 640, height: 360 });
    expect(letters(file)).toContain("Secret");
    expect(letters(bytes)).not.toMatch(/Secret|\u00a9xyz|udta/);
    const hasTimes = (of: Uint8Array) => Buffer.from(of).includes(Buffer.from(madeAt));
    expect([hasTimes(file), hasTimes(bytes ?? file)]).toEqual([true, false]);
    expect(scrub("video/mp4", bytes ?? new Uint8Array(0)).bytes).toEqual(bytes);
  });

  test("loses a track of positions, its samples too where the index comes first", () => {
    const file = film(5_000, { timed: "SecretTrack" });
    const { bytes, outcome } = scrub("video/mp4", file, [61]);
    expect(outcome.ok).toBe(true);
    expect(letters(bytes)).not.toContain("Secret");
    const last = scrub("video/mp4", film(5_000, { timed: "SecretTrack", indexLast: true }));
    expect(last.outcome.ok).toBe(true);
    expect(letters(last.bytes).match(/trak/g)).toHaveLength(1);
  });

  test.each([
    [
      "without an index",
      () => joined(Uint8Array.from(box("ftyp", "isom", [0, 0, 2, 0], "isom")), Uint8Array.from(box("mdat", "x"))),
    ],
    ["with two indexes", () => joined(film(3_000), film(3_000).slice(24))],
    ["whose index shows no picture", () => film(3_000, { width: 0, height: 0 })],
    [
      "whose index names samples that are not there",
      () => {
        const file = film(3_000);
        file.set([0, 0, 0x0b, 0xb8], letters(file).indexOf("stco") + 12); // 3 000
        return file;
      },
    ],
    ["of more pixels than the limit", () => film(3_000, { width: limits.videoSidePixelsMax + 1 })],
  ])("%s is refused", (_what, file) => {
    expect(scrub("video/mp4", file()).outcome.ok).toBe(false);
  });

  test("is as wide as the limit says", () => {
    expect(scrub("video/mp4", film(3_000, { width: limits.videoSidePixelsMax })).outcome.ok).toBe(true);
  });

  test("with an index larger than what is held of it is refused before it has come", () => {
    const head = joined(
      Uint8Array.from(box("ftyp", "isom", [0, 0, 2, 0], "isom")),
      Uint8Array.of(0x7f, 0, 0, 0, ...text("moov")),
    );
    expect(scrub("video/mp4", head).outcome).toMatchObject({ ok: false });
  });
});

describe("a PDF", () => {
  test("loses who made it, with what and when, wherever chunks end", () => {
    const said =
      "2 0 obj << /Author (Secret \\) name) /Producer <536563726574> /CreationDate (D:2026) /Title (Programme) >> endobj\n" +
      '3 0 obj << /Type /Metadata >> stream\n<?xpacket begin=""?><x>SecretXmp</x><?xpacket end="w"?>\nendstream endobj';
    const file = pdf(20_000, said);
    for (const chunks of [[20_000], [1_500], [777], [130, 1]]) {
      const { bytes, outcome } = scrub("application/pdf", file, chunks);
      expect(outcome.ok).toBe(true);
      expect(bytes?.length).toBe(file.length);
      expect(letters(bytes)).not.toMatch(/Secret|536563|D:2026/);
      expect(letters(bytes)).toContain("/Title (Programme)");
    }
  });

  test.each([
    ["acts", "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"],
    ["acts, with its name disguised", "<< /S /Java#53cript /JS (x) >>"],
    ["starts programs", "<< /S /Launch /F (cmd.exe) >>"],
    ["is encrypted", "trailer << /Encrypt 5 0 R >>"],
    ["carries other files", "<< /Names << /EmbeddedFiles 6 0 R >> >>"],
    ["has a form that acts", "<< /AcroForm << /XFA 7 0 R >> >>"],
  ])("that %s is refused", (_what, objects) => {
    for (const at of [0, 900, 5_000]) {
      const { outcome } = scrub("application/pdf", pdf(20_000, `${"%".repeat(at)}\n${objects}`), [1_100]);
      expect(outcome).toMatchObject({ ok: false, fault: "malformed" });
    }
  });
});

test.each([
  ["SVG", text('<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>')],
  ["HTML before a PDF", joined(text("<html>"), pdf(3_000))],
  ["HTML in a film", joined(film(3_000), text("<script>x</script>"))],
  ["a film in QuickTime's own format", Uint8Array.from(box("ftyp", "qt  ", [0, 0, 2, 0], "qt  "))],
  ["a picture that is a PDF too", joined(whole("gif", 500).slice(0, 400), text("%PDF-1.7"))],
])("%s is not taken", (_what, file) => {
  expect(recognizeMedia(file).ok).toBe(false);
});

test("each type has its limit", () => {
  expect(bytesMaxOf("image/png")).toBe(limits.imageBytesMax);
  expect(bytesMaxOf("video/mp4")).toBe(limits.videoBytesMax);
  expect(bytesMaxOf("application/pdf")).toBe(limits.documentBytesMax);
});

test("a progressive JPEG has as many scans as the limit says, and not one more", () => {
  const file = whole("jpeg", 200);
  const start = letters(file).indexOf("\u00ff\u00da");
  const scan = joined(file.subarray(start, start + 14), text("data"));
  const scans = (count: number) =>
    joined(file.subarray(0, start), ...Array.from({ length: count }, () => scan), Uint8Array.of(0xff, 0xd9));
  expect(scrub("image/jpeg", scans(limits.imageScansMax)).outcome.ok).toBe(true);
  expect(scrub("image/jpeg", scans(limits.imageScansMax + 1)).outcome.ok).toBe(false);
});
