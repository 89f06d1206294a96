/** One thing that a worker needs to work, and whether it answered. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
}

export interface HealthReport {
  readonly status: "ok" | "failing";
  readonly checks: readonly HealthCheck[];
}

const checkTimeoutMs = 2_000;

/** Runs all checks side by side, each within two seconds; a check fails by throwing. */
export async function runHealthChecks(checks: Readonly<Record<string, () => Promise<unknown>>>): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<HealthCheck> => {
      const startedMs = Date.now();
      let timer: ReturnType<typeof setTimeout> | null = null;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("timed out")), checkTimeoutMs);
      });
      const passed = await Promise.race([check(), late]).then(
        () => true,
        () => false,
      );
      clearTimeout(timer);
      return { name, ok: passed, durationMs: Date.now() - startedMs };
    }),
  );
  return { status: results.every((result) => result.ok) ? "ok" : "failing", checks: results };
}
