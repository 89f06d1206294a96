import type { Suggestion } from "@foyer/contracts/search/api";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import { tagKey } from "../domain/document.ts";
import { prefixExpression } from "../domain/query-text.ts";
import type { TimedCache } from "../domain/timed-cache.ts";
import type { SearchIndex } from "./search-index.ts";

/** What may be meant by a text that is still being typed: titles of events to come, then tags. Never fails. */
export async function suggestEvents(
  deps: { readonly index: SearchIndex; readonly clock: Clock; readonly suggestions: TimedCache<Suggestion[]> },
  input: { readonly q: string },
): Promise<Result<{ data: Suggestion[] }>> {
  const expression = prefixExpression(input.q);
  if (expression === null || input.q.length < limits.suggestionCharsMin) return ok({ data: [] });
  const nowMs = deps.clock.nowMs();
  const tagPrefix = tagKey(input.q);
  const known = deps.suggestions.get(tagPrefix, nowMs);
  if (known !== undefined) return ok({ data: known });
  const data = (await deps.index.suggest({ expression, tagPrefix, nowMs })).slice(0, limits.suggestionsMax);
  if (data.length > 0) deps.suggestions.set(tagPrefix, data, nowMs);
  return ok({ data });
}
