/** Tabs for keyboard and screen reader: arrows move between them, Tab goes into the one that is open. */

import { h } from './elements';

export class Tabs<Name extends string> {
  readonly list: HTMLElement;
  readonly panels = new Map<Name, HTMLElement>();
  private readonly heads = new Map<Name, HTMLButtonElement>();

  constructor(label: string, names: Map<Name, string>, private readonly opened: (name: Name) => void) {
    this.list = h('div', { role: 'tablist', 'aria-label': label, class: 'datakamp-tabs', keydown: event => this.move(event) });
    for (const [name, words] of names) {
      const attributes = { type: 'button', role: 'tab', id: `datakamp-tab-${name}`, 'aria-controls': `datakamp-panel-${name}` };
      const head = h('button', { ...attributes, click: () => this.open(name) }, words);
      const panel = h('div', {
        role: 'tabpanel',
        id: `datakamp-panel-${name}`,
        'aria-labelledby': `datakamp-tab-${name}`,
        tabindex: '0',
        class: 'datakamp-panel'
      });
      this.heads.set(name, head);
      this.panels.set(name, panel);
      this.list.append(head);
    }
    this.select([...names.keys()][0]);
  }

  get current(): Name {
    return [...this.heads].find(([, head]) => head.getAttribute('aria-selected') === 'true')![0];
  }

  open(name: Name): void {
    this.select(name);
    this.opened(name);
  }

  private select(name: Name): void {
    for (const [other, head] of this.heads) {
      const chosen = other === name;
      head.setAttribute('aria-selected', String(chosen));
      head.tabIndex = chosen ? 0 : -1;
      this.panels.get(other)!.hidden = !chosen;
    }
  }

  private move(event: Event): void {
    const names = [...this.heads.keys()];
    const place = names.indexOf(this.current);
    const to: Record<string, number> = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: names.length - 1 };
    const next = to[(event as KeyboardEvent).key];
    if (next === undefined) {
      return;
    }
    event.preventDefault();
    const name = names[(next + names.length) % names.length];
    this.open(name);
    this.heads.get(name)!.focus();
  }
}
