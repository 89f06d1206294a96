import { spawn } from "node:child_process";
import { root } from "../platform/workers.ts";
import { rules } from "./rules/all.ts";
import { readSourceTree } from "./source-tree.ts";

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

function command(file: string, ...args: string[]): () => Promise<Outcome> {
  return () =>
    new Promise((resolve) => {
      const child = spawn(file, args, { cwd: root, env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
      child.once("error", (error) => resolve({ ok: false, output: String(error) }));
      child.once("close", (code) => resolve({ ok: code === 0, output }));
    });
}

async function houseRules(): Promise<Outcome> {
  const tree = readSourceTree(root);
  const violations = rules.flatMap((rule) => rule.check(tree));
  return {
    ok: violations.length === 0,
    output: violations.map(({ rule, file, message }) => `${rule}: ${file}: ${message}`).join("\n"),
  };
}

const steps: readonly [string, () => Promise<Outcome>][] = [
  ["format and lint", command("biome", "ci", "--error-on-warnings", ".")],
  ["types", command("turbo", "run", "types", "--output-logs=errors-only")],
  ["boundaries", houseRules],
  ["generated files", command(process.execPath, "scripts/generate/main.ts", "--check")],
  ["dead code", command("knip", "--no-progress", "--no-config-hints")],
];

let failed = 0;
for (const [name, step] of steps) {
  const startedMs = performance.now();
  const { ok, output } = await step();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (!ok) {
    failed += 1;
    console.log(output.trim());
  }
}
process.exitCode = failed === 0 ? 0 : 1;
