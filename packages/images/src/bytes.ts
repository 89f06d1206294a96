/** Big-endian, 16 bits. */
export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
/** Little-endian, 16 bits. */
export const u16le = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
/** Little-endian, 24 bits. */
export const u24le = (bytes: Uint8Array, at: number): number => u16le(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
/** Big-endian, 32 bits, unsigned. */
export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);
/** Little-endian, 32 bits, unsigned. */
export const u32le = (bytes: Uint8Array, at: number): number => u16le(bytes, at) + u16le(bytes, at + 2) * 65_536;
/** Big-endian, 64 bits; beyond what is exact it is still far larger than any file. */
export const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) * 4_294_967_296 + u32(bytes, at + 4);

/** Bytes as letters, one each. */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** Letters as bytes, one each. */
export function letters(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

/** All parts after one another; the first itself where it is alone. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
