import type { AppContext } from "@foyer/http/app";
import { etagOf, isNotModified } from "@foyer/http/etag";
import type { Deps } from "../deps.ts";

/** Calendars, feeds and sitemaps: what is asked for again and again by programs that wait for hours between, so minutes matter to nobody. */
export const documentCache = "public, max-age=300";
/** Sitemaps and the like, which crawlers ask for about once a day. */
export const crawlerCache = "public, max-age=3600";

export interface Document {
  readonly body: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly cacheTag?: string;
  readonly fileName?: string;
  readonly vary?: string;
  /**
   * When what it shows last changed, epoch milliseconds. Left out where something may leave it without a change of what stays: then only
   * the tag can tell whether a reader has it.
   */
  readonly changedAtMs?: number;
}

/** Sends a document, or 304 where the caller has it (RFC 9110 section 13.2.2: a tag is asked before a date). */
export async function sendDocument(c: AppContext<Deps>, document: Document): Promise<never> {
  const { body, changedAtMs } = document;
  const etag = etagOf(await digestOf(body));
  const headers = new Headers({
    etag,
    "content-type": document.contentType,
    "cache-control": document.cacheControl,
    ...(document.vary === undefined ? {} : { vary: document.vary }),
    ...(document.cacheTag === undefined ? {} : { "cache-tag": document.cacheTag }),
    ...(document.fileName === undefined ? {} : { "content-disposition": `inline; filename="${document.fileName}"` }),
    ...(changedAtMs === undefined ? {} : { "last-modified": new Date(changedAtMs).toUTCString() }),
  });
  // Not JSON, so hono's typed responses have no word for these answers.
  if (isKnown(c, etag, changedAtMs)) return new Response(null, { status: 304, headers }) as never;
  return new Response(body, { headers }) as never;
}

function isKnown(c: AppContext<Deps>, etag: string, changedAtMs: number | undefined): boolean {
  const tags = c.req.header("if-none-match");
  if (tags !== undefined) return isNotModified(tags, etag);
  const since = Date.parse(c.req.header("if-modified-since") ?? "");
  // Dates have whole seconds. A date in a second in which there was a change may be from before it.
  return changedAtMs !== undefined && Math.floor(changedAtMs / 1_000) * 1_000 <= since;
}

/** Enough of a document's SHA-256 to tell two apart. */
async function digestOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
