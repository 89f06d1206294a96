const bytes = (...parts: (readonly number[] | string)[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );
const be16 = (n: number): number[] => [(n >> 8) & 255, n & 255];
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le16 = (n: number): number[] => [n & 255, (n >> 8) & 255];
const le24 = (n: number): number[] => [...le16(n & 0xffff), (n >> 16) & 255];

/** Beginnings of images, made by hand from their specifications: enough for everyone who looks at headers. */
export const headers = {
  png: (width: number, height: number) =>
    bytes([0x89], "PNG\r\n", [0x1a, 0x0a], be32(13), "IHDR", be32(width), be32(height), [8, 6, 0, 0, 0], be32(0)),
  /** `before` stands between start of image and frame header, as EXIF and colour profiles do. */
  jpeg: (width: number, height: number, before: readonly number[] = []) =>
    bytes([0xff, 0xd8, 0xff, 0xe0, ...be16(16)], "JFIF\u0000", [1, 1, 0, 0, 1, 0, 1, 0, 0], before, [
      0xff,
      0xc2,
      ...be16(17),
      8,
      ...be16(height),
      ...be16(width),
      3,
      1,
      0x22,
      0,
      2,
      0x11,
      1,
      3,
      0x11,
      1,
    ]),
  gif: (width: number, height: number) =>
    bytes("GIF89a", le16(width), le16(height), [0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c]),
  webpLossy: (width: number, height: number) =>
    bytes("RIFF", [100, 0, 0, 0], "WEBPVP8 ", [80, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a], le16(width), le16(height)),
  webpLossless: (width: number, height: number) => {
    const packed = width - 1 + (height - 1) * 16_384;
    return bytes(
      "RIFF",
      [100, 0, 0, 0],
      "WEBPVP8L",
      [80, 0, 0, 0, 0x2f],
      le16(packed & 0xffff),
      le16(packed >>> 16),
      [0, 0, 0, 0, 0],
    );
  },
  webpExtended: (width: number, height: number) =>
    bytes("RIFF", [100, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0, 0, 0, 0], le24(width - 1), le24(height - 1)),
  avif: (width: number, height: number) =>
    bytes(
      be32(24),
      "ftypavif",
      [0, 0, 0, 0],
      "mif1avif",
      be32(52),
      "meta",
      be32(0),
      be32(20),
      "ispe",
      be32(0),
      be32(16),
      be32(16),
      be32(20),
      "ispe",
      be32(0),
      be32(width),
      be32(height),
    ),
} as const;

/** An image of the given length: its header, then noise that no reader takes for a header. */
export function padded(header: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at += 1) all[at] = (at * 31 + 7) & 255;
  all.set(header);
  return all;
}

export function text(value: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(value));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** An image of the given length that ends as its format does, so that it is whole without a Content-Length. */
export function whole(kind: keyof typeof headers, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const all = padded(headers[kind](640, 480), lengthBytes);
  const le32 = [...le16(lengthBytes - 8), ...le16((lengthBytes - 8) >>> 16)];
  if (kind === "png") all.set([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82], lengthBytes - 8);
  else if (kind === "jpeg") all.set([0xff, 0xd9], lengthBytes - 2);
  else if (kind === "gif") all.set([0, 0x3b], lengthBytes - 2);
  else if (kind === "avif") all.set([...be32(lengthBytes - 76), 0x6d, 0x64, 0x61, 0x74], 76);
  else all.set(le32, 4);
  return all;
}
