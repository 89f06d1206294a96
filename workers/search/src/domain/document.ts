import type { PublicEvent } from "@foyer/contracts/messages/catalog";
import { limits } from "@foyer/kernel/limits";
import { withoutMarks } from "./highlights.ts";
import { fold, wordsOf } from "./query-text.ts";

/** The texts of an event as the index takes them. */
export interface IndexedText {
  readonly title: string;
  readonly tags: readonly string[];
  readonly tagKeys: readonly string[];
  readonly categoryName: string;
  readonly organizationName: string;
  readonly place: string;
  readonly summary: string;
  readonly description: string;
}

/** How tags are compared: in whatever case they are written. */
export function tagKey(tag: string): string {
  return tag.normalize("NFC").trim().toLowerCase();
}

/** What of an event's texts is indexed. */
export function indexedText(event: PublicEvent): IndexedText {
  return {
    title: withoutMarks(event.title),
    tags: event.tags.map(withoutMarks),
    tagKeys: [...new Set(event.tags.map(tagKey))].sort(),
    categoryName: withoutMarks(event.categoryName ?? ""),
    organizationName: withoutMarks(event.organizationName),
    place: withoutMarks(event.place),
    summary: withoutMarks(event.summary),
    description: withoutMarks(event.description).slice(0, limits.searchDescriptionCharsMax),
  };
}

/** The words that misspelled ones are compared with: those of an event's short texts. */
export function dictionaryWords(text: IndexedText): string[] {
  const shorts = [text.title, ...text.tags, text.categoryName, text.organizationName, text.place, text.summary].join(
    " ",
  );
  const folded = wordsOf(shorts, limits.dictionaryWordsPerDocumentMax)
    .map(fold)
    .filter((word) => {
      const { length } = [...word];
      return length >= 3 && length <= limits.dictionaryWordCharsMax;
    });
  return [...new Set(folded)].sort();
}
