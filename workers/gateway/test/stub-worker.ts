import type { StubWorker } from "@foyer/testing/worker-project";

/**
 * Stands in for a domain worker. It tells what it was sent, unless the request's header `test-answer` says what to answer
 * (`{ status, headers, body }`, or `{ fault }`: `throw` for a worker that is down); `test-answers` says the same for each worker by its name.
 * Readiness fails while
 * `testFailReadiness(true)` holds. `testSeen(requestId)` counts the requests that came through.
 */
export function stubWorker(domain: string): StubWorker {
  return {
    name: `foyer-${domain}`,
    script: `
      import { WorkerEntrypoint } from "cloudflare:workers";
      const seen = new Map();
      let failing = false;
      export default class extends WorkerEntrypoint {
        async testSeen(requestId) { return seen.get(requestId) ?? 0; }
        async testFailReadiness(value) { failing = value; }
        async fetch(request) {
          const { pathname, search } = new URL(request.url);
          if (pathname === "/health/ready") {
            return Response.json(
              { status: failing ? "failing" : "ok", checks: [{ name: "database", ok: !failing, durationMs: 1 }] },
              { status: failing ? 503 : 200 },
            );
          }
          const requestId = request.headers.get("x-request-id");
          seen.set(requestId, (seen.get(requestId) ?? 0) + 1);
          if (request.headers.get("upgrade") === "websocket") {
            const [client, server] = Object.values(new WebSocketPair());
            server.accept();
            server.addEventListener("message", (event) => server.send("heard " + event.data));
            return new Response(null, { status: 101, webSocket: client, headers: { "foyer-secret": "1" } });
          }
          const own = JSON.parse(request.headers.get("test-answers") ?? "{}")[${JSON.stringify(domain)}];
          const told = own ?? JSON.parse(request.headers.get("test-answer") ?? "null");
          if (told?.fault === "throw") throw new Error("down");
          let bytes = 0;
          if (request.body !== null) for await (const chunk of request.body) bytes += chunk.byteLength;
          if (told !== null) {
            const body = told.body === undefined ? null : typeof told.body === "string" ? told.body : JSON.stringify(told.body);
            return new Response(body, { status: told.status, headers: told.headers });
          }
          return Response.json({
            worker: ${JSON.stringify(domain)}, method: request.method, path: pathname, search, bytes,
            headers: Object.fromEntries(request.headers),
          });
        }
      }
    `,
  };
}
