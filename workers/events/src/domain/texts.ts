import { negotiateLocale } from "@foyer/kernel/locales";
import type { FieldFault } from "@foyer/kernel/result";
import type { EventWithText } from "./event.ts";
import { summaryOf } from "./markdown.ts";

type Written = Pick<EventWithText, "locale" | "title" | "summary" | "description" | "translations">;

/** The languages that an event is written in, its own first. */
export function localesOf({ locale, translations }: Pick<Written, "locale" | "translations">): string[] {
  return [locale, ...Object.keys(translations).filter((tag) => tag !== locale)];
}

/** What is wanted: a language by name, or whatever the browser likes best. */
export interface Wanted {
  readonly locale?: string | undefined;
  readonly acceptLanguage?: string | undefined;
}

/** The language that a reader gets. One that is asked for by name is looked up in the same way (RFC 4647 section 3.4). */
export function chooseLocale(event: Pick<Written, "locale" | "translations">, wanted: Wanted): string {
  return negotiateLocale(wanted.locale ?? wanted.acceptLanguage, localesOf(event), event.locale);
}

/** The event with title, summary and description in one of its languages. */
export function inLocale<T extends Written>(event: T, locale: string): T {
  const text = event.translations[locale];
  if (text === undefined) return event;
  return { ...event, locale, title: text.title, description: text.description, summary: summaryOf(text.description) };
}

/** An event has one text in a language: its own is not among the translations. */
export function translationFaults({ locale, translations }: Pick<Written, "locale" | "translations">): FieldFault[] {
  if (!Object.hasOwn(translations, locale)) return [];
  const message = "This is the event's own language; its text is in title and description";
  return [{ path: `translations.${locale}`, code: "events.own_locale", message }];
}
