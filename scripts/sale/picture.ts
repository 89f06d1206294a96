import { crc32, deflateSync } from "node:zlib";

/** A PNG of two colours blending from left to right, made from nothing: an event's picture for demonstrations and tests. */
export function makePicture(
  width: number,
  height: number,
  from: readonly [number, number, number],
  to: readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const row = Buffer.alloc(1 + width * 3); // filter type 0, then RGB
  for (let x = 0; x < width; x += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const start = from[channel] ?? 0;
      row[1 + x * 3 + channel] = Math.round(start + (((to[channel] ?? 0) - start) * x) / width);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits a channel, RGB, no interlace (PNG specification, section 11.2.2)
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk("IHDR", header),
      chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
