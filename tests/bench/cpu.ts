import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second of the Linux kernel's accounting; fixed at 100 on all common builds (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/** Seconds of processor time that our workerd processes have used so far, user and system; null where /proc is not Linux's. */
export function serverCpuSeconds(): number | null {
  try {
    let ticks = 0;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const [, parent] = afterName;
        if (stat.includes("(workerd)") && Number(parent) === process.pid)
          ticks += Number(afterName[11]) + Number(afterName[12]);
      } catch {
        // the process ended while it was looked at
      }
    }
    return ticks / ticksPerSecond;
  } catch {
    return null;
  }
}

/**
 * Waits until the servers rest: what follows a scenario through the queues is not to be counted to the next one. Gives up
 * after a minute.
 */
export async function untilServersRest(): Promise<void> {
  const endMs = performance.now() + 60_000;
  for (let calm = 0; calm < 2 && performance.now() < endMs; ) {
    const before = serverCpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = serverCpuSeconds();
    if (before === null || after === null) return;
    calm = after - before <= 0.03 ? calm + 1 : 0;
  }
}
