const bytes = (...parts: (readonly number[] | string)[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );
const be16 = (n: number): number[] => [(n >> 8) & 255, n & 255];
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le16 = (n: number): number[] => [n & 255, (n >> 8) & 255];
const le24 = (n: number): number[] => [...le16(n & 0xffff), (n >> 16) & 255];

/** A box of the ISO base media file format: length, type, content. */
export function box(type: string, ...content: readonly (ArrayLike<number> | string)[]): number[] {
  const inner = content.flatMap((part) => [...bytes(typeof part === "string" ? part : Array.from(part))]);
  return [...be32(inner.length + 8), ...bytes(type), ...inner];
}

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
  avif: (width: number, height: number) => {
    const extent = (w: number, h: number) => box("ispe", be32(0), be32(w), be32(h));
    const properties = box("iprp", box("ipco", extent(16, 16), extent(width, height)));
    return bytes(box("ftyp", "avif", [0, 0, 0, 0], "mif1avif"), box("meta", be32(0), properties));
  },
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

/** An image of the given length that is built as its format says, down to its last byte; its pixels are noise. */
export function whole(
  kind: keyof typeof headers,
  lengthBytes: number,
  [width, height]: readonly [number, number] = [640, 480],
): Uint8Array<ArrayBuffer> {
  const header = headers[kind](width, height);
  const all = padded(header, lengthBytes);
  const at = header.length;
  const le32 = (n: number) => [...le16(n & 0xffff), ...le16(n >>> 16)];
  switch (kind) {
    case "png":
      all.set([...be32(lengthBytes - at - 24), ...bytes("IDAT")], at);
      all.set([...be32(0), ...bytes("IEND"), 0xae, 0x42, 0x60, 0x82], lengthBytes - 12);
      break;
    case "jpeg":
      all.set([0xff, 0xda, ...be16(12), 3, 1, 0, 2, 0x11, 3, 0x11, 0, 0x3f, 0], at);
      for (let index = at + 14; index < lengthBytes - 2; index += 1) if (all[index] === 0xff) all[index] = 0xfe;
      all.set([0xff, 0xd9], lengthBytes - 2);
      break;
    case "gif": {
      all.set([0, 0, 0, 0, ...le16(width), ...le16(height), 0, 8], at);
      let left = lengthBytes - at - 12;
      for (let index = at + 10; left > 0; ) {
        const length = Math.min(255, left - 1);
        // A block of nothing would be the last one: what is left over is left to the block before it.
        all[index] = left - 1 - length === 1 ? length - 1 : length;
        const taken = (all[index] ?? 0) + 1;
        index += taken;
        left -= taken;
      }
      all.set([0, 0x3b], lengthBytes - 2);
      break;
    }
    case "avif":
      all.set([...be32(lengthBytes - at), ...bytes("mdat")], at);
      break;
    case "webpExtended": {
      const picture = headers.webpLossy(width, height).subarray(12);
      all.set(le32(lengthBytes - 8), 4);
      all.set(picture, at);
      all.set(le32(lengthBytes - at - 8), at + 4);
      break;
    }
    default:
      all.set(le32(lengthBytes - 8), 4);
      all.set(le32(lengthBytes - 20), 16);
  }
  return all;
}
