"""papermill, with its kernel replaced by a sealed one.

papermill parameterises the notebook and runs it cell by cell; only the kernel manager differs, and nothing that the
kernel sends reaches a log: messages of a kernel hold records, and the libraries log them when they are told to debug.
"""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import nbformat
import papermill.engines
import papermill.iorw
import papermill.parameterize
import zmq
from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient

from disclosure.errors import BadInputError
from disclosure.exchange.canonical import parse_json
from workspace.isolation.kernel_kinds import PYTHON, KernelKind, R, kind_of_language
from workspace.isolation.parameters import Declared, check_parameters, declarations
from workspace.isolation.parameters_r import declarations_r, r_source
from workspace.isolation.provisioner import SealedKernelManager
from workspace.isolation.watchdog import Breach

Progress = Callable[[int, int], None]
"""Called with the number of cells that are done and the number of cells."""

_END_SECONDS = 0.3
_INJECTED = "injected-parameters"


def silent_logger() -> logging.Logger:
    """Return a logger that no handler hears."""
    logger = logging.Logger("silent", level=logging.CRITICAL + 1)  # noqa: LOG001 - one that is registered can be turned on
    logger.propagate = False
    return logger


def read_notebook(data: bytes, *, what: str) -> Any:
    """Return a notebook without the outputs it was saved with.

    Raises:
        BadInputError: it is not a notebook of format 4, or of a language that no kernel speaks. `what` names it.
    """
    document = parse_json(data, what=what)
    try:
        if document["nbformat"] != nbformat.current_nbformat:
            raise BadInputError(f"{what} is not a notebook of format 4.", hint="Save it again in JupyterLab.")
        for cell in document["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        with warnings.catch_warnings(action="ignore"):  # what it repairs is not worth a word
            _, document = nbformat.validator.normalize(document)
        nbformat.validate(document)
        _kind(document, what=what)
        return papermill.iorw.load_notebook_node(nbformat.notebooknode.from_dict(document))  # type: ignore[no-untyped-call]
    except _UNREADABLE:
        # Not chained: the library quotes the part that it could not read.
        raise BadInputError(f"{what} is not a notebook.", hint="It may be cut off or edited by hand.") from None


_UNREADABLE = (
    nbformat.ValidationError, LookupError, TypeError, AttributeError, ValueError, RecursionError,
    AssertionError,  # what the library expects of some parts, it asserts
)  # fmt: skip
_LANGUAGES = (("language_info", "name"), ("kernelspec", "language"))


def kind_of(notebook: Any) -> KernelKind:
    """Return the kernel that a notebook of `read_notebook` needs: Python's if it names no language."""
    return _kind(notebook, what="The notebook")


def _kind(document: Any, *, what: str) -> KernelKind:
    described = document["metadata"]
    languages = {described.get(key, {}).get(name) for key, name in _LANGUAGES} - {None}
    kinds = {kind_of_language(str(language)) for language in languages}
    found = kinds.pop() if len(kinds) == 1 else None
    if kinds or (languages and found is None):
        raise BadInputError(f"{what} is neither a Python nor an R notebook.", hint="Sealed kernels run Python and R.")
    return PYTHON if found is None else found


def with_parameters(notebook: Any, parameters: Mapping[str, object], *, what: str) -> tuple[Any, int | None]:
    """Return the notebook with its parameters set, and the position of the cell that sets them if it is a new one.

    Raises:
        BadInputError: a parameter is not declared in the cell tagged "parameters", is not of the type or not in the
            codelist declared there, or is not a JSON value.
    """
    if not parameters:
        return notebook, None
    try:
        values = json.loads(json.dumps(dict(parameters), allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise BadInputError("A parameter is not a text, number, truth value, list or mapping of these.") from None
    kind, declared = kind_of(notebook), _declarations(notebook, what=what)
    check_parameters(declared, values, what=what)
    written = r_source(values, declared) if kind is R else None
    had = any(_INJECTED in cell.metadata.tags for cell in notebook.cells)
    notebook = papermill.parameterize.parameterize_notebook(
        notebook, values, kernel_name=kind.name, language=kind.language
    )
    places = [place for place, cell in enumerate(notebook.cells) if _INJECTED in cell.metadata.get("tags", [])]
    if written is not None:
        notebook.cells[places[0]].source = written  # the library writes lists and whole numbers of another type
    return notebook, None if had or not places else places[0]


def declared_parameters(notebook: Any, *, what: str) -> set[str]:
    """Return the names that a notebook declares in its cell tagged "parameters".

    Raises:
        BadInputError: the cell cannot be read.
    """
    return set(_declarations(notebook, what=what))


def _declarations(notebook: Any, *, what: str) -> dict[str, Declared]:
    return (declarations_r if kind_of(notebook) is R else declarations)(notebook, what=what)


class SealedClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs the cells of one notebook; stops at the first that fails."""

    def __init__(self, nb_man: Any, km: SealedKernelManager, *, progress: Progress | None, **keywords: Any) -> None:
        super().__init__(nb_man, km=km, log=silent_logger(), **keywords)
        self._sealed = km
        self._room = km.limits.output
        self._progress = progress
        self._cuts: list[Any] = []

    def papermill_execute_cells(self) -> None:
        """Run the cells in order, and mark the one that was running when the kernel ended."""
        total = len(self.nb.cells)
        self._cuts = [
            channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            for channel in (self.kc.iopub_channel, self.kc.shell_channel)
        ]
        for index, cell in enumerate(self.nb.cells):
            if self._progress is not None:
                self._progress(index, total)
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                break
            except Exception as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                raise
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)
        else:
            if self._progress is not None:
                self._progress(total, total)

    def process_message(self, message: dict[str, Any], *arguments: Any, **keywords: Any) -> Any:
        """Take in one message of the kernel, as long as all of them together are within the limit."""
        self._room -= _weight(message.get("content"))
        if self._room < 0:
            # Not raised: the library looks at what its reading task raised only when the cell has ended.
            self._sealed.stop(Breach.OUTPUT)
            return None
        return super().process_message(message, *arguments, **keywords)

    async def _async_check_alive(self) -> None:
        if any(cut.get(zmq.EVENTS) & zmq.POLLIN for cut in self._cuts):
            # The connection is also cut when the kernel ends, a moment before that can be seen.
            await asyncio.sleep(_END_SECONDS)
            self._sealed.stop(Breach.OUTPUT)
        await super()._async_check_alive()


def _weight(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(_weight(key) + _weight(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(_weight(item) for item in value)
    return 8


class SealedEngine(papermill.engines.Engine):  # type: ignore[misc]  # papermill has no types
    """papermill's engine for a sealed kernel. It is called directly and registered nowhere."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, manager: SealedKernelManager, progress: Progress | None, **_: Any
    ) -> None:
        """Run the notebook in the kernel of `manager`, which the caller ends."""
        client = SealedClient(nb_man, manager, progress=progress, kernel_name=kernel_name)
        client.execute(cleanup_kc=True)


def run_cells(notebook: Any, manager: SealedKernelManager, *, progress: Progress | None) -> Any:
    """Run a notebook in the kernel of `manager` and return it with its outputs; it is changed in place.

    Raises:
        Exception: whatever went wrong outside a cell; a cell that fails is marked in the notebook instead.
    """
    return SealedEngine.execute_notebook(
        notebook,
        manager.kind.name,
        output_path=None,
        progress_bar=False,
        log_output=False,
        autosave_cell_every=0,
        manager=manager,
        progress=progress,
    )
