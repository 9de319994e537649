/** The outputs tab: what is in the basket, why it is safe or not, what would repair it, and the form that hands it in. */

import type { Basket, Output, Remedy } from './door';
import { button, h } from './elements';
import type { Texts } from './texts';

export interface OutputActions {
  look(output: Output): void;
  apply(output: Output, remedy: Remedy): void;
  remove(output: Output): void;
}

export function outputsTab(basket: Basket, looked: Map<string, Remedy[]>, said: Texts, actions: OutputActions): Node[] {
  if (basket.outputs.length === 0) {
    return [
      h('p', { class: 'datakamp-note' }, said.basketEmpty, ' ', said.howToAdd),
      h('pre', { class: 'datakamp-example' }, 'sdc.basket().add(out,\n    name=..., title=..., population=...)')
    ];
  }
  const cards = basket.outputs.map(one => card(one, looked.get(one.name) ?? one.remedies, said, actions));
  return [h('ul', { class: 'datakamp-list', 'aria-label': said.outputs }, ...cards), lacking(basket.lacks, said)];
}

function card(one: Output, remedies: Remedy[] | null, said: Texts, actions: OutputActions): HTMLElement {
  const title = `output:${one.name}`;
  const facts = h('dl', { class: 'datakamp-facts' });
  const fact = (name: string, value: string) =>
    facts.append(h('dt', {}, name), h('dd', value ? {} : { class: 'datakamp-missing' }, value || said.missing));
  fact(said.title, one.title);
  fact(said.population, one.population);
  if (one.differs) {
    fact(said.differs, one.differs);
  }
  return h(
    'li',
    { class: 'datakamp-card', 'data-status': one.status },
    h(
      'div',
      { class: 'datakamp-row' },
      h('h3', { class: 'datakamp-name', id: `datakamp-${title}` }, one.name),
      button(`remove:${one.name}`, said.remove, said.removeOf(one.group), () => actions.remove(one))
    ),
    h('p', { class: 'datakamp-verdict' }, h('span', { 'aria-hidden': 'true' }, `${one.sign} `), one.verdict),
    h('p', { class: 'datakamp-title' }, one.what, one.figure ? ` (${said.figure})` : null),
    facts,
    one.findings.length > 0 && h('h4', {}, one.status === 'safe' ? said.notes : said.why),
    one.findings.length > 0 && h('ul', { class: 'datakamp-findings' }, ...one.findings.map(text => h('li', {}, text))),
    ...repairs(one, remedies, said, actions)
  );
}

function repairs(one: Output, remedies: Remedy[] | null, said: Texts, actions: OutputActions): (Node | null)[] {
  if (!one.repairable) {
    return [];
  }
  const head = h('h4', {}, said.remedies);
  if (remedies === null) {
    return [head, button(`look:${one.name}`, said.lookForRemedies, said.lookFor(one.name), () => actions.look(one))];
  }
  if (remedies.length === 0) {
    return [head, h('p', { class: 'datakamp-note' }, said.noRemedy)];
  }
  const items = remedies.map(remedy =>
    h(
      'li',
      {},
      h('span', {}, remedy.text, h('span', { class: 'datakamp-title' }, said.loses(remedy.loses))),
      button(
        `apply:${one.name}:${remedy.place}`,
        said.apply,
        said.applyOf(remedy.text, one.name),
        () => actions.apply(one, remedy),
        'datakamp-main'
      )
    )
  );
  return [head, h('ol', { class: 'datakamp-remedies' }, ...items)];
}

function lacking(lacks: string[], said: Texts): HTMLElement {
  const whole = h('div', { class: 'datakamp-lacks', id: 'datakamp-lacks' });
  if (lacks.length === 0) {
    whole.append(h('p', { class: 'datakamp-verdict', 'data-status': 'safe' }, `✓ ${said.ready}`));
  } else {
    whole.append(h('h3', {}, said.lacks), h('ul', {}, ...lacks.map(text => h('li', {}, text))));
  }
  return whole;
}
