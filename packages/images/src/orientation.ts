/** Which way is up, as EXIF says it (CIPA DC-008 section 4.6.5): the one thing of it that a picture is not shown right without. */

const orientationTag = 0x0112;
/** As it is; what goes without saying. */
export const upright = 1;
const orientations = 8;

/** The orientation that a TIFF structure names. Offsets are the file's to choose and are held to it. */
export function orientationIn(tiff: Uint8Array): number {
  const little = tiff[0] === 0x49;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const short = (at: number): number => (at + 2 <= tiff.length ? view.getUint16(at, little) : 0);
  const directory = tiff.length < 8 ? 0 : view.getUint32(4, little);
  for (let entry = directory + 2; entry < directory + 2 + short(directory) * 12; entry += 12) {
    if (entry + 12 > tiff.length) break;
    if (short(entry) !== orientationTag) continue;
    const found = short(entry + 8);
    return found >= upright && found <= orientations ? found : upright;
  }
  return upright;
}

/** A TIFF structure that says which way is up and nothing else. */
export function orientationAlone(orientation: number): readonly number[] {
  return [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
}
