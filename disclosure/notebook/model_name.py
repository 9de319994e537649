"""`sdc.model` is a function, and `disclosure.model` is the package of recipes, tables and verdicts: one name for both.

Python sets a package's attribute when a module inside it is first imported, so whichever of the two came later would
win. So the package itself can be called.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import disclosure.model

_PACKAGE = disclosure.model.__name__


class CallablePackage(ModuleType):
    """The package of the model, which fits a model when it is called; see `disclosure.notebook.model`."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return `disclosure.notebook.model.model` of these arguments."""
        return importlib.import_module("disclosure.notebook.model").model(*args, **named)


def register() -> None:
    """Make the package callable; doing it again changes nothing."""
    sys.modules[_PACKAGE].__class__ = CallablePackage
