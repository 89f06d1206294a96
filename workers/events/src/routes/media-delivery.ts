import { eventAccessHeader } from "@foyer/auth/event-access";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { type MediaQuery, mediaPathSchema, mediaQuerySchema, mediaSchema } from "@foyer/contracts/events/media";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { parseByteRange, rangeApplies, rangeResponse } from "@foyer/http/byte-range";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { responses } from "@foyer/http/responses";
import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { kindOf, type Media } from "../domain/media.ts";
import { variantName, variantOf } from "../domain/variants.ts";
import { type FoundMedia, findMedia } from "../service/find-media.ts";
import { findVariant } from "../service/find-variant.ts";
import { callOf, privateCache } from "./call.ts";
import { binarySchema } from "./raw-body.ts";

const content = {
  "image/*": { schema: binarySchema },
  "video/mp4": { schema: binarySchema },
  "application/pdf": { schema: binarySchema },
};

const deliver = createRoute({
  method: "get",
  path: "/v1/media/{mediaId}",
  operationId: "getMedia",
  tags: ["Media"],
  summary: "Read the bytes of an image, video or document, or of an image in another size and format",
  request: { params: mediaPathSchema, query: mediaQuerySchema },
  responses: {
    200: { description: "The bytes", content },
    206: { description: "A stretch of them", content },
    304: { description: "The caller has them" },
    default: responses(200, "", mediaSchema).default,
  },
});

/** Bytes never change under an address; a day bounds how long a copy outlives its removal. */
const openCache = "public, max-age=86400, immutable";
/** For who was given a signed address, and for less than its life. */
const signedCache = `private, max-age=${limits.mediaUrlKeptSeconds}`;
/** The picture itself in place of a variant that could not be made now. */
const passingCache = "public, max-age=5";
const cacheOf: Readonly<Record<FoundMedia["access"], string>> = {
  open: openCache,
  signed: signedCache,
  reader: privateCache,
};

/** Bytes of media, in the size and format that is asked for. */
export function addMediaDeliveryRoute(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(deliver, async (c) => answerWithMedia(c, c.req.valid("param").mediaId, c.req.valid("query")));
}

/** What is sent: the object itself, or one of its variants. */
interface Representation {
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Unlike any other of the same media; its validator. */
  readonly version: string;
  /** Shown for want of another that can be made another time. */
  readonly isPassing: boolean;
}

async function represent(c: AppContext<Deps>, media: Media, query: MediaQuery): Promise<Representation> {
  const deps = c.get("deps");
  const { objectKey: key, sizeBytes, contentType, sha256: version } = media;
  const itself = { key, sizeBytes, contentType, version, isPassing: false };
  const variant = variantOf(media, query, c.req.header("accept") ?? "", deps.pictures.avif);
  if (variant === null) return itself;
  const kept = await findVariant(deps, media, variant);
  if (kept === "declined") return itself;
  if (kept === "busy") return { ...itself, isPassing: true };
  return { ...kept, version: `${version}-${variantName(variant)}`, isPassing: false };
}

async function answerWithMedia(c: AppContext<Deps>, mediaId: Id<"media">, query: MediaQuery): Promise<never> {
  const deps = c.get("deps");
  const { expires, signature } = query;
  const signed = expires === undefined || signature === undefined ? null : { expires, signature };
  const found = await findMedia(deps, callOf(c), {
    mediaId,
    signature: signed,
    grant: c.req.header(eventAccessHeader),
  });
  if (!found.ok) return problem(c, eventsErrors, found.error);
  const { media, access } = found.value;
  const shown = await represent(c, media, query);
  const etag = etagOf(shown.version);
  const headers = {
    etag,
    "content-type": shown.contentType,
    // A document may do what it likes in its reader, and not in a page of ours.
    "content-disposition":
      kindOf(media.contentType) === "document" ? `attachment; filename="${media.id}.pdf"` : "inline",
    "x-content-type-options": "nosniff",
    // Should a browser be led to take it for a document all the same, nothing in it runs.
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": shown.isPassing && access === "open" ? passingCache : cacheOf[access],
    vary: [
      "authorization",
      ...(access === "open" ? [] : ["x-event-access"]),
      ...(query.format === "auto" ? ["accept"] : []),
    ].join(", "),
  };
  // Ranges and bytes are not JSON, so hono's typed responses have no word for these answers.
  if (isNotModified(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers }) as never;

  const ranged = rangeApplies(c.req.header("if-range"), shown.version) ? c.req.header("range") : undefined;
  const range = parseByteRange(ranged, shown.sizeBytes);
  if (range === "unsatisfiable") {
    const refusal: Response = problem(c, eventsErrors, {
      code: "events.range_not_satisfiable",
      detail: `There are ${shown.sizeBytes} bytes.`,
    });
    refusal.headers.set("content-range", `bytes */${shown.sizeBytes}`);
    return refusal as never;
  }
  const body = c.req.method === "HEAD" ? null : await deps.mediaStore.read(shown.key, range);
  if (body === null && c.req.method !== "HEAD")
    return problem(c, eventsErrors, { code: "events.media_not_found", detail: "No such image, video or document." });
  return rangeResponse(body, shown.sizeBytes, range, headers) as never;
}
