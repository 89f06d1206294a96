import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { untilServersRest } from "./cpu.ts";
import type { Figure, Scenario } from "./measure.ts";
import { scenarios } from "./scenarios.ts";
import { startStage } from "./stage.ts";

/**
 * `npm run bench`: every figure three times, the whole round on fresh state each time, and the median of each; ratios are taken
 * within a round, so that a machine that is slow for a while is slow for both sides.
 */

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", multiple: true },
    rounds: { type: "string", default: "3" },
  },
});
const rounds = Number(options.rounds);

function selected(): readonly Scenario[] {
  if (options.only === undefined) return scenarios;
  const names = new Set(options.only.flatMap((text) => text.split(",")));
  for (const name of names) {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found === undefined)
      throw new Error(`no scenario ${name}; there are ${scenarios.map((each) => each.name).join(", ")}`);
    if (found.ceiling !== undefined) names.add(found.ceiling);
  }
  return scenarios.filter((scenario) => names.has(scenario.name));
}

function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

interface Row {
  readonly name: string;
  readonly what: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly cpuMicros: number;
  readonly ceiling: string | null;
  readonly ratio: number | null;
  readonly target: number | null;
  readonly cpuRatio: number | null;
  readonly misses: readonly string[];
  readonly further: Readonly<Record<string, number>>;
}

const running = selected();
const figures = new Map<string, Figure[]>();
for (let round = 1; round <= rounds; round += 1) {
  const stage = await startStage((text) => process.stderr.write(`\r\u001b[Kround ${round} of ${rounds}: ${text}`));
  try {
    for (const scenario of running) {
      await untilServersRest();
      process.stderr.write(`\r\u001b[Kround ${round} of ${rounds}: ${scenario.name}`);
      figures.set(scenario.name, [...(figures.get(scenario.name) ?? []), await scenario.run(stage)]);
    }
  } finally {
    await stage.stop();
  }
}
process.stderr.write("\r\u001b[K");

const rows = running.map((scenario): Row => {
  const own = figures.get(scenario.name) ?? [];
  const ceilings = scenario.ceiling === undefined ? [] : (figures.get(scenario.ceiling) ?? []);
  const of = (pick: (figure: Figure) => number): number => median(own.map(pick));
  const against = (pick: (figure: Figure) => number): number | null =>
    ceilings.length === 0 ? null : median(own.map((figure, round) => pick(figure) / pick(ceilings[round] ?? figure)));
  const ratio = against((figure) => figure.requestsPerSecond);
  const cpuRatio = against((figure) => figure.cpuMicros);
  const spread = median(own.map((figure) => figure.p99Ms / figure.p50Ms));
  const errors = own.reduce((sum, figure) => sum + figure.errors, 0);
  const misses = [
    ...(scenario.target !== undefined && ratio !== null && ratio < scenario.target
      ? [`ratio below ${scenario.target}`]
      : []),
    ...(scenario.spreadMax !== undefined && spread > scenario.spreadMax
      ? [`p99/p50 ${spread.toFixed(1)} above ${scenario.spreadMax}`]
      : []),
    ...(scenario.cpuMax !== undefined && cpuRatio !== null && cpuRatio > scenario.cpuMax
      ? [`CPU above ${scenario.cpuMax} times`]
      : []),
    ...(errors > 0 ? [`${errors} errors`] : []),
  ];
  return {
    name: scenario.name,
    what: scenario.what,
    requestsPerSecond: of((figure) => figure.requestsPerSecond),
    p50Ms: of((figure) => figure.p50Ms),
    p99Ms: of((figure) => figure.p99Ms),
    errors,
    cpuMicros: of((figure) => figure.cpuMicros),
    ceiling: scenario.ceiling ?? null,
    ratio,
    target: scenario.target ?? null,
    cpuRatio,
    misses,
    further: Object.fromEntries(
      Object.keys(own[0]?.further ?? {}).map((name) => [name, of((figure) => figure.further?.[name] ?? Number.NaN)]),
    ),
  };
});

const header = ["what", "/s", "p50 ms", "p99 ms", "errors", "CPU us", "of its ceiling", "target", "CPU of it", ""];
const table = rows.map((row) => [
  `${row.name}`,
  row.requestsPerSecond.toFixed(0),
  row.p50Ms.toFixed(1),
  row.p99Ms.toFixed(1),
  String(row.errors),
  row.cpuMicros.toFixed(0),
  row.ratio === null ? "" : `${row.ratio.toFixed(2)} of ${row.ceiling}`,
  row.target === null ? "" : `>= ${row.target}`,
  row.cpuRatio === null ? "" : row.cpuRatio.toFixed(2),
  [
    ...Object.entries(row.further).map(([name, value]) => `${value.toFixed(1)} ${name}`),
    ...(row.misses.length === 0 ? [] : [`MISS: ${row.misses.join(", ")}`]),
  ].join(", "),
]);
const widths = header.map((title, column) => Math.max(title.length, ...table.map((line) => line[column]?.length ?? 0)));
const print = (line: readonly string[]): void =>
  console.log(
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
console.log(
  `medians of ${rounds} rounds, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.version}`,
);
print(header);
for (const line of table) print(line);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ rounds, rows }, null, 2)}\n`);
