import type { RandomBytes } from "@foyer/kernel/ids";

const poolBytes = 4_096;

/** The platform's randomness, asked for in large pieces: a rush makes thousands of ids a second, of a few bytes each. */
export function createPooledRandom(): RandomBytes {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  return (bytes) => {
    if (bytes.length > poolBytes) return crypto.getRandomValues(bytes);
    if (used + bytes.length > poolBytes) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    bytes.set(pool.subarray(used, used + bytes.length));
    pool.fill(0, used, used + bytes.length); // given out once, and remembered by nobody
    used += bytes.length;
    return bytes;
  };
}
