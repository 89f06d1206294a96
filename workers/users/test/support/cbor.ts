/** What authenticators say in CBOR (RFC 8949). */
export type Cbor = number | string | Uint8Array | Cbor[] | Map<number, Cbor> | Map<string, Cbor>;

/** The head of an item: its major type, and a number of at most 32 bits. */
function head(major: number, value: number): number[] {
  const type = major << 5;
  if (value < 24) return [type | value];
  if (value < 0x100) return [type | 24, value];
  if (value < 0x1_0000) return [type | 25, value >> 8, value & 0xff];
  return [type | 26, value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function items(value: Cbor): number[] {
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (value instanceof Uint8Array) return [...head(2, value.length), ...value];
  if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    return [...head(3, bytes.length), ...bytes];
  }
  if (Array.isArray(value)) return [...head(4, value.length), ...value.flatMap(items)];
  const entries: [number | string, Cbor][] = [...value.entries()];
  return [...head(5, entries.length), ...entries.flatMap(([key, item]) => [...items(key), ...items(item)])];
}

/** Encodes a value, written anew here so that the worker's own reader is tested against another's writing. */
export function encodeCbor(value: Cbor): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(items(value));
}
