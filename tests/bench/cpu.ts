import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Clock ticks a second of the Linux kernel's accounting; fixed at 100 on all common builds (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/** Ids of our workerd processes; none where /proc is not Linux's. */
function serverPids(): number[] {
  const pids: number[] = [];
  for (const pid of existsSync("/proc/self/stat") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : []) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (stat.includes("(workerd)") && Number(parent) === process.pid) pids.push(Number(pid));
    } catch {
      // the process ended while it was looked at
    }
  }
  return pids;
}

/** Seconds of processor time that our workerd processes have used so far, user and system; null where /proc is not Linux's. */
export function serverCpuSeconds(): number | null {
  if (!existsSync("/proc/self/stat")) return null;
  let ticks = 0;
  for (const pid of serverPids()) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      ticks += Number(afterName[11]) + Number(afterName[12]);
    } catch {
      // the process ended while it was looked at
    }
  }
  return ticks / ticksPerSecond;
}

/**
 * Watches how much memory our workerd processes hold at the most, over what they hold now (`VmHWM` over `VmRSS`, proc(5)), in megabytes. NaN where
 * /proc is not Linux's.
 */
export function watchServerMemory(): { readonly grownMb: () => number } {
  const held = new Map<number, number>();
  for (const pid of serverPids()) {
    writeFileSync(`/proc/${pid}/clear_refs`, "5"); // the peak begins anew
    held.set(pid, statusKb(pid, "VmRSS"));
  }
  return {
    grownMb: () =>
      held.size === 0
        ? Number.NaN
        : [...held].reduce((sum, [pid, before]) => sum + Math.max(0, statusKb(pid, "VmHWM") - before), 0) / 1_024,
  };
}

function statusKb(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(found?.[1] ?? Number.NaN);
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
