import { createServer, type IncomingHttpHeaders } from "node:http";

/** A request as the server got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server says next: an answer, or `hang up` for a connection that breaks. */
export type Scripted =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "hang up";

/** A server on the loopback address that gives the scripted answers in turn, the last one from then on. */
export async function startServer(...script: readonly Scripted[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const next = script[received.length - 1] ?? script.at(-1) ?? "hang up";
      if (next === "hang up") return void request.socket.destroy();
      const text = next.body === undefined ? "" : typeof next.body === "string" ? next.body : JSON.stringify(next.body);
      const type = next.status >= 400 ? "application/problem+json" : "application/json";
      response.writeHead(next.status, { "content-type": type, ...next.headers });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("listens on a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
