import { limits } from "@foyer/kernel/limits";
import { serverCpuSeconds } from "./cpu.ts";
import { type LoadResult, runLoad } from "./load.ts";
import type { Stage } from "./stage.ts";

/** One figure of one run. */
export interface Figure {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were neither a success nor the expected refusal, and broken connections. */
  readonly errors: number;
  /** Processor time of the server for each request, in microseconds. */
  readonly cpuMicros: number;
  /** What requests per second do not say, with its unit: bytes a second, memory. */
  readonly further?: Readonly<Record<string, number>>;
}

/** Something that is measured, and what it is held against. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** Name of the scenario whose rate is the ceiling. */
  readonly ceiling?: string;
  /** The least ratio to the ceiling that is good enough. */
  readonly target?: number;
  /** The most that p99 may be of p50. */
  readonly spreadMax?: number;
  /** The most processor time, as a multiple of the ceiling's. */
  readonly cpuMax?: number;
  run(stage: Stage): Promise<Figure>;
}

/** Connections of a crowd. */
export const connections = 100;
export const secondsMax = 30;

/** A load to send, and which answers are expected. */
export interface Work {
  readonly port: number;
  readonly count: number;
  /** Connections to send it over; those of a crowd where left out. */
  readonly connections?: number;
  readonly make: (index: number) => Buffer;
  readonly expected: readonly number[];
  /** The rate that counts; the rate of all answers where it is left out. */
  readonly rate?: (result: LoadResult) => number;
}

/** Sends a load and takes its figures. */
export async function measure(work: Work): Promise<Figure> {
  let sent = 0;
  const cpuBefore = serverCpuSeconds();
  const result = await runLoad({
    port: work.port,
    connections: work.connections ?? connections,
    secondsMax,
    next: () => (sent < work.count ? work.make(sent++) : null),
  });
  return figureOf(result, work.expected, cpuBefore, work.rate);
}

/** The figures of a load that was sent. */
export function figureOf(
  result: LoadResult,
  expected: readonly number[],
  cpuBefore: number | null,
  rate: (result: LoadResult) => number = (all) => all.requestsPerSecond,
): Figure {
  const cpuAfter = serverCpuSeconds();
  const good = expected.reduce((sum, status) => sum + (result.statuses.get(status) ?? 0), 0);
  return {
    requestsPerSecond: rate(result),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    errors: result.requests - good + result.broken,
    cpuMicros:
      cpuBefore === null || cpuAfter === null
        ? Number.NaN
        : ((cpuAfter - cpuBefore) * 1e6) / Math.max(1, result.requests),
  };
}

/** Fails the whole benchmark: a figure of a system that oversells is worth nothing. */
export function mustBe(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`);
}

let serial = 0;
/** A number that no other request of this process has. */
export function unique(): number {
  serial += 1;
  return serial;
}

/** A key that is long enough to be sent without an account. */
export function uniqueKey(): string {
  return `bench-${String(unique()).padStart(limits.sharedIdempotencyKeyCharsMin, "0")}`;
}
