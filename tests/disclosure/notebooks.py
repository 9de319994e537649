"""Notebooks for the tests of the screening, built as the JSON that they are."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbclient import NotebookClient

from disclosure.policy import load_policy
from disclosure.screening.notebook_cells import Screening, rules_of, screen_notebook
from disclosure.screening.notebook_file import notebook_from_bytes

BSN = "111222333"
PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
RULES = rules_of(load_policy("cbs"))


def code(*outputs: Any, source: Any = "x = 1", **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    } | more


def markdown(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


def stream(text: Any, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(metadata: Any = None, **bundle: Any) -> dict[str, Any]:
    """An output under the types that are named with "_" for "/" and "__" for "."."""
    data = {key.replace("__", ".").replace("_", "/", 1): value for key, value in bundle.items()}
    return display(data, metadata)


def display(data: Any, metadata: Any = None) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {} if metadata is None else metadata}


def result(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": text}, "metadata": {}}


def error(ename: str = "KeyError", evalue: Any = "'x'", *traceback: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": list(traceback)}


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more


def check_format(document: dict[str, Any]) -> None:
    """Check a notebook against the schema of the format."""
    nbformat.validate(nbformat.from_dict(document))  # type: ignore[no-untyped-call]


def executed(document: dict[str, Any]) -> dict[str, Any]:
    """The notebook as it is after a real kernel ran it, errors and all."""
    node = nbformat.from_dict(document)  # type: ignore[no-untyped-call]
    done = NotebookClient(node, allow_errors=True, timeout=120, kernel_name="python3").execute()
    return dict(json.loads(json.dumps(done)))


def screened(document: dict[str, Any]) -> Screening:
    return screen_notebook(notebook_from_bytes(json.dumps(document).encode()), RULES)


def classes(*cells: Any, **more: Any) -> set[str]:
    return {finding.what.value for finding in screened(notebook(*cells, **more)).findings}


def output_classes(output: Any) -> set[str]:
    return classes(code(output))
