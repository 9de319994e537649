/** The panel: three tabs over what the kernel of the open notebook sees. */

import { Widget } from '@lumino/widgets';

import { basketCall, Book } from './book';
import { dataTab } from './data';
import { ask, Basket, Catalogue, Output, Refused, Remedy, Request, Requests } from './door';
import { button, h, replace } from './elements';
import { outputsTab } from './outputs';
import { Answer, Answers, fieldOf, requestsTab } from './requests';
import { Filled, SubmissionForm } from './submission';
import { Tabs } from './tabs';
import type { Language, Texts } from './texts';

type Tab = 'data' | 'outputs' | 'requests';

export class CampPanel extends Widget {
  private readonly tabs: Tabs<Tab>;
  private readonly told = h('p', { class: 'datakamp-told', role: 'status', 'aria-live': 'polite' });
  private readonly search: HTMLInputElement;
  private readonly places: Record<Tab, HTMLElement>;
  private readonly form: SubmissionForm;
  private readonly looked = new Map<string, Remedy[]>();
  private readonly answers = new Answers();
  private requests: Request[] = [];
  private catalogue: Catalogue | null = null;
  private asked = 0;
  private followed = 0;
  /** What had the focus last, in here. */
  private focused: HTMLElement | null = null;
  /** How often something wrong has been told. */
  private wrongs = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  /** What kept a tab from being shown, for as long as it does. */
  private hindrance = '';

  constructor(
    private readonly book: Book,
    private readonly said: Texts,
    private readonly language: Language,
    newNotebook: () => void
  ) {
    super();
    this.id = 'datakamp-panel';
    this.addClass('datakamp');
    this.node.lang = language;
    this.node.setAttribute('role', 'region');
    this.node.addEventListener('focusin', event => (this.focused = event.target as HTMLElement));
    this.node.setAttribute('aria-label', said.panel);
    const names = new Map<Tab, string>([['data', said.data], ['outputs', said.outputs], ['requests', said.requests]]);
    this.tabs = new Tabs(said.panel, names, () => void this.refresh());
    this.search = h('input', {
      type: 'search',
      class: 'jp-mod-styled datakamp-search',
      'aria-label': said.search,
      placeholder: said.search,
      input: () => this.showData()
    });
    this.form = new SubmissionForm(said, filled => this.submit(filled), sentence => this.tell(sentence, true));
    const place = () => h('div', { tabindex: '-1', class: 'datakamp-place' });
    this.places = { data: place(), outputs: place(), requests: place() };
    this.tabs.panels.get('data')!.append(this.search, this.places.data);
    this.tabs.panels.get('outputs')!.append(this.places.outputs, this.form.node);
    this.tabs.panels.get('requests')!.append(this.places.requests);
    const start = button('new', said.newNotebook, said.newNotebook, newNotebook, 'datakamp-main datakamp-new');
    const again = button('refresh', '↻', said.refresh, () => void this.refresh(), 'datakamp-refresh');
    this.node.append(h('div', { class: 'datakamp-bar' }, this.tabs.list, again), this.told, start, ...this.tabs.panels.values());
  }

  /** Ask anew once what is going on has settled, if anybody looks. */
  soon(): void {
    clearTimeout(this.later);
    this.later = setTimeout(() => void (this.isVisible && this.refresh(false)), 300);
  }

  protected onAfterShow(): void {
    void this.refresh();
  }

  async refresh(clear = true): Promise<void> {
    const tab = this.tabs.current;
    const number = ++this.asked;
    this.node.classList.toggle('datakamp-without', this.book.current === null);
    if (clear) {
      this.tell(this.said.asking);
    }
    this.places[tab].setAttribute('aria-busy', 'true');
    try {
      const found = await this.ask<unknown>({ do: DOES[tab] });
      if (number !== this.asked) {
        return;
      }
      this.showTab(tab, found);
      if ([this.said.asking, this.hindrance].includes(this.told.textContent ?? '')) {
        this.tell('');
      }
    } catch (error) {
      if (number === this.asked) {
        replace(this.places[tab]);
        this.form.node.hidden = true;
        this.tellError(error);
        this.hindrance = this.told.textContent ?? '';
      }
    } finally {
      this.places[tab].removeAttribute('aria-busy');
    }
  }

  private showTab(tab: Tab, found: unknown): void {
    if (tab === 'data') {
      this.catalogue = found as Catalogue;
      this.showData();
    } else if (tab === 'outputs') {
      this.showOutputs(found as Basket);
    } else {
      this.requests = (found as Requests).requests;
      const deeds = {
        anew: (one: Request) => this.fill(one, null),
        revise: (one: Request) => this.revise(one),
        again: (one: Request) => void this.again(one)
      };
      replace(this.places.requests, ...requestsTab(found as Requests, this.answers, this.said, deeds));
    }
  }

  private showData(): void {
    if (this.catalogue === null) {
      return;
    }
    const nodes = dataTab(this.catalogue, this.search.value, this.said, {
      code: set => this.inserted(this.book.insertCell(set.code), set.name),
      name: column => this.inserted(this.book.insert(JSON.stringify(column.name)), column.name)
    });
    replace(this.places.data, ...nodes);
  }

  private showOutputs(basket: Basket): void {
    for (const name of [...this.looked.keys()]) {
      if (!basket.outputs.some(one => one.name === name && one.repairable)) {
        this.looked.delete(name);
      }
    }
    const nodes = outputsTab(basket, this.looked, this.said, {
      look: one => void this.act(async () => {
        this.looked.set(one.name, await this.ask<Remedy[]>({ do: 'remedies', name: one.name }));
        return '';
      }),
      apply: (one, remedy) => void this.apply(one, remedy),
      remove: one => void this.runCell(basketCall('remove', one.group, ''), this.said.removed(one.group))
    });
    replace(this.places.outputs, ...nodes);
    this.form.node.hidden = basket.outputs.length === 0;
    this.form.suggest(this.book.file);
  }

  private async apply(one: Output, remedy: Remedy): Promise<void> {
    this.looked.delete(one.name);
    await this.runCell(basketCall('apply', one.name, `, ${remedy.place}`, remedy.text), this.said.applied(one.name));
  }

  private async runCell(source: string, done: string): Promise<void> {
    await this.act(async () => {
      if (!(await this.book.runAtEnd(source))) {
        throw new Refused(this.said.cellFailed);
      }
      return done;
    });
  }

  /** Do something, then show what came of it and say so, unless something has been found wrong in the meantime. */
  private async act(what: () => Promise<string>): Promise<void> {
    const inside = this.node.contains(document.activeElement);
    this.tell(this.said.asking);
    const wrongs = this.wrongs;
    try {
      const done = await what();
      await this.refresh(false);
      if (wrongs === this.wrongs) {
        this.tell(done);
      }
    } catch (error) {
      this.tellError(error);
    }
    // Running a cell takes the focus to the notebook; whoever works by keyboard goes on where they were.
    if (inside && !this.node.contains(document.activeElement)) {
      const there = this.focused !== null && this.focused.checkVisibility();
      (there ? this.focused! : this.places[this.tabs.current]).focus();
    }
  }

  private async submit(filled: Filled): Promise<void> {
    let step: 'saving' | 'writing' = 'saving';
    try {
      this.form.show(step, 'doing');
      await this.book.save();
      this.form.show((step = 'writing'), 'doing');
      const { number } = await this.ask<{ number: number }>({ do: 'submit', ...filled, answers: this.answersTo(filled.revises) });
      this.form.forget();
      this.form.show('waiting', 'doing');
      this.tell(this.said.submitted(number));
      void this.follow(number);
    } catch (error) {
      this.form.show(step, 'failed');
      this.tellError(error);
    }
  }

  /** Tell what the broker decides, if that is seen from here within some minutes. */
  private async follow(number: number): Promise<void> {
    const own = ++this.followed;
    for (let seconds = 2; seconds < 90; seconds *= 1.5) {
      await new Promise(resolve => setTimeout(resolve, seconds * 1000));
      if (this.isDisposed || own !== this.followed) {
        return;
      }
      const found = await this.ask<Requests>({ do: 'requests' }).catch(() => null);
      const one = found?.requests.find(other => other.number === number);
      if (one && one.state !== 'waiting') {
        const refused = one.state === 'refused';
        this.form.show('waiting', refused ? 'failed' : 'done');
        this.tell([this.said.decided(number, one.words), one.reason].filter(Boolean).join(' '), refused);
        return;
      }
    }
  }

  /** Open the form for a revision, once every question has an answer. */
  private revise(one: Request): void {
    if (this.allAnswered(one)) {
      this.fill(one, one.number);
    }
  }

  /** Hand the same outputs in again, with the answers. */
  private async again(one: Request): Promise<void> {
    if (!this.allAnswered(one)) {
      return;
    }
    await this.act(async () => {
      const asked = { do: 'again', revises: one.number, answers: this.answersTo(one.number) };
      const { number } = await this.ask<{ number: number }>(asked);
      return this.said.submitted(number);
    });
  }

  private fill(one: Request, revises: number | null): void {
    // What is told of the request before would be taken for what becomes of this one.
    this.followed++;
    this.tabs.open('outputs');
    this.form.node.hidden = false;
    const hint = revises === null ? this.said.anewHint(one.number) : this.said.reviseHint(one.number);
    this.form.fill({ title: one.title, purpose: one.purpose, code: one.code, revises }, hint);
  }

  private answersTo(number: number | null): Answer[] {
    const request = this.requests.find(one => one.number === number);
    return request === undefined ? [] : this.answers.to(request).answers;
  }

  private allAnswered(one: Request): boolean {
    const [missing] = this.answers.to(one).missing;
    if (missing === undefined) {
      return true;
    }
    this.tell(this.said.answerFirst(missing.id), true);
    this.node.querySelector<HTMLElement>(`#${fieldOf(missing)}`)?.focus();
    return false;
  }

  private inserted(done: boolean, what: string): void {
    this.tell(done ? this.said.inserted(what) : this.said.noCell, !done);
  }

  private async ask<T>(request: { do: string; [name: string]: unknown }): Promise<T> {
    return ask<T>(await this.book.kernel(this.said), this.language, this.said, request);
  }

  private tellError(error: unknown): void {
    this.tell(error instanceof Refused ? error.message : this.said.noAnswer, true);
  }

  private tell(sentence: string, wrong = false): void {
    this.wrongs += Number(wrong);
    this.told.textContent = sentence;
    this.told.classList.toggle('datakamp-wrong', wrong);
  }
}

const DOES: Record<Tab, string> = { data: 'catalogue', outputs: 'basket', requests: 'requests' };
