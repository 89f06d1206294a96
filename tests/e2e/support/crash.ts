import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import * as z from "zod";

const run = promisify(execFile);

/** Kills the runtime that this process started, as a power cut would: nothing is flushed, nobody is told. */
export async function findRuntime(): Promise<number> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const own = stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(line))
    .filter((match) => Number(match?.[2]) === process.pid && /\bworkerd$/.test(match?.[3] ?? ""))
    .map((match) => Number(match?.[1]));
  const [pid] = own;
  if (pid === undefined || own.length > 1) throw new Error(`expected one runtime, found ${own.length}`);
  return pid;
}

/** A message that a box office had committed but not sent when it died. */
export interface PromisedMessage {
  readonly consumer: string;
  readonly type: string;
  readonly orderId: string | null;
}

const bodySchema = z.object({ type: z.string(), payload: z.object({ orderId: z.string().optional() }) });

/** Reads from the files of a dead runtime what its box offices still promise to tell. */
export async function readPromises(stateDirectory: string): Promise<PromisedMessage[]> {
  const copy = await mkdtemp(path.join(tmpdir(), "foyer-promises-"));
  try {
    await cp(stateDirectory, copy, { recursive: true });
    const files = (await readdir(copy, { recursive: true })).filter((name) => /BoxOffice.*\.sqlite$/.test(name));
    return files.flatMap((name) => readOutbox(path.join(copy, name)));
  } finally {
    await rm(copy, { recursive: true });
  }
}

function readOutbox(file: string): PromisedMessage[] {
  const db = new DatabaseSync(file);
  try {
    const tables = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox'").all();
    if (tables.length === 0) return [];
    return db
      .prepare("SELECT consumer, body FROM outbox")
      .all()
      .map((row) => {
        const { type, payload } = bodySchema.parse(JSON.parse(String(row.body)));
        return { consumer: String(row.consumer), type, orderId: payload.orderId ?? null };
      });
  } finally {
    db.close();
  }
}
