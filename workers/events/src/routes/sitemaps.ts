import { eventsErrors } from "@foyer/contracts/events/errors";
import { documentSchema, sitemapPathSchema } from "@foyer/contracts/events/feeds";
import { type AppEnv, problem } from "@foyer/http/app";
import { responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { toSitemap, toSitemapIndex } from "../domain/feeds/sitemap.ts";
import { readSitemap, readSitemapIndex } from "../service/read-sitemap.ts";
import { tagsOf } from "./call.ts";
import { crawlerCache, sendDocument } from "./documents.ts";

const tags = ["Feeds"];
const xmlType = "application/xml; charset=utf-8";
const { default: problemAnswer } = responses(200, "", documentSchema);
const answers = {
  200: { description: "The document", content: { "application/xml": { schema: documentSchema } } },
  304: { description: "The caller has it" },
  default: problemAnswer,
};

const index = createRoute({
  method: "get",
  path: "/sitemap.xml",
  operationId: "getSitemapIndex",
  tags,
  summary: "Index of the sitemaps of all listed events",
  responses: answers,
});

const file = createRoute({
  method: "get",
  path: "/sitemaps/{file}",
  operationId: "getSitemap",
  tags,
  summary: "Addresses of a range of listed events",
  request: { params: sitemapPathSchema },
  responses: answers,
});

const robots = createRoute({
  method: "get",
  path: "/robots.txt",
  operationId: "getRobots",
  tags,
  summary: "What crawlers may read, and where the sitemaps are",
  responses: {
    200: { description: "The document", content: { "text/plain": { schema: documentSchema } } },
    304: { description: "The caller has it" },
    default: problemAnswer,
  },
});

/** What crawlers read. */
export function addSitemapRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(index, async (c) => {
    const { publicUrl, sitemaps } = c.get("deps");
    const body = toSitemapIndex(await readSitemapIndex({ sitemaps }), publicUrl);
    return sendDocument(c, { body, contentType: xmlType, cacheControl: crawlerCache, cacheTag: tagsOf({}) });
  });

  app.openapi(file, async (c) => {
    const { publicUrl, sitemaps } = c.get("deps");
    const [, after = "", upTo = ""] = c.req.valid("param").file.replace(".xml", "").split("-");
    const events = await readSitemap({ sitemaps }, { after, upTo });
    if (events.length === 0)
      return problem(c, eventsErrors, { code: "request.not_found", detail: "No listed events are in this range." });
    const body = toSitemap(events, publicUrl);
    return sendDocument(c, { body, contentType: xmlType, cacheControl: crawlerCache, cacheTag: tagsOf({}) });
  });

  app.openapi(robots, async (c) => {
    const body = `User-agent: *\nAllow: /\n\nSitemap: ${c.get("deps").publicUrl}/sitemap.xml\n`;
    return sendDocument(c, { body, contentType: "text/plain; charset=utf-8", cacheControl: crawlerCache });
  });
}
