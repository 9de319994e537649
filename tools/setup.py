"""Prepare this machine for Datakamp: ``python3 tools/setup.py``, which the Makefile calls before anything else.

Exit status: 0 ready, 1 the machine lacks something or a step failed (said with its remedy), 2 Python is too old.

This file is written so that every Python 3.6 and later can read it, to the point where it says that it is too old:
hence no ``from __future__ import annotations`` here, a type in quotes, and imports of the rest only after the check.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)


def python_refusal(version: "tuple[int, ...]", executable: str) -> str:
    """Return why this Python cannot be used, with the remedy, or an empty text if it can.

    Args:
        version: its version as (major, minor, micro).
        executable: its path, for the message.
    """
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ""
    wanted = ".".join(str(part) for part in OLDEST_PYTHON)
    found = ".".join(str(part) for part in version)
    return (
        f"Datakamp needs Python {wanted} or later; {executable} is Python {found}.\n"
        f"Remedy: install a later one (Debian, Ubuntu: sudo apt-get install python{wanted} python{wanted}-venv; "
        f"Fedora, RHEL: sudo dnf install python{wanted}; conda: conda env create --file environment.yml) and name it, "
        f"for example: make PYTHON=python{wanted} test"
    )


def main() -> int:
    """Prepare the machine and return the exit status."""
    refusal = python_refusal(sys.version_info[:3], sys.executable)
    if refusal:
        print(refusal, file=sys.stderr)
        return 2
    import setup_steps

    os.umask(0o022)  # the kernels of other operating-system users read what is installed here
    return setup_steps.main()


if __name__ == "__main__":
    sys.exit(main())
