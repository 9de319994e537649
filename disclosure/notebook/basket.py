"""The basket: outputs that a team means to submit, as `disclosure.notebook.submission` writes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.files import write_atomically
from disclosure.exchange.submission import SubmittedOutput
from disclosure.exchange.submission_names import check_context, check_output_name
from disclosure.exchange.written import SubmittedText
from disclosure.model.verdicts import Status
from disclosure.notebook.basket_items import items_of, shows_figures, submitted_text
from disclosure.notebook.basket_rows import PlacedAtHand
from disclosure.notebook.basket_versions import refuse_other_versions
from disclosure.notebook.basket_view import Entry, basket_html, basket_text, lacking
from disclosure.notebook.camp import current_camp
from disclosure.notebook.derived import Derived
from disclosure.notebook.figure import Figure
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.own_results import ForReviewer
from disclosure.render import to_json
from disclosure.screening.text_scan import scan
from disclosure.texts import Text, text

_PIECE = 1000


class Basket:
    """Outputs by name. Adding one under a name that is taken replaces it."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._at = PlacedAtHand()

    def add(
        self,
        out: Output | Outputs | Derived | Figure | ForReviewer,
        *,
        name: str,
        title: str = "",
        population: str = "",
        differs: str = "",
    ) -> None:
        """Put an output into the basket; of several each one, as `name` with the measure behind it.

        A figure goes with its table, and is drawn anew by the control zone; a box plot with its five tables. A derived
        table goes with the tables that it is computed from; those that are not in the basket are added with it. What
        only a person can judge (`sdc.text`, `sdc.file`, `sdc.result`) leaves as an exception, if reviewers decide so.
        In a run of the control zone this also hands the narrow frame over, for trusted code to tabulate.

        Args:
            name: the output's identity across runs, for example "children-by-wijk".
            title, population: what it shows, of whom; a submission needs both.
            differs: how it differs from an earlier version.

        Raises:
            RefusedError: the output is inconclusive, shows no figure, or is of a kind that the control zone cannot make
                again yet; or it is another version of one that is in the basket, or the same but for few units; or what
                is written, or a label, looks like an identifier.
            DocumentError: a text is too long, or holds what people cannot see.
        """
        group = check_output_name(name)
        items = items_of(out, name, current_camp(), self._tables(but=group))
        for what, written in (("name", name), ("title", title), ("population", population), ("differs", differs)):
            _refuse_identifiers(f"The {what} of the output", written)
        # What is not given yet is asked for later; what is given is looked at now.
        said = {"title": title or name, "population": population or name, "differs": differs}
        texts = {one.name: submitted_text(one, **said) for one in items}
        for item in items:
            output = item.out
            if isinstance(output, ForReviewer):
                check_context(item.name, **said)
                continue
            if output.verdict.status is Status.INCONCLUSIVE:
                raise RefusedError(
                    text("An inconclusive output cannot be submitted."), hint=text("The verdict says what is missing.")
                )
            if output.verdict.status is Status.SAFE and not shows_figures(output):
                raise RefusedError(
                    text("'{name}' shows no figure: every cell is withheld or has no value.", name=item.name),
                    hint=text("Group coarser, or ask for fewer dimensions."),
                )
            if isinstance(output, Derived):
                check_context(item.name, **said)  # its labels are those of its tables
                continue
            for dimension, labels in _labels(output):
                _refuse_identifiers(f"A label of '{dimension}'", labels)
            for written in () if item.figure is None else item.figure.request.titles:
                _refuse_identifiers("A title of the figure", written)
            SubmittedOutput(item.name, recipe=output.recipe, figure=item.figure, derived=None, **said)
        replaced = {one.name for one in items}
        there = [one for one in self._entries.values() if one.group != group and one.name not in replaced]
        refuse_other_versions([(one.name, one.out) for one in there], [(one.name, one.out) for one in items], self._at)
        if group in {entry.group for entry in self._entries.values()}:
            self.remove(group)
        for item in items:
            output, own = item.out, texts[item.name]
            self._entries[item.name] = Entry(
                item.name, group, title, population, differs, output, time.time(), item.figure, own, item.derived
            )
            place, rows = _handover(item.name), output.joint if isinstance(output, Derived) else output
            if place is not None and isinstance(rows, Output) and rows.narrow is not None:
                _hand_over(rows.narrow, place)

    def remove(self, name: str) -> None:
        """Take an output out of the basket; of several that were added at once all, by the name given then.

        Raises:
            BadInputError: there is none of that name.
        """
        gone = [one for one in self._entries.values() if name in {one.name, one.group}]
        if not gone:
            raise BadInputError(
                text("The basket has no output of that name."),
                hint=text("Here: {names}.", names=", ".join(self._entries)),
            )
        for one in gone:
            del self._entries[one.name]
            place = _handover(one.name)
            if place is not None:
                # The control zone takes what is handed over for what is in the basket.
                place.unlink(missing_ok=True)

    def apply(self, name: str, place: int) -> None:
        """Put an output in the basket under its own remedy: the one at `place` of what its `remedies()` returns.

        Raises:
            BadInputError: there is no such output, or no such remedy.
            RefusedError: it is drawn as a figure, or counts the units behind a result, which would not change with it.
        """
        out, entry = self.repairable(name), self._entries[name]
        remedies = out.remedies()
        if type(place) is not int or not 0 <= place < len(remedies):
            raise BadInputError(
                text("The output has no remedy of that number."), hint=text("See out.remedies(), counted from 0.")
            )
        said = {"title": entry.title, "population": entry.population, "differs": entry.differs}
        self.add(out.apply(remedies[place]), name=name, **said)

    def repairable(self, name: str) -> Output:
        """Return the output to which `apply` can apply a remedy; it raises what `apply` raises."""
        entry = self._entries.get(name)
        if entry is None:
            raise BadInputError(
                text("The basket has no output of that name."),
                hint=text("Here: {names}.", names=", ".join(self._entries)),
            )
        group = [one for one in self._entries.values() if one.group == entry.group]
        drawn = any(one.figure is not None or isinstance(one.out, ForReviewer) for one in group)
        named = (one.derived.tables for one in self._entries.values() if one.derived is not None)
        if drawn or not isinstance(entry.out, Output) or any(name in tables for tables in named):
            raise RefusedError(
                text("A figure or a result stands on this output, and would not change with it."),
                hint=text("Apply the remedy where the output is made, and add it again."),
            )
        return entry.out

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is in the basket, in the order in which it was added."""
        return tuple(self._entries.values())

    @property
    def outputs(self) -> tuple[SubmittedOutput, ...]:
        """The tables in the order in which they were added, with their figures.

        Raises:
            BadInputError: one has no title or population yet.
        """
        untold = [one.name for one in self._entries.values() if not (one.title and one.population)]
        if untold:
            raise BadInputError(
                text("These outputs have no title or population: {names}.", names=", ".join(untold)),
                hint=text("Add them again with both."),
            )
        return tuple(
            SubmittedOutput(one.name, one.title, one.population, one.differs, recipe, one.figure, one.derived)
            for one in self._entries.values()
            if (recipe := one.recipe) is not None
        )

    @property
    def texts(self) -> tuple[SubmittedText, ...]:
        """The texts and results that only a person can judge, in the order in which they were added."""
        return tuple(
            replace(one.written, title=one.title, population=one.population)
            for one in self._entries.values()
            if one.written is not None
        )

    def lacks(self) -> tuple[str, ...]:
        """Return what a submission of this basket still lacks, in the reader's language; empty if nothing."""
        return tuple(map(str, self._missing()))

    def claims(self) -> dict[str, bytes]:
        """Return what the researcher saw of each output, to be compared and never used."""
        tables = {name: one.out for name, one in self._entries.items() if isinstance(one.out, Output)}
        return {name: to_json(out.table) for name, out in tables.items()}

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return basket_text(tuple(self._entries.values()), self._missing())

    def _repr_html_(self) -> str:
        return basket_html(tuple(self._entries.values()), self._missing())

    def _tables(self, *, but: str) -> dict[str, Output]:
        kept = (one for one in self._entries.values() if one.group != but)
        return {one.name: one.out for one in kept if isinstance(one.out, Output)}

    def _missing(self) -> tuple[Text, ...]:
        return lacking(tuple(self._entries.values()), current_camp())


def _labels(out: Output) -> Iterator[tuple[str, str]]:
    """Yield each dimension with its labels, in pieces that can be scanned."""
    own = out.evidence.dimensions[: out.evidence.own_dimensions]
    for dimension, labels in zip(own, out.evidence.categories, strict=False):
        known = [label for label in labels if label is not None]
        for start in range(0, len(known), _PIECE):
            yield dimension, "\n".join(label[:_PIECE] for label in known[start : start + _PIECE])


def _refuse_identifiers(what: str, written: str) -> None:
    """Raise `RefusedError` if a text holds what looks like an identifier, an address or an account."""
    found = dict.fromkeys(str(hit.mark.words) for hit in scan(written))
    if found:
        raise RefusedError(
            text("{what} holds what looks like: {names}.", what=what, names=", ".join(found)),
            hint=text("Write it without, or recode the labels."),
        )


_BASKET = Basket()


def basket() -> Basket:
    """Return the basket of this kernel."""
    return _BASKET


def _handover(name: str) -> Path | None:
    camp = current_camp()
    if camp is None or camp.context.handover is None:
        return None
    return camp.context.handover / f"{name}.arrow"


def _hand_over(narrow: pa.Table, path: Path) -> None:
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_file(sink, narrow.schema) as writer:
        writer.write_table(narrow)
    write_atomically(path, sink.getvalue().to_pybytes())
