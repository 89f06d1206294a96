/** What a call that took too long rejects with. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** A call's answer, or a {@link TimeoutError} after so many milliseconds. The call itself cannot be stopped. */
export async function withTimeout<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
