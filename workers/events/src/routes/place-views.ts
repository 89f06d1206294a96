import type { CategoryView, CategoryWithNamesView } from "@foyer/contracts/events/categories";
import type { TagView } from "@foyer/contracts/events/tags";
import type { VenueView } from "@foyer/contracts/events/venues";
import { toRfc3339 } from "@foyer/kernel/clock";
import { defaultLocale, negotiateLocale } from "@foyer/kernel/locales";
import type { Category, PlacedCategory } from "../domain/category.ts";
import type { Venue } from "../domain/venue.ts";
import type { Tag } from "../repository/tags.ts";

/** A category's name for a reader who wants these languages, as `Accept-Language` has them, and which one it is in. */
function nameFor(wanted: string | undefined, { name, names }: Category): { name: string; locale: string } {
  const locale = negotiateLocale(wanted, Object.keys(names), defaultLocale);
  return { name: names[locale] ?? name, locale };
}

/** A category in a list, in the reader's language. */
export function toCategoryView(category: PlacedCategory, wanted: string | undefined): CategoryView {
  const { id, slug, parentId, position, version } = category;
  const path = category.path.map((step) => ({ id: step.id, slug: step.slug, name: nameFor(wanted, step).name }));
  return { id, slug, ...nameFor(wanted, category), parentId, path, position, version };
}

/** A category alone, with its names in all languages. */
export function toCategoryWithNamesView(category: PlacedCategory, wanted: string | undefined): CategoryWithNamesView {
  return { ...toCategoryView(category, wanted), names: { ...category.names } };
}

/** A tag and how many listed events have it. */
export function toTagView({ name, events, curated, version }: Tag): TagView {
  return { name, events, curated, version };
}

/** A venue, for members of its organization. */
export function toVenueView(venue: Venue): VenueView {
  const { revision: _internal, createdAtMs, updatedAtMs, rooms, ...shown } = venue;
  return { ...shown, rooms: [...rooms], createdAt: toRfc3339(createdAtMs), updatedAt: toRfc3339(updatedAtMs) };
}
