"""A page as PDF: chromium prints it in a box without network, which sees the page and the system's programs only."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import read_regular

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_SECONDS: Final = 120
_LARGEST: Final = 512 << 20
_SYSTEM: Final = (
    "/usr", "/bin", "/lib", "/lib64", "/opt", "/etc/alternatives", "/etc/fonts", "/etc/chromium", "/etc/chromium.d",
    "/var/cache/fontconfig",
)  # fmt: skip
_PRINT: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
    "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--print-to-pdf=/out/page.pdf", "file:///out/page.html",
)  # fmt: skip


class MissingToolError(BadInputError):
    """A program of the system that this needs is not installed."""


def browser() -> str | None:
    """Return the path of a browser that can print, None if there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def pdf_of(page: bytes) -> bytes:
    """Return a page as PDF.

    Raises:
        MissingToolError: chromium or bubblewrap is not installed.
        ExecutionError: the browser printed nothing.
    """
    program, box = browser(), shutil.which("bwrap")
    if program is None or box is None:
        raise MissingToolError(
            f"PDF needs {'chromium' if program is None else 'bubblewrap'}, which is not installed.",
            hint="Use --to html, or install it: 'datakamp doctor' says how.",
        )
    with tempfile.TemporaryDirectory(prefix="datakamp-pdf-") as name:
        folder = Path(name)
        (folder / "page.html").write_bytes(page)
        try:
            # Its own words are dropped: they may quote the page.
            subprocess.run(
                [*_box(box, folder), program, *_PRINT],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_SECONDS,
                check=False, env={},
            )  # fmt: skip
            made = read_regular(folder / "page.pdf", limit=_LARGEST)
        except (subprocess.TimeoutExpired, OSError, BadInputError):
            made = b""
    if not made.startswith(b"%PDF-"):
        raise ExecutionError("The browser did not print the page.", hint="Use --to html; see 'datakamp doctor'.")
    return made


def _box(program: str, folder: Path) -> list[str]:
    binds = [part for place in _SYSTEM for part in ("--ro-bind-try", place, place)]
    return [
        program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
        "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp",  # noqa: S108 - the box's own
        *binds, "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--bind", str(folder), "/out",  # noqa: S108
        "--chdir", "/out",
    ]  # fmt: skip
