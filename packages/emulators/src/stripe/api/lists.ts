import { invalidParam, noSuch } from "./errors.ts";
import type { Params } from "./params.ts";

interface Listed {
  readonly id: string;
  readonly object: string;
  readonly created?: number;
}

/** A page as Stripe answers it. */
export interface ListPage<T> {
  readonly object: "list";
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly url: string;
}

const pageSizeDefault = 10;
const pageSizeMax = 100;

/**
 * One page of objects, newest first, by Stripe's `limit`, `starting_after`, `ending_before` and `created`. The filters
 * are the texts that the route lets its caller ask for, by name; all parameters must be read through here.
 */
export function listPage<T extends Listed>(
  params: Params,
  url: string,
  oldestFirst: Iterable<T>,
  filters: Readonly<Record<string, (object: T) => string | null | undefined>> = {},
): ListPage<T> {
  const limit = params.optionalInteger("limit", { min: 1, max: pageSizeMax }) ?? pageSizeDefault;
  const after = params.optionalText("starting_after");
  const before = params.optionalText("ending_before");
  const inTime = readTimeRange(params);
  const wanted = Object.entries(filters).map(([name, read]) => ({ text: params.optionalText(name), read }));
  params.end();
  if (after !== undefined && before !== undefined) {
    throw invalidParam("ending_before", "You cannot use both starting_after and ending_before.");
  }

  const all = [...oldestFirst].reverse();
  const matching = all.filter(
    (object) =>
      inTime(object.created ?? 0) && wanted.every(({ text, read }) => text === undefined || read(object) === text),
  );
  if (after !== undefined) {
    const rest = matching.slice(positionOf(matching, after, "starting_after") + 1);
    return page(url, rest.slice(0, limit), rest.length > limit);
  }
  if (before !== undefined) {
    const rest = matching.slice(0, positionOf(matching, before, "ending_before"));
    return page(url, rest.slice(-limit), rest.length > limit);
  }
  return page(url, matching.slice(0, limit), matching.length > limit);
}

function page<T>(url: string, data: readonly T[], hasMore: boolean): ListPage<T> {
  return { object: "list", data, has_more: hasMore, url };
}

function positionOf(objects: readonly Listed[], id: string, param: string): number {
  const position = objects.findIndex((object) => object.id === id);
  if (position === -1) throw noSuch(objects[0]?.object ?? "object", id, param);
  return position;
}

/** `created=<s>` or `created[gte]=<s>` and its likes, in seconds since the epoch. */
function readTimeRange(params: Params): (created: number) => boolean {
  const range = params.optionalRange("created");
  return (created) =>
    created >= (range.gte ?? created) &&
    created > (range.gt ?? created - 1) &&
    created <= (range.lte ?? created) &&
    created < (range.lt ?? created + 1);
}
