import { eventAccessHeader } from "@foyer/auth/event-access";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { type AppContext, problem } from "@foyer/http/app";
import { isNotModified } from "@foyer/http/etag";
import type { Failure } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Asked, canonicalPath } from "../domain/addresses.ts";
import { type EventWithText, isListed } from "../domain/event.ts";
import { toEmbeddableJson, toJsonLd } from "../domain/json-ld.ts";
import { chooseLocale, inLocale, localesOf } from "../domain/texts.ts";
import { getEvent, type ReadEvent } from "../service/get-event.ts";
import { callOf, privateCache, publicCache, tagsOf } from "./call.ts";
import { languageEtag, type PageAnswer, toEventPage, varyOf } from "./event-page-cache.ts";
import { mediaUrl, toEventView } from "./views.ts";

const gatedVary = "authorization, accept-language, x-event-access";

/** A page that anyone may read: shared caches keep what is listed, and ask about what is not. */
function cacheOf(event: EventWithText): string {
  return isListed(event) ? publicCache : "public, no-cache";
}

/** The same event for machines. */
function linkOf(event: EventWithText): string {
  return `</v1/events/${event.id}/schema.json>; rel="alternate"; type="application/ld+json"`;
}

/** One event for whoever asks, by whichever of its addresses; 308 from one that it no longer has. */
export async function answerWithEvent(c: AppContext<Deps>, asked: Asked, locale: string | undefined): Promise<never> {
  const grant = c.req.header(eventAccessHeader);
  if (c.get("actor").kind === "anonymous" && grant === undefined) return answerPublicly(c, asked, locale);
  const deps = c.get("deps");
  const result = await getEvent(deps, callOf(c), { ...asked, grant });
  if (!result.ok) return refuse(c, result.error);
  const { event, member, forward } = result.value;
  if (forward !== null) return forwardTo(c, forward, privateCache);
  const { language, headers, known } = represent(c, result.value, locale);
  // A 304, and a body that is serialized beforehand, have no word in hono's typed responses.
  if (known) return new Response(null, { status: 304, headers }) as never;
  const view = toEventView(event, { member, publicUrl: deps.publicUrl }, language);
  return new Response(JSON.stringify(view), { headers: { ...headers, "content-type": "application/json" } }) as never;
}

/** One event as schema.org/Event. */
export async function answerWithJsonLd(c: AppContext<Deps>, asked: Asked, locale: string | undefined): Promise<never> {
  const deps = c.get("deps");
  const result = await getEvent(deps, callOf(c), { ...asked, grant: c.req.header(eventAccessHeader) });
  if (!result.ok) return refuse(c, result.error);
  const { event, forward } = result.value;
  if (forward !== null) return forwardTo(c, `/v1/events/${event.id}/schema.json`, privateCache);
  const { language, headers, known } = represent(c, result.value, locale);
  if (known) return new Response(null, { status: 304, headers }) as never;
  const document = toJsonLd(inLocale(event, language), {
    url: `${deps.publicUrl}${canonicalPath(event)}`,
    imageUrl: event.cover === null ? null : mediaUrl(deps.publicUrl, event.cover.mediaId),
  });
  return new Response(toEmbeddableJson(document), {
    headers: { ...headers, "content-type": "application/ld+json" },
  }) as never;
}

/** Language, validator and caching of an answer about an event for this caller. Members read what was written unless they name a language. */
function represent(c: AppContext<Deps>, { event, reading, member }: ReadEvent, locale: string | undefined) {
  const acceptLanguage = member ? undefined : c.req.header("accept-language");
  const language = chooseLocale(event, { locale, acceptLanguage });
  const locales = localesOf(event);
  const etag = languageEtag(event.version, language, locales);
  const headers = {
    etag,
    link: linkOf(event),
    "content-language": language,
    "cache-control": reading === "open" && c.get("actor").kind === "anonymous" ? cacheOf(event) : privateCache,
    vary: reading === "open" ? varyOf(locales) : gatedVary,
  };
  return { language, headers, known: isNotModified(c.req.header("if-none-match"), etag) };
}

/** The public page, from the isolate's cache or by one read that all who ask meanwhile share. */
async function answerPublicly(c: AppContext<Deps>, asked: Asked, locale: string | undefined): Promise<never> {
  const deps = c.get("deps");
  const { path } = c.req;
  const call = callOf(c);
  const answer = await deps.pages.get(
    path,
    async (): Promise<PageAnswer> => {
      const result = await getEvent(deps, call, { ...asked, grant: undefined });
      if (!result.ok) return { kind: "refused", failure: result.error };
      const { event, forward } = result.value;
      if (forward !== null) return { kind: "moved", path: forward, cacheControl: cacheOf(event) };
      const page = toEventPage({
        eventId: event.id,
        version: event.version,
        cacheControl: cacheOf(event),
        cacheTag: tagsOf({ eventId: event.id }),
        locales: localesOf(event),
        fallback: event.locale,
        link: linkOf(event),
        render: (language) => toEventView(event, { member: false, publicUrl: deps.publicUrl }, language),
      });
      return { kind: "page", page };
    },
    (work) => c.executionCtx.waitUntil(work),
  );
  if (answer.kind === "refused") return refuse(c, answer.failure);
  if (answer.kind === "moved") return forwardTo(c, answer.path, answer.cacheControl);
  // The body is the declared one, serialized beforehand; hono's typed responses have no word for that.
  return deps.pages.respond(path, answer.page, c.req.raw, locale) as never;
}

/** A refusal to read. It may be another a moment later, with a grant, so nobody keeps it. */
function refuse(c: AppContext<Deps>, failure: Failure): never {
  const response: Response = problem(c, eventsErrors, failure);
  response.headers.set("cache-control", privateCache);
  return response as never;
}

/** Leads on to the address that an event has now, with the query of the request (RFC 9110 section 15.4.9). */
function forwardTo(c: AppContext<Deps>, path: string, cacheControl: string): never {
  const { search } = new URL(c.req.url);
  const headers = { location: `${path}${search}`, "cache-control": cacheControl, vary: gatedVary };
  return new Response(null, { status: 308, headers }) as never;
}
