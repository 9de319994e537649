/** Elements of a page. Whatever a text holds, it becomes text: nothing here reads HTML. */

type Child = Node | string | null | false | undefined;
type Attributes = Record<string, string | boolean | ((event: Event) => void) | undefined>;

/** Return an element; `data-key` names it across renderings, for its focus and whether it is open. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else if (value === true) {
      made.setAttribute(name, '');
    } else if (typeof value === 'string') {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false && child !== undefined));
  return made;
}

export function button(key: string, label: string, spoken: string, click: () => void, kind = ''): HTMLButtonElement {
  const names = `jp-mod-styled jp-mod-minimal datakamp-button ${kind}`;
  return h('button', { type: 'button', class: names, 'data-key': key, 'aria-label': spoken, title: spoken, click }, label);
}

/** Return a summary that opens; it stays as it was when the page is rendered anew. */
export function folded(key: string, head: Node | string, ...children: Child[]): HTMLDetailsElement {
  return h('details', { 'data-key': key }, h('summary', { 'data-key': `${key}:head` }, head), ...children);
}

/** Put other content into a place, and keep what was open and what had the focus. */
export function replace(place: HTMLElement, ...children: Child[]): void {
  const open = new Set<string>();
  for (const one of Array.from(place.querySelectorAll<HTMLDetailsElement>('details[data-key]'))) {
    if (one.open) {
      open.add(one.dataset.key!);
    }
  }
  const active = document.activeElement as HTMLElement | null;
  const focused = active !== null && place.contains(active) ? active.dataset.key : undefined;
  place.replaceChildren(...children.filter((child): child is Node | string => child instanceof Node || typeof child === 'string'));
  for (const one of Array.from(place.querySelectorAll<HTMLElement>('[data-key]'))) {
    if (one instanceof HTMLDetailsElement && open.has(one.dataset.key!)) {
      one.open = true;
    }
    if (focused !== undefined && one.dataset.key === focused) {
      one.focus();
    }
  }
  // What had the focus is gone: it stays in the panel, where a keyboard can go on.
  if (focused !== undefined && !place.contains(document.activeElement)) {
    place.focus();
  }
}
