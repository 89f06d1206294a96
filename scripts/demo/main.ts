import { required } from "@foyer/kernel/assert";
import { Listr } from "listr2";
import { buildWorkers } from "../platform/build.ts";
import { newSecrets } from "../platform/secrets.ts";
import { startStack } from "../platform/stack.ts";
import { freePort } from "../platform/start.ts";
import { Report } from "./report.ts";
import { plan, Sale, steps } from "./sale.ts";

/** `npm run demo`: a whole sale on this machine, in the real runtime, with every invariant checked. */

interface Context {
  sale: Sale | null;
}

const report = new Report();
const logs: string[] = [];
const startedMs = performance.now();

const tasks = new Listr<Context>(
  [
    {
      title: "Bundle eight workers and start them with their third parties emulated",
      async task(context, task) {
        const bundles = await buildWorkers((domain) => {
          task.output = `bundled ${domain}`;
        });
        const stack = await startStack({
          bundles,
          port: await freePort(),
          secrets: newSecrets(),
          reservationTtlSeconds: plan.reservationTtlSeconds,
          rateLimits: false,
          onLog: (line, level) => {
            if (level === "error") logs.push(line);
          },
        });
        context.sale = new Sale(stack, report);
      },
    },
    ...steps.map((step) => ({
      title: step.title,
      task: (context: Context, task: { output: string }) =>
        step.run(required(context.sale, "the platform starts first"), (text) => {
          task.output = text;
        }),
    })),
  ],
  { concurrent: false, exitOnError: true, fallbackRenderer: "simple" },
);

let failure: unknown = null;
const context: Context = { sale: null };
try {
  await tasks.run(context);
} catch (thrown) {
  failure = thrown;
} finally {
  await context.sale?.stack.stop();
}

report.print((line) => console.log(line));
if (failure !== null) console.error(failure);
if (logs.length > 0) console.error(`\nlogged errors (${logs.length}), the first ten:\n${logs.slice(0, 10).join("\n")}`);
console.log(`${Math.round((performance.now() - startedMs) / 1_000)} s in all, everything is stopped`);
process.exit(failure === null && report.holds ? 0 : 1);
