/** What happened, and whether each invariant held. */
export class Report {
  readonly #facts: [string, string][] = [];
  readonly #invariants: {
    readonly name: string;
    readonly actual: string;
    readonly expected: string;
    readonly holds: boolean;
  }[] = [];

  /** Something worth knowing that has no right or wrong. */
  happened(what: string, value: string): void {
    this.#facts.push([what, value]);
  }

  /** Something that must be so. */
  invariant<T extends string | number | boolean | null | undefined>(name: string, actual: T, expected: T): void {
    this.#invariants.push({ name, actual: String(actual), expected: String(expected), holds: actual === expected });
  }

  /** Whether anything was proven, and all of it held. */
  get holds(): boolean {
    return this.#invariants.length > 0 && this.#invariants.every(({ holds }) => holds);
  }

  print(write: (line: string) => void): void {
    const width = Math.max(
      ...this.#facts.map(([what]) => what.length),
      ...this.#invariants.map(({ name }) => name.length),
    );
    write("");
    for (const [what, value] of this.#facts) write(`     ${what.padEnd(width)}  ${value}`);
    write("");
    for (const { name, actual, expected, holds } of this.#invariants) {
      write(`${holds ? "ok  " : "FAIL"} ${name.padEnd(width)}  ${actual}${holds ? "" : ` (expected ${expected})`}`);
    }
    const held = this.#invariants.filter(({ holds }) => holds).length;
    write("");
    write(`${held} of ${this.#invariants.length} invariants hold`);
  }
}
