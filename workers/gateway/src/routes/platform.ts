import openApiDocument from "../../../../docs/openapi/openapi.json" with { type: "json" };
import type { Deps } from "../deps.ts";
import { docsContentPolicy } from "../domain/headers.ts";
import { checkReadiness } from "../service/check-readiness.ts";
import type { GatewayCall } from "../service/gateway-call.ts";

/** A path that the gateway answers itself, to GET and HEAD. */
export interface PlatformRoute {
  /** Whether the clients' limits hold here. Liveness is free, so that a probe is never mistaken for a flood. */
  readonly limited: boolean;
  readonly answer: (deps: Deps, call: GatewayCall) => Response | Promise<Response>;
}

const publicCache = "public, max-age=300";

let openApiText: string | undefined;

function openApi(): Response {
  openApiText ??= JSON.stringify(openApiDocument);
  return new Response(openApiText, { headers: { "content-type": "application/json", "cache-control": publicCache } });
}

async function ready(deps: Deps, call: GatewayCall): Promise<Response> {
  const readiness = await checkReadiness(deps, call.requestId);
  return Response.json(readiness, {
    status: readiness.status === "ok" ? 200 : 503,
    headers: { "cache-control": "no-store", ...(readiness.status === "ok" ? {} : { "retry-after": "5" }) },
  });
}

const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foyer API reference</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="reference"><noscript>The reference needs JavaScript. The document it shows is at <a href="/openapi.json">/openapi.json</a>.</noscript></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** A file of its own because the page's content policy lets no script stand inside the page. */
const docsStart = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  tagsSorter: "alpha",
});
`;

function text(body: string, contentType: string, headers: Readonly<Record<string, string>> = {}): PlatformRoute {
  return {
    limited: true,
    answer: () =>
      new Response(body, { headers: { "content-type": contentType, "cache-control": publicCache, ...headers } }),
  };
}

/** Files of the page's renderer that may be had; its package holds more. */
const docsFiles = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"] as const;

const docsFileRoutes = docsFiles.map((file): readonly [string, PlatformRoute] => [
  `/docs/${file}`,
  { limited: true, answer: (deps, call) => deps.docsAssets.fetch(assetRequest(call.request, file)) },
]);

function assetRequest(request: Request, file: string): Request {
  const headers = new Headers();
  const known = request.headers.get("if-none-match");
  if (known !== null) headers.set("if-none-match", known);
  return new Request(new URL(`/${file}`, request.url), { method: request.method, headers });
}

/** The paths that the gateway answers itself. */
export const platformRoutes: ReadonlyMap<string, PlatformRoute> = new Map<string, PlatformRoute>([
  [
    "/health",
    { limited: false, answer: () => Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }) },
  ],
  ["/health/ready", { limited: true, answer: ready }],
  ["/openapi.json", { limited: true, answer: openApi }],
  ["/docs", text(docsPage, "text/html; charset=utf-8", { "content-security-policy": docsContentPolicy })],
  ["/docs/start.js", text(docsStart, "text/javascript; charset=utf-8")],
  ...docsFileRoutes,
]);
