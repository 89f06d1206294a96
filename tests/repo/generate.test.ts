import { describe, expect, test } from "vitest";
import { findFaults, mergeParts, type NamedPart, type OpenApiPart } from "../../scripts/generate/openapi.ts";

const operation = (operationId: string) => ({
  operationId,
  tags: ["Events"],
  responses: { 200: { description: "ok" } },
});
const part = (domain: NamedPart["domain"], paths: OpenApiPart["paths"], schemas = {}): NamedPart => ({
  domain,
  part: { paths, components: { schemas } },
});

const events = part(
  "events",
  { "/v1/events": { post: operation("createEvent"), get: operation("listEvents") } },
  { B: { type: "string" } },
);
const search = part(
  "search",
  { "/v1/search/events": { get: operation("searchEvents") } },
  { A: { type: "object" }, B: { type: "string" } },
);

describe("documents that fit together", () => {
  test("have no faults, and merge to the same text in whatever order they come", () => {
    expect(findFaults([events, search])).toEqual([]);
    const merged = JSON.stringify(mergeParts([events, search]));
    expect(JSON.stringify(mergeParts([search, events]))).toBe(merged);
    const { paths, components } = mergeParts([search, events]);
    expect(Object.keys(paths)).toEqual(["/v1/events", "/v1/search/events"]);
    expect(Object.keys(paths["/v1/events"] ?? {})).toEqual(["get", "post"]);
    expect(Object.keys(components.schemas ?? {})).toEqual(["A", "B"]);
  });

  test("declare for each operation who may call it and that it can be refused", () => {
    const { paths } = mergeParts([events]);
    expect(paths["/v1/events"]?.get).toMatchObject({ security: [], responses: { 200: {}, "4XX": {}, default: {} } });
  });
});

describe("documents that do not fit together are refused:", () => {
  test("one operation twice", () => {
    const twice = part("events", { "/v1/events": { get: operation("other") } });
    expect(findFaults([events, twice])).toEqual(["GET /v1/events is declared by events and events"]);
  });

  test("one operationId for two operations", () => {
    const same = part("search", { "/v1/search/suggest": { get: operation("listEvents") } });
    expect(findFaults([events, same])).toEqual([
      "operationId listEvents names GET /v1/events and GET /v1/search/suggest",
    ]);
  });

  test("one name for two schemas", () => {
    const other = part("search", {}, { B: { type: "number" } });
    expect(findFaults([events, other])).toEqual(["components.schemas.B differs between events and search"]);
  });

  test("a tag that nobody has described", () => {
    const untold = part("events", { "/v1/events": { get: { ...operation("listEvents"), tags: ["Odds and ends"] } } });
    expect(findFaults([untold])).toEqual(["GET /v1/events has the tag Odds and ends, which tags.ts does not describe"]);
  });

  test("a path that the gateway sends to another worker", () => {
    const astray = part("search", { "/v1/events/{id}/pools": { get: operation("listPools") } });
    expect(findFaults([astray])).toEqual([
      "GET /v1/events/{id}/pools is declared by search, and the gateway sends it to bookings",
    ]);
  });

  test("a path that the gateway does not know", () => {
    const unknown = part("search", { "/v1/nowhere": { get: operation("x") } });
    expect(findFaults([unknown])).toEqual([
      "GET /v1/nowhere is declared by search, and the gateway sends it to gateway",
    ]);
  });
});
