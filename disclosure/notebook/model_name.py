"""`sdc.model` is a function, and `disclosure.model` is the package of recipes, tables and verdicts: one name for both.

Python sets a package's attribute when a module inside it is first imported, so whichever of the two came later would
win. So the package itself can be called, and shows the function's signature and docstring to whoever asks for help.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from types import ModuleType
from typing import Any

import disclosure.model
from disclosure.notebook.arguments import says_arguments

_PACKAGE = disclosure.model.__name__


class CallablePackage(ModuleType):
    """The package of the model, which fits a model when it is called; help shows `disclosure.notebook.model.model`."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return `disclosure.notebook.model.model` of these arguments."""
        return says_arguments(_function())(*args, **named)

    # The function brings pandas along, so what help shows of it is read when somebody asks.
    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(_function())

    @property
    def __doc__(self) -> str:  # type: ignore[override] # a module's is a plain attribute
        return f"sdc.model{self.__signature__}\n\n{inspect.getdoc(_function())}"


def _function() -> Any:
    return importlib.import_module("disclosure.notebook.model").model


def register() -> None:
    """Make the package callable; doing it again changes nothing."""
    sys.modules[_PACKAGE].__class__ = CallablePackage
