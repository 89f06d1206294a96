import type { StubWorker } from "@foyer/testing/worker-project";
import { providerJwk } from "./provider-keys.ts";

const { d: _private, ...publicJwk } = providerJwk;

/**
 * Stands in for everything outside: identity providers that answer as tests plan it, for a code, an access token or a whole address. The
 * answers of a plan come in turn, the last one again and again. Keys are published where nothing else is planned.
 */
export const providersStub: StubWorker = {
  name: "providers",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const plans = new Map();
    const calls = new Map();
    const endless = () => new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.enqueue(new TextEncoder().encode(" "));
      },
    });
    export default class extends WorkerEntrypoint {
      async fetch(request) {
        const { url, method } = request;
        const body = new TextDecoder().decode(await request.arrayBuffer());
        const headers = Object.fromEntries(request.headers);
        const code = new URLSearchParams(body).get("code");
        const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
        const path = new URL(url).pathname;
        const key = [url, code, bearer === undefined ? undefined : bearer + " " + path].find((each) => plans.has(each));
        for (const each of new Set([url, code, bearer])) {
          if (each !== null && each !== undefined) calls.set(each, [...(calls.get(each) ?? []), { url, method, headers, body }]);
        }
        if (key === undefined) {
          if (path === "/keys") return Response.json({ keys: [${JSON.stringify({ ...publicJwk, use: "sig", alg: "ES256" })}] });
          return new Response("nothing is planned", { status: 500 });
        }
        const plan = plans.get(key);
        const answer = plan.length > 1 ? plan.shift() : plan[0];
        if (answer.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
        if (answer.breaks) throw new Error("the connection broke");
        return new Response(answer.endless ? endless() : answer.body ?? "", { status: answer.status ?? 200, headers: answer.headers ?? {} });
      }
      async testPlan(key, answers) { plans.set(key, [...answers]); }
      async testCalls(key) { return calls.get(key) ?? []; }
    }
  `,
};
