import type { OpenApiPart } from "./openapi.ts";

const json = (description: string, schema: object) => ({ description, content: { "application/json": { schema } } });

const readiness = { $ref: "#/components/schemas/Readiness" };

/** The paths that the gateway answers itself. It bundles no schema library, so they are written down here. */
export const platformDocument: OpenApiPart = {
  paths: {
    "/health": {
      get: {
        operationId: "getHealth",
        tags: ["Platform"],
        summary: "Whether the platform answers at all",
        responses: {
          200: json("Alive", { type: "object", properties: { status: { const: "ok" } }, required: ["status"] }),
        },
      },
    },
    "/health/ready": {
      get: {
        operationId: "getReadiness",
        tags: ["Platform"],
        summary: "Whether every worker and its stores work, and how long each took to say so",
        responses: { 200: json("All work", readiness), 503: json("Something does not work", readiness) },
      },
    },
    "/openapi.json": {
      get: {
        operationId: "getOpenApiDocument",
        tags: ["Platform"],
        summary: "This document",
        responses: { 200: json("OpenAPI 3.1", { type: "object" }) },
      },
    },
    "/docs": {
      get: {
        operationId: "getDocs",
        tags: ["Platform"],
        summary: "This document as a page",
        responses: { 200: { description: "A page", content: { "text/html": { schema: { type: "string" } } } } },
      },
    },
  },
  components: {
    schemas: {
      Readiness: {
        type: "object",
        required: ["status", "workers"],
        properties: {
          status: { enum: ["ok", "failing"] },
          workers: {
            type: "object",
            description: "By the worker's name",
            additionalProperties: {
              type: "object",
              required: ["status", "durationMs", "checks"],
              properties: {
                status: { enum: ["ok", "failing"] },
                durationMs: { type: "integer", minimum: 0 },
                checks: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["name", "ok", "durationMs"],
                    properties: {
                      name: { type: "string" },
                      ok: { type: "boolean" },
                      durationMs: { type: "integer", minimum: 0 },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};
