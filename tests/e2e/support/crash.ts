import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import * as z from "zod";

const run = promisify(execFile);

/** The id of the one runtime that this very process started; of no other on this machine. */
export async function findRuntime(): Promise<number> {
  const processes = process.platform === "linux" ? await readProcesses() : await askForProcesses();
  const own = processes.filter(({ parent, name }) => parent === process.pid && name === "workerd");
  const [runtime] = own;
  if (runtime === undefined || own.length > 1) throw new Error(`expected one runtime, found ${own.length}`);
  return runtime.pid;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** From the kernel itself (proc(5)), because not every image has `ps`. */
async function readProcesses(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // A process may end while it is looked at.
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return stats.flatMap((stat) => parseProcess(/^(?<pid>\d+) \((?<name>.*)\) \S (?<parent>\d+) /s.exec(stat)));
}

async function askForProcesses(): Promise<Process[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  return stdout
    .split("\n")
    .flatMap((line) => parseProcess(/^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?:.*\/)?(?<name>.+?)\s*$/.exec(line)));
}

function parseProcess(match: RegExpExecArray | null): Process[] {
  const { pid, parent, name } = match?.groups ?? {};
  return name === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), name }];
}

/** A message that a box office had committed but not sent when it died. */
export interface PromisedMessage {
  readonly consumer: string;
  readonly type: string;
  readonly orderId: string | null;
}

const bodySchema = z.object({ type: z.string(), payload: z.object({ orderId: z.string().optional() }) });

/** Reads from the files of a dead runtime what its box offices still promise to tell. */
export function readPromises(stateDirectory: string): Promise<PromisedMessage[]> {
  return eachBoxOffice(stateDirectory, readOutbox);
}

/** How far a box office had come in cancelling its orders when it died. */
export interface CancellationProgress {
  readonly eventId: string;
  /** Orders that it had come by. */
  readonly visited: number;
  readonly isFinished: boolean;
}

/** Reads from the files of a dead runtime how far the cancellations of its events had come. */
export function readRounds(stateDirectory: string): Promise<CancellationProgress[]> {
  return eachBoxOffice(stateDirectory, (db) =>
    db
      .prepare(
        "SELECT facts ->> '$.eventId' AS eventId, visited, finished_at_ms FROM sale, rounds WHERE kind = 'cancellation'",
      )
      .all()
      .map((row) => ({
        eventId: String(row.eventId),
        visited: Number(row.visited),
        isFinished: row.finished_at_ms !== null,
      })),
  );
}

/** Looks into a copy of every box office that was prepared; the files themselves stay as they are. */
async function eachBoxOffice<T>(stateDirectory: string, read: (db: DatabaseSync) => T[]): Promise<T[]> {
  const copy = await mkdtemp(path.join(tmpdir(), "foyer-promises-"));
  try {
    await cp(stateDirectory, copy, { recursive: true });
    const files = (await readdir(copy, { recursive: true })).filter((name) => /BoxOffice.*\.sqlite$/.test(name));
    return files.flatMap((name) => {
      const db = new DatabaseSync(path.join(copy, name));
      try {
        const tables = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox'").all();
        return tables.length === 0 ? [] : read(db);
      } finally {
        db.close();
      }
    });
  } finally {
    await rm(copy, { recursive: true });
  }
}

function readOutbox(db: DatabaseSync): PromisedMessage[] {
  return db
    .prepare("SELECT consumer, body FROM outbox")
    .all()
    .map((row) => {
      const { type, payload } = bodySchema.parse(JSON.parse(String(row.body)));
      return { consumer: String(row.consumer), type, orderId: payload.orderId ?? null };
    });
}
