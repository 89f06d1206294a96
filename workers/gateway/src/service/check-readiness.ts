import { describeError } from "@foyer/telemetry/logger";
import type { Deps, Upstream } from "../deps.ts";
import { type WorkerBinding, workerBindings } from "../domain/routes.ts";

/** What one worker said of itself, and how long it took to say it. */
export interface WorkerReadiness {
  readonly status: "ok" | "failing";
  readonly durationMs: number;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly durationMs: number }[];
}

export interface Readiness {
  readonly status: "ok" | "failing";
  /** By the worker's name, `users`. */
  readonly workers: Readonly<Record<string, WorkerReadiness>>;
}

const answerTimeoutMs = 4_000; // a worker gives each of its own checks two seconds

/** Asks every worker, side by side, whether it and its stores work. One that fails, throws or is late is failing. */
export async function checkReadiness(deps: Deps, requestId: string): Promise<Readiness> {
  const entries = await Promise.all(
    workerBindings.map(async (binding) => [nameOf(binding), await ask(deps, binding, requestId)] as const),
  );
  const ready = entries.every(([, worker]) => worker.status === "ok");
  return { status: ready ? "ok" : "failing", workers: Object.fromEntries(entries) };
}

function nameOf(binding: WorkerBinding): string {
  return binding.toLowerCase();
}

async function ask(deps: Deps, binding: WorkerBinding, requestId: string): Promise<WorkerReadiness> {
  const startedMs = deps.clock.nowMs();
  const failing = (checks: WorkerReadiness["checks"] = []): WorkerReadiness => ({
    status: "failing",
    durationMs: deps.clock.nowMs() - startedMs,
    checks,
  });
  try {
    const { ok, report } = await fetchReport(deps.workers[binding], binding, requestId);
    const checks = readChecks(report);
    if (!ok || checks === null) return failing(checks ?? []);
    return { status: "ok", durationMs: deps.clock.nowMs() - startedMs, checks };
  } catch (thrown) {
    deps.log.warn("worker not ready", { ...describeError(thrown), worker: binding, requestId });
    return failing();
  }
}

async function fetchReport(worker: Upstream, binding: WorkerBinding, requestId: string) {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timed out")), answerTimeoutMs);
  });
  const read = async () => {
    const url = `https://${nameOf(binding)}.internal/health/ready`;
    const response = await worker.fetch(new Request(url, { headers: { "x-request-id": requestId } }));
    const report: unknown = await response.json();
    return { ok: response.ok, report };
  };
  try {
    return await Promise.race([read(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The checks of a worker's report; null where the report has not the shape that every worker's has. */
function readChecks(report: unknown): WorkerReadiness["checks"] | null {
  if (typeof report !== "object" || report === null || !("checks" in report) || !Array.isArray(report.checks))
    return null;
  return (report.checks as unknown[]).flatMap((check) => {
    if (typeof check !== "object" || check === null) return [];
    if (!("name" in check && "ok" in check && "durationMs" in check)) return [];
    return [{ name: String(check.name), ok: check.ok === true, durationMs: Number(check.durationMs) }];
  });
}
