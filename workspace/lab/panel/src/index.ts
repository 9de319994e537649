/** The extension: puts the panel beside the notebook, and looks again when something has changed there. */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { LabIcon } from '@jupyterlab/ui-components';

import { Book } from './book';
import { CampPanel } from './panel';
import { chosenLanguage, texts } from './texts';

const SHOW = 'datakamp:show';
// The menu File names both; behind no hub they are not there, and the menu leaves them out.
const TEAMS = 'datakamp:teams';
const LOG_OUT = 'datakamp:log-out';
const ICON = new LabIcon({
  name: 'datakamp:camp',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" ' +
    'd="M11 3h2l9 17H2zm1 4.2L6.6 18H10l2-5 2 5h3.4z"/></svg>'
});

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'datakamp_panel:plugin',
  description: 'Data, outputs and requests of a camp, beside the notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, JupyterFrontEnd.IPaths],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    paths: JupyterFrontEnd.IPaths | null
  ) => {
    const language = chosenLanguage(translator?.languageCode ?? '', navigator.language);
    const said = texts(language);
    const book = new Book(tracker);
    // The panel asks a kernel of Python: nobody has to choose one first.
    const create = () => void app.commands.execute('notebook:create-new', { kernelName: 'python3' });
    const panel = new CampPanel(book, said, language, create);
    panel.title.icon = ICON;
    panel.title.caption = said.show;
    app.shell.add(panel, 'left', { rank: 150 });
    restorer?.add(panel, panel.id);

    app.commands.addCommand(SHOW, { label: said.show, execute: () => app.shell.activateById(panel.id) });
    palette?.addItem({ command: SHOW, category: said.panel });

    const hub = paths?.urls.hubPrefix;
    if (hub) {
      for (const [command, label, page] of [[TEAMS, said.teams, 'home'], [LOG_OUT, said.logOut, 'logout']]) {
        app.commands.addCommand(command, { label, execute: () => window.location.assign(hub + page) });
        palette?.addItem({ command, category: said.panel });
      }
    }

    tracker.currentChanged.connect((_, notebook) => {
      panel.soon();
      notebook?.sessionContext.kernelChanged.connect(panel.soon, panel);
    });
    NotebookActions.executed.connect(panel.soon, panel);
  }
};

export default plugin;
