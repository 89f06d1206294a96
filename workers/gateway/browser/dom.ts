/** The element of the page with this id. Markup and script are one deployment, so its absence is a bug. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} with id ${id}`);
  return found;
}

/** Makes an element with a class and children. Text goes in as text, whatever it holds. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/** Shows or hides elements. */
export function show(isShown: boolean, ...elements: readonly HTMLElement[]): void {
  for (const each of elements) each.hidden = !isShown;
}

/** Says something in the page's live region. The same words again are not said again. */
export function say(region: HTMLElement, text: string, tone: "plain" | "waiting" | "good" | "bad" = "plain"): void {
  region.dataset.tone = tone;
  if (region.textContent !== text) region.textContent = text;
}

/** A value of the address's fragment, `#name=value`; null where it is absent or empty. */
export function fragmentValue(name: string): string | null {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  return value === null || value === "" ? null : value;
}
