/** Thrown when the program is wrong, as opposed to its input. Becomes a 500 without detail. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** States what must hold here; a violation is a bug and throws. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Unwraps a value that an invariant promises to be present. */
export function required<T>(value: T | null | undefined, message: string): T {
  assert(value !== null && value !== undefined, message);
  return value;
}

/** Marks a switch as complete: adding a variant fails to compile here first. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable variant: ${JSON.stringify(value)}`);
}
