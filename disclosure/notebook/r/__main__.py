"""The process beside an R session: ``python -m disclosure.notebook.r FOLDER`` answers its calls."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from disclosure.errors import DatakampError
from disclosure.notebook.r.calls import Calls
from disclosure.texts import text


def main(folder: Path, asked: TextIO) -> int:
    """Answer on the standard output until R closes the pipe; return the exit status."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    with answers:
        calls = Calls(folder)
        for line in asked:
            print(json.dumps(answered(calls, line), ensure_ascii=False), file=answers, flush=True)
    return 0


def answered(calls: Calls, line: str) -> dict[str, Any]:
    """Return the answer to a line: `number` as asked, and what came of it or the `error` with its `hint`.

    An error of a library is not quoted: it may hold a record.
    """
    number = None
    try:
        asked = json.loads(line)
        number = asked["number"]
        return {"number": number, **calls.answer(asked)}
    except DatakampError as error:
        message, hint = (str(sentence) for sentence in error.sentences)
        return {"number": number, "error": message, "hint": hint}
    except Exception:  # noqa: BLE001 - whatever it is, R goes on
        failed = text("The check could not do that: an argument is of a kind that it does not take.")
        return {"number": number, "error": str(failed), "hint": ""}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.stdin))
