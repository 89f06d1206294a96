/** What has become of tags: by the old name the new one, or null where it was taken out. */
export type TagRules = ReadonlyMap<string, string | null>;

/** An event's tags as they are kept: each once, in the order given, those that were renamed under their new names, without those taken out. */
export function settleTags(tags: readonly string[], rules: TagRules): string[] {
  const settled = tags.flatMap((tag) => {
    const target = rules.get(tag);
    return target === undefined ? [tag] : target === null ? [] : [target];
  });
  return [...new Set(settled)];
}
