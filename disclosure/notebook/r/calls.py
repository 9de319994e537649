"""What R may ask of the check: the public functions on a frame, on outputs and on the basket, and nothing else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from disclosure.errors import BadInputError
from disclosure.notebook.accessor import FrameAccessor
from disclosure.notebook.arguments import ArgumentsError, argument_names, says_arguments
from disclosure.notebook.basket import basket
from disclosure.notebook.camp import chosen, data
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.r.columns import read_columns, written_columns
from disclosure.notebook.r.selection import selected
from disclosure.notebook.submission import submit
from disclosure.texts import language, text

ON_FRAMES: Final = tuple(name for name in vars(FrameAccessor) if not name.startswith("_"))
"""Functions whose first argument is a frame: `frame.sdc` has them too."""
ON_OUTPUTS: Final = ("figure", "text", "ratio", "difference", "index", "model_table")
OUTPUT: Final = "$output"
"""Key of an argument that stands for an output, by number."""

_APPLY: Final = re.compile(r"out\.apply\(out\.remedies\(\)\[(\d+)\]\)")


class Calls:
    """The outputs of one R session, and what is done with them.

    Args:
        folder: where frames for R are written, and frames of R are read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._outputs: list[Any] = []
        self._written = 0

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a call: what is shown of it, a frame, or a value.

        Args:
            asked: `call`, its name; `frame`, the columns of a frame and its `file`, if it takes one; `named` and
                `unnamed` arguments.

        Raises:
            DatakampError: the call is not known, or what it raises.
        """
        call, named, given = str(asked["call"]), dict(asked.get("named") or {}), list(asked.get("unnamed") or [])
        own: dict[str, Callable[..., Any]] = {
            "data": self._data,
            "show": self._shown,
            "remedies": self._remedies,
            "apply": self._applied,
            "frame": self._frame,
            "basket": self._basket,
            "add": self._add,
            "remove": self._remove,
            "submit": self._submitted,
            "language": self._language,
        }
        arguments = {name: self._argument(value) for name, value in named.items()}
        positional = [self._argument(value) for value in given]
        if call in own:
            answer: dict[str, Any] = _called(own[call], positional, arguments)
            return answer
        if call in ON_OUTPUTS:
            return self._kept(_called(_public(call), positional, arguments))
        if call not in ON_FRAMES:
            raise BadInputError(
                text("There is no function of that name in R."),
                hint=text("Here: {names}.", names=", ".join(sorted((*own, *ON_OUTPUTS, *ON_FRAMES)))),
            )
        frame = self._read(asked)
        return self._kept(_called(getattr(FrameAccessor(frame), call), positional, arguments, like=_public(call)))

    def _argument(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self._output(value[OUTPUT]) if set(value) == {OUTPUT} else value
        return [self._argument(one) for one in value] if isinstance(value, list) else value

    def _output(self, number: Any) -> Any:
        if type(number) is not int or not 0 < number <= len(self._outputs):
            raise BadInputError(text("There is no such output in this session."), hint=text("Make it again."))
        return self._outputs[number - 1]

    def _kept(self, out: Any) -> dict[str, Any]:
        self._outputs.append(out)
        verdict = getattr(out, "verdict", None)
        status = "" if verdict is None else verdict.status.value
        return {OUTPUT: len(self._outputs), "status": status}

    def _shown(self, out: Any) -> dict[str, Any]:
        page = getattr(out, "_repr_html_", None)
        return {"text": in_r(repr(out)), "html": "" if page is None else in_r(page())}

    def _remedies(self, out: Any) -> dict[str, Any]:
        found = _repairable(out).remedies()
        return {"value": [str(one) for one in found]}

    def _applied(self, out: Any, remedy: Any) -> dict[str, Any]:
        found = _repairable(out).remedies()
        place = int(remedy) if isinstance(remedy, int | float) and float(remedy).is_integer() else 0
        if not 0 < place <= len(found):
            raise BadInputError(
                text("The output has no remedy of that number."), hint=text("See sdc.remedies(out), counted from 1.")
            )
        return self._kept(out.apply(found[place - 1]))

    def _frame(self, out: Any) -> dict[str, Any]:
        if not hasattr(out, "to_pandas"):
            raise BadInputError(text("This has no table of figures."))
        table: pd.DataFrame = out.to_pandas()
        plain = table.reset_index() if table.index.nlevels > 1 or table.index.name is not None else table
        if plain.columns.nlevels > 1:
            plain.columns = [
                " ".join(str(part) for part in name if part != "") for name in plain.columns.to_flat_index()
            ]
        return self._sent(plain)

    def _data(
        self, name: Any, year: int | None = None, columns: str | Sequence[str] | None = None, where: Any = None
    ) -> dict[str, Any]:
        if where is None:
            return self._sent(data(name, year=year, columns=columns, lazy=False))
        table = selected(data(name, year=year), where)
        return self._sent((table if columns is None else table.select(*chosen(columns, table.columns))).to_pandas())

    def _basket(self) -> dict[str, Any]:
        return self._kept(basket())

    def _add(self, out: Any, **said: Any) -> dict[str, Any]:
        basket().add(out, **said)
        return {"value": None}

    def _remove(self, name: str) -> dict[str, Any]:
        basket().remove(name)
        return {"value": None}

    def _submitted(self, title: str, purpose: str, code: str | Sequence[str], author: str = "team") -> dict[str, Any]:
        pieces = [code] if isinstance(code, str) else list(code)
        return {"value": submit(title=title, purpose=purpose, code=pieces, author=author)}

    def _language(self, code: str | None) -> dict[str, Any]:
        return {"value": repr(language("" if code is None else code))}

    def _read(self, asked: Mapping[str, Any]) -> pd.DataFrame:
        described = asked.get("frame")
        if not isinstance(described, list):
            raise BadInputError(text("This function takes a data frame first."))
        path = self._folder / Path(str(asked["file"])).name
        try:
            return read_columns(described, path)
        finally:
            path.unlink(missing_ok=True)

    def _sent(self, frame: pd.DataFrame) -> dict[str, Any]:
        self._written += 1
        name = f"python-{self._written}"
        return {"frame": written_columns(frame, self._folder / name), "file": name}


def in_r(shown: str) -> str:
    """Return a display with its calls as R writes them.

    >>> in_r("out.apply(out.remedies()[0])")
    'sdc.apply(out, 1)'
    """
    spelled = _APPLY.sub(lambda found: f"sdc.apply(out, {int(found[1]) + 1})", shown)
    return spelled.replace("out.remedies()", "sdc.remedies(out)")


def _public(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(importlib.import_module("disclosure"), name)
    return found


def _called(
    function: Callable[..., Any],
    positional: Sequence[Any],
    named: Mapping[str, Any],
    *,
    like: Callable[..., Any] | None = None,
) -> Any:
    """Call a function; of arguments that do not fit it is said what R gives: all but the frame, which comes first.

    Args:
        like: the function that it calls, whose arguments it takes.
    """
    try:
        return says_arguments(function)(*positional, **named)
    except ArgumentsError as refused:
        names = (name for name in argument_names(like or function) if name not in ("frame", "frame_or_fitted"))
        raise ArgumentsError(refused.sentences[0], hint=text("It takes: {names}.", names=", ".join(names))) from None


def _repairable(out: Any) -> Output | Outputs:
    if not isinstance(out, Output | Outputs):
        raise BadInputError(text("Remedies are for tables, models and other judged outputs."))
    return out
