/** A sale that many ask at once: takes one place and says whether it was had. */
export type TakeOne = () => Promise<boolean>;

/** How a rush ended, by what the buyers were told. */
export interface RushOutcome {
  readonly accepted: number;
  readonly refused: number;
  /** Accepted beyond capacity; the one thing that must never be above zero. */
  readonly oversold: number;
}

/** So many buyers at once for so many places. */
export async function rush(buyers: number, capacity: number, take: TakeOne): Promise<RushOutcome> {
  const answers = await Promise.all(Array.from({ length: buyers }, () => take()));
  const accepted = answers.filter(Boolean).length;
  return { accepted, refused: buyers - accepted, oversold: Math.max(0, accepted - capacity) };
}
