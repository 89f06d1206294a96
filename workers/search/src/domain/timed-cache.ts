/** Values that an isolate keeps for a moment. Bounded: the oldest goes first, and what is past its time goes at the next write. */
export interface TimedCache<V> {
  get(key: string, nowMs: number): V | undefined;
  set(key: string, value: V, nowMs: number): void;
  /** Values kept. */
  size(): number;
}

/** A cache whose values are good for `ttlMs`. It holds values and never promises: an isolate's requests share no I/O. */
export function createTimedCache<V>(options: { readonly ttlMs: number; readonly entriesMax: number }): TimedCache<V> {
  const entries = new Map<string, { readonly value: V; readonly untilMs: number }>();
  return {
    get(key, nowMs) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.untilMs > nowMs) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, nowMs) {
      entries.delete(key);
      // All live equally long, so the oldest end first. A page may be hundreds of kilobytes: none stays longer than it is of use.
      for (const [oldest, { untilMs }] of entries) {
        if (untilMs > nowMs) break;
        entries.delete(oldest);
      }
      if (entries.size >= options.entriesMax) entries.delete(entries.keys().next().value ?? "");
      entries.set(key, { value, untilMs: nowMs + options.ttlMs });
    },
    size: () => entries.size,
  };
}
