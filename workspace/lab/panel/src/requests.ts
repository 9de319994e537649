/** The requests tab: what the team has handed in, where it stands, and what was said of it. */

import type { Request, Requests } from './door';
import { button, h } from './elements';
import type { Texts } from './texts';

const SIGNS: Record<string, string> = {
  approved: '✓',
  released: '✓',
  refused: '▲',
  rejected: '▲',
  recalled: '▲',
  returned: '?',
  unknown: '?'
};
const MENDABLE = new Set(['refused', 'rejected', 'returned', 'recalled', 'withdrawn']);

export function requestsTab(found: Requests, said: Texts, again: (request: Request) => void): Node[] {
  const shown: Node[] = [];
  if (!found.inbox) {
    shown.push(h('p', { class: 'datakamp-note' }, said.noInbox));
  }
  if (found.requests.length === 0) {
    return [...shown, h('p', { class: 'datakamp-note' }, said.noRequests)];
  }
  const cards = found.requests.map(one => card(one, said, again));
  return [...shown, h('ol', { class: 'datakamp-list', 'aria-label': said.requests }, ...cards)];
}

function card(one: Request, said: Texts, again: (request: Request) => void): HTMLElement {
  return h(
    'li',
    { class: 'datakamp-card', 'data-state': one.state },
    h('h3', { class: 'datakamp-name' }, said.request(one.number)),
    h('p', { class: 'datakamp-verdict' }, h('span', { 'aria-hidden': 'true' }, `${SIGNS[one.state] ?? '…'} `), one.words),
    h('p', { class: 'datakamp-title' }, one.title),
    one.reason !== '' && h('h4', {}, said.says),
    one.reason !== '' && h('blockquote', { class: 'datakamp-said' }, one.reason),
    one.outputs.length > 0 &&
      h('dl', { class: 'datakamp-facts' }, h('dt', {}, said.outputsOf), h('dd', {}, one.outputs.join(', '))),
    MENDABLE.has(one.state) && button(`again:${one.number}`, said.again, said.againOf(one.number), () => again(one), 'datakamp-main')
  );
}
