/** What the panel does in the open notebook: insert at the cursor, run a cell at the end, save. */

import { INotebookTracker, Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { Refused } from './door';
import type { Texts } from './texts';

export class Book {
  constructor(private readonly tracker: INotebookTracker) {}

  get current(): NotebookPanel | null {
    return this.tracker.currentWidget;
  }

  /** The file of the notebook, without its folder. */
  get file(): string {
    return this.current?.context.path ?? '';
  }

  async kernel(said: Texts): Promise<Kernel.IKernelConnection> {
    const panel = this.current;
    if (panel === null) {
      throw new Refused(said.noNotebook);
    }
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session?.kernel;
    if (!kernel) {
      throw new Refused(said.noKernel);
    }
    if ((await kernel.info).language_info.name !== 'python') {
      throw new Refused(said.notPython);
    }
    return kernel;
  }

  /** Insert a name at the cursor of the active cell. */
  insert(source: string): boolean {
    const cell = this.current?.content.activeCell;
    if (!cell?.editor || cell.model.type !== 'code') {
      return false;
    }
    cell.editor.replaceSelection?.(source);
    return true;
  }

  /** Insert lines: into the active cell if it is empty, otherwise into a new one below. */
  insertCell(source: string): boolean {
    const content = this.current?.content;
    if (!content) {
      return false;
    }
    if (!isEmpty(content)) {
      NotebookActions.insertBelow(content);
    }
    content.activeCell?.model.sharedModel.setSource(source);
    return true;
  }

  /** Run lines as a new cell at the end, so that whoever runs the notebook again comes to the same basket. */
  async runAtEnd(source: string): Promise<boolean> {
    const panel = this.current;
    if (panel === null) {
      return false;
    }
    const content = panel.content;
    content.deselectAll();
    content.activeCellIndex = content.widgets.length - 1;
    if (!isEmpty(content)) {
      NotebookActions.insertBelow(content);
    }
    content.activeCell!.model.sharedModel.setSource(source);
    return NotebookActions.run(content, panel.sessionContext);
  }

  async save(): Promise<void> {
    await this.current?.context.save();
  }
}

function isEmpty(notebook: Notebook): boolean {
  const active = notebook.activeCell?.model;
  return active !== undefined && active.type === 'code' && !active.sharedModel.getSource().trim();
}

/** Return a call on an output of the basket, as a cell. */
export function basketCall(call: string, name: string, more: string, comment = ''): string {
  const said = comment.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return `import disclosure as sdc\n\nsdc.basket().${call}(${JSON.stringify(name)}${more})${said ? `  # ${said}` : ''}`;
}
