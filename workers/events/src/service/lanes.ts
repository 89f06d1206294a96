/** Does something with each item, so many at a time, in order of their beginning. A throw ends the lane that it happened in, and is passed on. */
export async function inLanes<T>(
  items: readonly T[],
  lanesMax: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
}
