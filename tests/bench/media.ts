import { film } from "@foyer/testing/films";
import { serverCpuSeconds, watchServerMemory } from "./cpu.ts";
import { type Figure, mustBe, type Scenario, unique } from "./measure.ts";
import type { Stage } from "./stage.ts";

/** As large as what people film at an event; a plan of Cloudflare's takes no larger body at once. */
const filmBytes = 100 * 1_048_576;
const partsAtOnce = 3;

/** A film that no other is the same as: its index first, its samples noise. */
function newFilm(): Uint8Array<ArrayBuffer> {
  const bytes = film(filmBytes);
  new DataView(bytes.buffer).setUint32(filmBytes - 4, unique());
  return bytes;
}

/** Sends a file once: megabytes a second, and what the servers' memory grew at the most. */
async function sendOnce(send: (file: Uint8Array<ArrayBuffer>) => Promise<Media>): Promise<Figure> {
  const file = newFilm();
  const memory = watchServerMemory();
  const cpuBefore = serverCpuSeconds();
  const startedMs = performance.now();
  const media = await send(file);
  const ms = performance.now() - startedMs;
  const cpuAfter = serverCpuSeconds();
  mustBe("bytes stored", media.sizeBytes, filmBytes);
  return {
    requestsPerSecond: 1_000 / ms,
    p50Ms: ms,
    p99Ms: ms,
    errors: 0,
    cpuMicros: cpuBefore === null || cpuAfter === null ? Number.NaN : (cpuAfter - cpuBefore) * 1e6,
    further: { "MB/s": filmBytes / 1e3 / ms, "MB of memory more": memory.grownMb() },
  };
}

/** What sends requests about a fresh draft's media, through the gateway. */
async function newSender(stage: Stage): Promise<Sender> {
  const { eventId, authorization } = await stage.newDraft();
  return async (method, path, body, type) => {
    const response = await fetch(`http://127.0.0.1:${stage.port}/v1/events/${eventId}/media${path}`, {
      method,
      headers: { authorization, ...(type === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return JSON.parse(await response.text());
  };
}

/** A body to the bucket as it comes: no gateway, nothing looked at. */
async function putBare(stage: Stage, body: Uint8Array<ArrayBuffer>): Promise<Media> {
  const response = await fetch(`http://127.0.0.1:${stage.ceilings.barePort}/put`, { method: "PUT", body });
  return JSON.parse(await response.text());
}

interface Media {
  readonly sizeBytes: number;
}
interface Upload {
  readonly id: string;
  readonly partBytes: number;
  readonly partsCount: number;
}
/** Sends a request about a draft's media and reads the JSON of its answer, which has the shape that the route says. */
type Sender = <T>(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, type?: string) => Promise<T>;

async function inParts(send: Sender, file: Uint8Array<ArrayBuffer>): Promise<Media> {
  const wanted = JSON.stringify({ contentType: "video/mp4", sizeBytes: file.length });
  const upload = await send<Upload>("POST", "/uploads", wanted, "application/json");
  let next = 0;
  const sendParts = async (): Promise<void> => {
    for (let part = next++; part < upload.partsCount; part = next++) {
      const bytes = file.subarray(part * upload.partBytes, (part + 1) * upload.partBytes);
      await send("PUT", `/uploads/${upload.id}/parts/${part + 1}`, bytes, "application/octet-stream");
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, sendParts));
  return send<Media>("POST", `/uploads/${upload.id}/complete`);
}

/** Large files on their way in. */
export const mediaScenarios: readonly Scenario[] = [
  {
    name: "bare-put",
    what: "100 MB put into a bucket as they come",
    run: (stage) => sendOnce((file) => putBare(stage, file)),
  },
  {
    name: "film",
    what: "a film of 100 MB as one body",
    ceiling: "bare-put",
    target: 0.5,
    async run(stage) {
      const send = await newSender(stage);
      return sendOnce((file) => send<Media>("POST", "", file, "video/mp4"));
    },
  },
  {
    name: "film-in-parts",
    what: "a film of 100 MB in parts of 5 MB, three at once, and put together",
    ceiling: "bare-put",
    async run(stage) {
      const send = await newSender(stage);
      return sendOnce((file) => inParts(send, file));
    },
  },
];
