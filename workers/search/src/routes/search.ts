import {
  searchPageSchema,
  searchQuerySchema,
  suggestionsSchema,
  suggestQuerySchema,
} from "@foyer/contracts/search/api";
import { searchErrors } from "@foyer/contracts/search/errors";
import { type AppEnv, respond } from "@foyer/http/app";
import { responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { searchEvents } from "../service/search-events.ts";
import { suggestEvents } from "../service/suggest-events.ts";

/**
 * A second in shared caches, beside half a second in the isolate: with the second that news may take to get here, what is
 * published is found within two.
 */
const cacheControl = "public, max-age=0, s-maxage=1";

const search = createRoute({
  method: "get",
  path: "/v1/search/events",
  operationId: "searchEvents",
  tags: ["Search"],
  summary: "Find published events",
  request: { query: searchQuerySchema },
  responses: responses(200, "What was found, best or soonest first", searchPageSchema),
});

const suggest = createRoute({
  method: "get",
  path: "/v1/search/suggest",
  operationId: "suggestSearch",
  tags: ["Search"],
  summary: "Complete what is being typed",
  request: { query: suggestQuerySchema },
  responses: responses(200, "At most eight suggestions", suggestionsSchema),
});

/** Adds the public reading routes of search. */
export function addSearchRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(search, async (c) => {
    const result = await searchEvents(c.get("deps"), c.req.valid("query"));
    if (result.ok) c.header("cache-control", cacheControl);
    return respond(c, searchErrors, result, 200, (page) => page);
  });

  app.openapi(suggest, async (c) => {
    const result = await suggestEvents(c.get("deps"), c.req.valid("query"));
    if (result.ok) c.header("cache-control", cacheControl);
    return respond(c, searchErrors, result, 200, (page) => page);
  });
}
