import openApiDocument from "../../../../docs/openapi/openapi.json" with { type: "json" };
import type { Deps } from "../deps.ts";
import { docsContentPolicy } from "../domain/headers.ts";
import type { ApiDocument } from "../reference/document.ts";
import { renderReference } from "../reference/page.ts";
import { referenceStyle } from "../reference/style.ts";
import { checkReadiness } from "../service/check-readiness.ts";
import { exportPersonalData } from "../service/export-personal-data.ts";
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

let docsPage: string | undefined;

function docs(): Response {
  docsPage ??= renderReference(openApiDocument satisfies ApiDocument);
  return new Response(docsPage, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": publicCache,
      "content-security-policy": docsContentPolicy,
    },
  });
}

function docsStyle(): Response {
  return new Response(referenceStyle, {
    headers: { "content-type": "text/css; charset=utf-8", "cache-control": publicCache },
  });
}

/** The paths that the gateway answers itself. */
export const platformRoutes: ReadonlyMap<string, PlatformRoute> = new Map<string, PlatformRoute>([
  [
    "/health",
    { limited: false, answer: () => Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }) },
  ],
  ["/health/ready", { limited: true, answer: ready }],
  ["/openapi.json", { limited: true, answer: openApi }],
  ["/docs", { limited: true, answer: docs }],
  ["/docs/style.css", { limited: true, answer: docsStyle }],
  ["/v1/users/profile/export", { limited: true, answer: exportPersonalData }],
]);
