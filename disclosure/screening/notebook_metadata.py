"""Metadata that a notebook may keep: a closed list of keys, each with the values that it may have.

What is not kept needs a person: names of machines and folders, times of execution, parameters, the state of widgets,
and everything that is not known here. The screening tells that something is not kept by comparing; the cleaned copy
keeps nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Keep = Callable[[Any], bool]

_VERSION = re.compile(r"[1-4]\.\d{1,2}\.\d{1,2}")
_TAGS: Final = frozenset(
    {"parameters", "injected-parameters", "hide-input", "hide-output", "remove-cell", "remove-input", "remove-output",
     "raises-exception", "skip-execution"}
)  # fmt: skip
_SLIDES: Final = ("slide", "subslide", "fragment", "skip", "notes", "-")
_LANGUAGES: Final = {
    "name": ("python", "R", "julia", "stata"),
    "file_extension": (".py", ".r", ".R", ".jl", ".do"),
    "mimetype": ("text/x-python", "text/x-r-source", "application/julia", "text/x-stata"),
    "pygments_lexer": ("ipython3", "python", "r", "julia", "stata"),
    "nbconvert_exporter": ("python", "r", "script"),
    "codemirror_mode": ("python", "ipython", "r", "julia", "stata"),
}


def _one_of(*allowed: object) -> Keep:
    return lambda value: isinstance(value, str) and value in allowed


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


def _size(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 10_000


def _version(value: Any) -> bool:
    if type(value) is int:
        return 0 < value < 5
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def _known_tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) and tag in _TAGS for tag in value)


def _mode(value: Any) -> bool:
    named = _one_of(*_LANGUAGES["codemirror_mode"])
    if isinstance(value, dict):
        return value.keys() <= {"name", "version"} and named(value.get("name")) and _version(value.get("version", 1))
    return named(value)


Schema = Mapping[str, "Keep | Schema"]

_CELL: Final[Schema] = {
    "tags": _known_tags,
    "collapsed": _switch,
    "deletable": _switch,
    "editable": _switch,
    "trusted": _switch,
    "scrolled": lambda value: _switch(value) or value == "auto",
    "jupyter": {"source_hidden": _switch, "outputs_hidden": _switch},
    "slideshow": {"slide_type": _one_of(*_SLIDES)},
    "vscode": {"languageId": _one_of("python", "r", "julia", "stata")},
}
_NOTEBOOK: Final[Schema] = {
    "kernelspec": {
        "name": _one_of("python3", "python", "ir", "stata"),
        "display_name": _one_of("Python 3 (ipykernel)", "Python 3", "Python", "R", "Stata"),
        "language": _one_of("python", "R", "stata"),
    },
    "language_info": {
        **{key: _one_of(*allowed) for key, allowed in _LANGUAGES.items() if key != "codemirror_mode"},
        "version": _version,
        "codemirror_mode": _mode,
    },
}
_SHOWN: Final[Schema] = {
    "width": _size,
    "height": _size,
    "isolated": _switch,
    "needs_background": _one_of("light", "dark"),
}
_OUTPUT: Final[Schema] = {
    **_SHOWN,
    **{f"image/{kind}": _SHOWN for kind in ("png", "jpeg", "gif", "svg+xml", "webp")},
    "text/html": _SHOWN,
}


def kept_cell_metadata(metadata: Any) -> dict[str, Any]:
    """Return what a cell may keep of its metadata."""
    return _kept(metadata, _CELL)


def kept_notebook_metadata(metadata: Any) -> dict[str, Any]:
    """Return what a notebook may keep of its metadata."""
    return _kept(metadata, _NOTEBOOK)


def kept_output_metadata(metadata: Any) -> dict[str, Any]:
    """Return what an output may keep of its metadata."""
    return _kept(metadata, _OUTPUT)


def _kept(metadata: Any, schema: Schema) -> dict[str, Any]:
    if not isinstance(metadata, dict):
        return {}
    kept: dict[str, Any] = {}
    for key, value in metadata.items():
        rule = schema.get(key)
        if isinstance(rule, Mapping):
            if isinstance(value, dict):
                kept[key] = _kept(value, rule)
        elif rule is not None and rule(value):
            kept[key] = value
    return kept
