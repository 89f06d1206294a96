import { limits } from "@foyer/kernel/limits";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { WorkerBinding } from "../domain/routes.ts";
import type { GatewayCall } from "./gateway-call.ts";
import { passOn } from "./pass-on.ts";
import { problem } from "./problem.ts";

/** Workers that keep something about people besides users, which is asked before them. */
const otherKeepers = ["EVENTS", "BOOKINGS", "PAYMENTS", "NOTIFICATIONS"] as const satisfies readonly WorkerBinding[];

/**
 * Everything that the platform keeps about whoever asks, as one document: each worker that keeps something answers for its own part, and
 * checks for itself who asks. The first refusal is the answer; where a part cannot be had there is no document at all, because half of one looks
 * like a whole.
 */
export async function exportPersonalData(deps: Deps, call: GatewayCall): Promise<Response> {
  try {
    // Whether there is such an account only users knows; nobody else is troubled where there is not.
    const users = await askFor(deps, call, "USERS");
    if (users instanceof Response) return users;
    const others = await Promise.all(otherKeepers.map((worker) => askFor(deps, call, worker)));
    const refusal = others.find((part) => part instanceof Response);
    if (refusal !== undefined) return refusal;
    const parts = Object.assign({}, users.parts, ...others.map((part) => (part instanceof Response ? {} : part.parts)));
    return Response.json(
      { generatedAt: users.generatedAt, parts },
      {
        headers: {
          "cache-control": "no-store",
          "content-disposition": 'attachment; filename="personal-data.json"',
        },
      },
    );
  } catch (thrown) {
    deps.log.error("export incomplete", { ...describeError(thrown), requestId: call.requestId });
    return problem(
      { code: "platform.unavailable", detail: "A part of the platform cannot say what it keeps right now; try again." },
      call,
    );
  }
}

/** One worker's part of the document. */
interface Part {
  readonly generatedAt: string;
  readonly parts: Readonly<Record<string, object>>;
}

/** A worker's part, or its refusal. Throws where it has no answer, is late, or answers with something else. */
async function askFor(deps: Deps, call: GatewayCall, worker: WorkerBinding): Promise<Part | Response> {
  const name = worker.toLowerCase();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} is late`)), limits.exportPartTimeoutMs);
  });
  const read = async (): Promise<Part | Response> => {
    const { url, headers } = call.request;
    const request = new Request(url, { headers });
    const response = await passOn(deps, { ...call, request }, worker);
    if (response.status >= 400 && response.status < 500) return response;
    const document: unknown = response.status === 200 ? await response.json() : null;
    if (!isPart(document, name)) throw new Error(`${name} answered ${response.status} without its part`);
    return document;
  };
  try {
    return await Promise.race([read(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function isPart(document: unknown, name: string): document is Part {
  if (typeof document !== "object" || document === null) return false;
  if (!("generatedAt" in document && "parts" in document) || typeof document.generatedAt !== "string") return false;
  const { parts } = document;
  return typeof parts === "object" && parts !== null && Object.keys(parts).join() === name;
}
