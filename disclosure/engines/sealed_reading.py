"""The program that reads another program's outputs in a sealed worker: ``python -m disclosure.engines.sealed_reading``.

    /input/foreign/     the files as they were handed over, in one folder
    /output/result.json what was read of them, written last and at once

It prints nothing. Exit status 0: there is a result; 2: there is none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from disclosure.engines.acro_folder import read_acro
from disclosure.engines.sealed_tabulation import INPUT, OUTPUT
from disclosure.exchange.files import write_atomically
from disclosure.exchange.foreign import INPUT as FOREIGN
from disclosure.exchange.tabulation import RESULT_FILE

DONE, NO_RESULT = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the folder below the input folder, write the result, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sealed_reading", description="Read foreign outputs in a sealed worker.")
    parser.add_argument("--input", type=Path, default=INPUT, help="the folder above that of the files")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the folder for the result")
    asked = parser.parse_args(arguments)
    try:
        write_atomically(asked.output / RESULT_FILE, read_acro(asked.input / FOREIGN).to_bytes())
    except Exception:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
        return NO_RESULT
    return DONE


if __name__ == "__main__":
    sys.exit(main())
