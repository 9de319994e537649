/** The form that hands the basket in, and how far that is. It keeps what was typed while the rest is rendered anew. */

import { button, h } from './elements';
import type { Texts } from './texts';

export interface Filled {
  title: string;
  purpose: string;
  code: string[];
  /** The request of which this is the next revision; null for a new request. */
  revises: number | null;
}

type Step = 'saving' | 'writing' | 'waiting';
type Progress = 'todo' | 'doing' | 'done' | 'failed';
const STEPS: Step[] = ['saving', 'writing', 'waiting'];
const SIGNS: Record<Progress, string> = { todo: '○', doing: '…', done: '✓', failed: '▲' };

export class SubmissionForm {
  readonly node: HTMLFormElement;
  private readonly title = h('input', { type: 'text', maxlength: '200', id: 'datakamp-submit-title' });
  private readonly purpose = h('textarea', {
    rows: '4',
    maxlength: '2000',
    id: 'datakamp-submit-purpose',
    'aria-describedby': 'datakamp-submit-purpose-hint'
  });
  private readonly code = h('input', {
    type: 'text',
    id: 'datakamp-submit-code',
    'aria-describedby': 'datakamp-submit-code-hint',
    spellcheck: 'false'
  });
  private readonly progress = h('ol', { class: 'datakamp-progress' });
  private readonly hint = h('p', { class: 'datakamp-note' });
  private readonly about: HTMLElement;
  private readonly send: HTMLButtonElement;
  private suggested = '';
  private revises: number | null = null;

  constructor(
    private readonly said: Texts,
    submit: (filled: Filled) => Promise<void>,
    refuse: (sentence: string) => void
  ) {
    this.send = button('submit', said.submit, said.submit, () => undefined, 'datakamp-main');
    this.send.type = 'submit';
    this.send.setAttribute('aria-describedby', 'datakamp-lacks');
    const field = (input: HTMLElement, label: string, hint = '') => {
      input.classList.add('jp-mod-styled');
      const note = hint ? h('p', { class: 'datakamp-hint', id: `${input.id}-hint` }, hint) : null;
      return h('div', { class: 'datakamp-field' }, h('label', { for: input.id }, label), input, note);
    };
    const anew = button('anew', said.asNew, said.asNew, () => this.forget());
    this.about = h('div', { hidden: true }, this.hint, anew);
    this.node = h(
      'form',
      {
        class: 'datakamp-form',
        hidden: true,
        'aria-label': said.submission,
        submit: event => {
          event.preventDefault();
          const filled = this.filled;
          if (!filled.title || !filled.purpose || filled.code.length === 0) {
            refuse(said.fillIn);
            (filled.title ? (filled.purpose ? this.code : this.purpose) : this.title).focus();
            return;
          }
          this.send.disabled = true;
          void submit(filled).finally(() => (this.send.disabled = false));
        }
      },
      h('h3', {}, said.submission),
      this.about,
      field(this.title, said.title),
      field(this.purpose, said.purpose, said.purposeHint),
      field(this.code, said.code, said.codeHint),
      this.send,
      this.progress
    );
  }

  get filled(): Filled {
    const code = this.code.value.split(',').map(one => one.trim());
    const [title, purpose] = [this.title.value.trim(), this.purpose.value.trim()];
    return { title, purpose, code: code.filter(Boolean), revises: this.revises };
  }

  /** Suggest the open notebook as code, unless somebody has typed something else. */
  suggest(file: string): void {
    if (this.code.value === this.suggested) {
      this.code.value = this.suggested = file;
    }
  }

  /** Fill in an earlier request, to be revised or handed in anew. */
  fill(filled: Filled, hint: string): void {
    this.title.value = filled.title;
    this.purpose.value = filled.purpose;
    this.code.value = filled.code.join(', ');
    this.revises = filled.revises;
    this.hint.textContent = hint;
    this.about.hidden = false;
    this.about.querySelector('button')!.hidden = filled.revises === null;
    this.progress.replaceChildren();
    this.purpose.focus();
    this.purpose.setSelectionRange(filled.purpose.length, filled.purpose.length);
  }

  /** Show how far it is: the steps before are done, those behind are to do. */
  show(step: Step, progress: Progress): void {
    const place = STEPS.indexOf(step);
    const items = STEPS.map((one, other) => {
      const now: Progress = other < place ? 'done' : other > place ? 'todo' : progress;
      const sign = h('span', { 'aria-hidden': 'true' }, SIGNS[now]);
      return h('li', { 'data-progress': now }, sign, ` ${this.said[one]}: ${this.said.steps[now]}`);
    });
    this.progress.replaceChildren(...items);
  }

  /** What is handed in next is a request of its own. */
  forget(): void {
    const inside = this.about.contains(document.activeElement);
    this.revises = null;
    this.about.hidden = true;
    if (inside) {
      this.title.focus();
    }
  }
}
