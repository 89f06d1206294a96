import { crc32, deflateSync } from "node:zlib";

const be32 = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

function chunk(type: string, content: Uint8Array): Uint8Array {
  const named = Uint8Array.from([...type].map((letter) => letter.charCodeAt(0)));
  const body = new Uint8Array(4 + content.length);
  body.set(named);
  body.set(content, 4);
  return Uint8Array.from([...be32(content.length), ...body, ...be32(crc32(body))]);
}

/** A real PNG that every decoder reads, of the colours that `at` gives for each pixel: red, green, blue, opacity. */
export function png(
  width: number,
  height: number,
  at: (x: number, y: number) => readonly [number, number, number, number],
): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (1 + width * 4));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows.set(at(x, y), y * (1 + width * 4) + 1 + x * 4);
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", Uint8Array.from([...be32(width), ...be32(height), 8, 6, 0, 0, 0])),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
