/**
 * Photographs say where they were taken, and an organizer's cover may have been taken at home. The position is blanked in
 * place, so that nothing else of the file moves; orientation and colours stay.
 */

const gpsTag = 0x8825;
/** The standard knows 32 fields of a position; a file that names thousands is made to keep us busy. */
const gpsFieldsMax = 64;
/** Bytes of one value by TIFF field type (TIFF 6.0 section 2); types that do not exist take none. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/**
 * A JPEG's head with the GPS part of its EXIF (CIPA DC-008) blanked; the same bytes where there is none. Only the first
 * segments are looked at, which must lie in the head, and what does not read as EXIF is left alone.
 */
export function withoutPosition(head: Uint8Array): Uint8Array {
  if (head[0] !== 0xff || head[1] !== 0xd8) return head;
  let result = head;
  let at = 2;
  while (at + 4 <= head.length && head[at] === 0xff) {
    const marker = head[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte before a marker
      continue;
    }
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) break;
    const end = at + 2 + (head[at + 2] ?? 0) * 256 + (head[at + 3] ?? 0);
    if (marker === 0xe1 && end <= head.length && isExif(head, at + 4)) {
      if (result === head) result = head.slice();
      blankPosition(result.subarray(at + 10, end));
    }
    at = Math.max(end, at + 4);
  }
  return result;
}

function isExif(bytes: Uint8Array, at: number): boolean {
  return [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, index) => bytes[at + index] === byte);
}

/** Blanks the GPS directory of a TIFF structure, its values first. Offsets are the file's to choose and are held to it. */
function blankPosition(tiff: Uint8Array): void {
  const little = tiff[0] === 0x49;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const u16 = (at: number): number => (at + 2 <= tiff.length ? view.getUint16(at, little) : 0);
  const u32 = (at: number): number => (at + 4 <= tiff.length ? view.getUint32(at, little) : 0);

  const directory = u32(4);
  for (let index = 0; index < u16(directory); index += 1) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.length) return;
    if (u16(entry) !== gpsTag) continue;
    const gps = u32(entry + 8);
    const count = Math.min(u16(gps), gpsFieldsMax);
    for (let field = 0; field < count; field += 1) {
      const start = gps + 2 + field * 12;
      if (start + 12 > tiff.length) break;
      const bytes = (typeBytes[u16(start + 2)] ?? 0) * u32(start + 4);
      if (bytes > 4) tiff.fill(0, u32(start + 8), Math.min(tiff.length, u32(start + 8) + bytes));
      tiff.fill(0, start, start + 12);
    }
    if (gps >= 8 && gps + 2 <= tiff.length) tiff.fill(0, gps, gps + 2);
    return; // a directory has one of them
  }
}
