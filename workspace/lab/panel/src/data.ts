/** The data tab: the data sets of the team with their codebooks, found by words, inserted as code. */

import type { Catalogue, Column, DataSet } from './door';
import { button, folded, h } from './elements';
import type { Texts } from './texts';

export interface DataActions {
  code(set: DataSet): void;
  name(column: Column): void;
}

interface Found {
  set: DataSet;
  columns: Column[];
}

/** Return the data sets and columns that hold every word; a set that holds them itself keeps all of its columns. */
export function search(sets: DataSet[], wanted: string): Found[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (...texts: string[]) => words.every(word => texts.join('\n').toLowerCase().includes(word));
  const found: Found[] = [];
  for (const set of sets) {
    if (holds(set.name, set.title)) {
      found.push({ set, columns: set.columns });
      continue;
    }
    const columns = set.columns.filter(one =>
      holds(set.name, set.title, one.name, one.title, ...one.categories.map(([, label]) => label))
    );
    if (columns.length > 0) {
      found.push({ set, columns });
    }
  }
  return found;
}

export function dataTab(catalogue: Catalogue, wanted: string, said: Texts, actions: DataActions): Node[] {
  if (catalogue.camp === null) {
    return [h('p', { class: 'datakamp-note' }, said.noCamp)];
  }
  if (catalogue.data_sets.length === 0) {
    return [h('p', { class: 'datakamp-note' }, said.noData)];
  }
  const found = search(catalogue.data_sets, wanted);
  const columns = found.reduce((sum, one) => sum + one.columns.length, 0);
  const counted = found.length > 0 ? said.found(found.length, columns) : said.nothingFound;
  const opened = wanted.trim() !== '' && found.length <= 5;
  return [
    h('p', { class: 'datakamp-count', role: 'status' }, counted),
    h('ul', { class: 'datakamp-list', 'aria-label': said.data }, ...found.map(one => shown(one, opened, said, actions)))
  ];
}

function shown({ set, columns }: Found, opened: boolean, said: Texts, actions: DataActions): HTMLElement {
  const head = h(
    'span',
    { class: 'datakamp-head' },
    h('span', { class: 'datakamp-name' }, set.name),
    set.title !== set.name && h('span', { class: 'datakamp-title' }, set.title)
  );
  const facts = h('dl', { class: 'datakamp-facts' }, h('dt', {}, said.unit), h('dd', {}, set.unit.join(', ')));
  if (set.source) {
    facts.append(h('dt', {}, said.source), h('dd', {}, set.source));
  }
  const list = h('ul', { class: 'datakamp-columns', 'aria-label': `${said.columns}: ${set.name}` });
  list.append(...columns.map(one => column(set, one, said, actions)));
  const body = folded(
    `set:${set.name}`,
    head,
    h(
      'div',
      { class: 'datakamp-row' },
      button(`code:${set.name}`, said.insertCode, said.insertCodeOf(set.name), () => actions.code(set), 'datakamp-main'),
      set.synthetic && h('span', { class: 'datakamp-tag' }, said.synthetic)
    ),
    facts,
    list
  );
  body.open = opened;
  return h('li', { class: 'datakamp-card' }, body);
}

function column(set: DataSet, one: Column, said: Texts, actions: DataActions): HTMLElement {
  const key = `column:${set.name}:${one.name}`;
  const tags = [one.key ? said.key : said.kinds[one.kind] ?? one.kind, one.measure, one.sensitive && !one.key ? said.sensitive : ''];
  const listed = one.categories.map(([code, label]) =>
    h('li', {}, h('code', {}, code), label === code ? null : ` ${label}`)
  );
  if (one.n_categories > listed.length) {
    listed.push(h('li', {}, said.more(one.n_categories - listed.length)));
  }
  return h(
    'li',
    {},
    button(key, one.name, said.insertName(one.name), () => actions.name(one), 'datakamp-column'),
    one.title ? h('span', { class: 'datakamp-title' }, one.title) : null,
    h('span', { class: 'datakamp-tags' }, tags.filter(Boolean).join(' · ')),
    listed.length > 0 && folded(`${key}:list`, said.categories(one.n_categories), h('ul', { class: 'datakamp-codes' }, ...listed))
  );
}
