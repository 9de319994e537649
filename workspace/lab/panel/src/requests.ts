/** The requests tab: what the team has handed in, where it stands, what is asked, and the answers to that. */

import type { Question, Request, Requests } from './door';
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
const ENDED = new Set(['refused', 'rejected', 'recalled', 'withdrawn']);
const UNDER_WAY = new Set(['waiting', 'submitted']);
const LONGEST_ANSWER = '2000';

export interface Deeds {
  /** Fill the form with a request that has ended, to be handed in anew. */
  anew: (request: Request) => void;
  /** Hand the basket in as the next revision of a returned request. */
  revise: (request: Request) => void;
  /** Hand the same outputs in again, with the answers. */
  again: (request: Request) => void;
}

export interface Answer {
  id: number;
  answer: string;
}

/** What is typed as answers, kept while the tab is shown anew. */
export class Answers {
  private readonly typed = new Map<number, string>();

  of(question: Question): string {
    return this.typed.get(question.id) ?? '';
  }

  type(question: Question, answer: string): void {
    this.typed.set(question.id, answer);
  }

  /** Return the answers to a request; a question without one is in `missing`. */
  to(request: Request): { answers: Answer[]; missing: Question[] } {
    const open = request.questions.filter(one => !one.answered);
    const answers = open.map(one => ({ id: one.id, answer: this.of(one).trim() })).filter(one => one.answer !== '');
    return { answers, missing: open.filter(one => this.of(one).trim() === '') };
  }
}

/** The name of a question's field, by which it is found to be focused. */
export function fieldOf(question: Question): string {
  return `datakamp-answer-${question.id}`;
}

export function requestsTab(found: Requests, answers: Answers, said: Texts, deeds: Deeds): Node[] {
  const shown: Node[] = [];
  if (!found.inbox) {
    shown.push(h('p', { class: 'datakamp-note' }, said.noInbox));
  }
  if (found.requests.length === 0) {
    return [...shown, h('p', { class: 'datakamp-note' }, said.noRequests)];
  }
  const cards = found.requests.map(one => card(one, underWay(one, found.requests), answers, said, deeds));
  return [...shown, h('ol', { class: 'datakamp-list', 'aria-label': said.requests }, ...cards)];
}

/** The number of the submission that hands a returned request in again and has not been taken in; null for none. */
function underWay(one: Request, all: Request[]): number | null {
  const later = all.filter(other => other.revises === one.number && UNDER_WAY.has(other.state)).map(other => other.number);
  return one.state === 'returned' && later.length >= one.revision ? Math.max(...later) : null;
}

function card(one: Request, again: number | null, answers: Answers, said: Texts, deeds: Deeds): HTMLElement {
  const first = one.revises === null;
  return h(
    'li',
    { class: 'datakamp-card', 'data-state': one.state },
    h('h3', { class: 'datakamp-name' }, said.request(one.number)),
    h('p', { class: 'datakamp-verdict' }, h('span', { 'aria-hidden': 'true' }, `${SIGNS[one.state] ?? '…'} `), one.words),
    h('p', { class: 'datakamp-title' }, one.title),
    !first && h('p', { class: 'datakamp-hint' }, said.revises(one.revises!)),
    first && one.revision > 1 && h('p', { class: 'datakamp-hint' }, said.revision(one.revision)),
    one.reason !== '' && h('h4', {}, said.says),
    one.reason !== '' && h('blockquote', { class: 'datakamp-said' }, one.reason),
    one.outputs.length > 0 &&
      h('dl', { class: 'datakamp-facts' }, h('dt', {}, said.outputsOf), h('dd', {}, one.outputs.join(', '))),
    one.questions.length > 0 && questions(one, answers, said),
    again !== null && h('p', { class: 'datakamp-hint' }, said.underWay(again)),
    first && one.state === 'returned' && ways(one, said, deeds),
    first && ENDED.has(one.state) && button(`anew:${one.number}`, said.anew, said.anewOf(one.number), () => deeds.anew(one), 'datakamp-main')
  );
}

function questions(one: Request, answers: Answers, said: Texts): HTMLElement {
  const items = one.questions.map(question => {
    const field = fieldOf(question);
    const asks = one.state === 'returned' && !question.answered;
    const typed = (event: Event) => answers.type(question, (event.target as HTMLTextAreaElement).value);
    const attributes = { id: field, rows: '3', maxlength: LONGEST_ANSWER, class: 'jp-mod-styled', 'data-key': field };
    const area = asks ? h('textarea', { ...attributes, 'aria-describedby': `${field}-said`, input: typed }) : null;
    if (area !== null) {
      area.value = answers.of(question);
    }
    return h(
      'li',
      {},
      h('p', { class: 'datakamp-hint' }, said.asked(question.id, question.output)),
      h('blockquote', { class: 'datakamp-said', id: `${field}-said` }, question.said),
      question.answered && h('p', {}, h('span', { 'aria-hidden': 'true' }, '✓ '), said.answered),
      area !== null && h('div', { class: 'datakamp-field' }, h('label', { for: field }, said.answerTo(question.id)), area)
    );
  });
  return h('div', {}, h('h4', {}, said.questions), h('ul', { class: 'datakamp-questions' }, ...items));
}

function ways(one: Request, said: Texts, deeds: Deeds): HTMLElement {
  return h(
    'div',
    { class: 'datakamp-ways' },
    button(`revise:${one.number}`, said.revise, said.reviseOf(one.number), () => deeds.revise(one), 'datakamp-main'),
    button(`again:${one.number}`, said.again, said.againOf(one.number), () => deeds.again(one))
  );
}
