"""PNG from a drawn SVG, with the fonts that the drawing library brings along: the machine does not change a byte.

The library prefers a font of the machine to its own of the same name, and looks for fonts once per process. So a
process of its own draws, which is told of no font but the library's. A text in a script that those lack is drawn with
the machine's fonts instead: a picture with boxes for letters would be the same everywhere, and wrong.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from disclosure.errors import RefusedError
from disclosure.texts import text

_SCALE: Final = 2.0
_SECONDS: Final = 120
_NO_FONTS: Final = '<?xml version="1.0"?><fontconfig><dir>{folder}</dir></fontconfig>'
_CHILD: Final = (
    "import sys, vl_convert; "
    "sys.stdout.buffer.write(vl_convert.svg_to_png(sys.stdin.buffer.read().decode('utf-8'), scale=float(sys.argv[1])))"
)
_BROUGHT_ALONG: Final = re.compile(
    r"[\x20-\x7e\u00a0-\u017f\u0386-\u03ce\u0400-\u045f"
    r"\u2013\u2014\u2018-\u201a\u201c-\u201e\u2026\u2030\u20ac\u2212\u2260\u2264\u2265]*"
)
"""Latin, Greek and Cyrillic letters, and the signs that numbers and intervals are written with."""


def png_bytes(svg: bytes) -> bytes:
    """Return a drawn SVG as PNG, two pixels to each of its own.

    Raises:
        RefusedError: it could not be drawn.
    """
    environment = {"LANG": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        if _BROUGHT_ALONG.fullmatch(svg.decode("utf-8")):
            fonts, nothing = Path(folder, "fonts.conf"), Path(folder, "none")
            nothing.mkdir()
            fonts.write_text(_NO_FONTS.format(folder=nothing), encoding="utf-8")
            environment |= {"FONTCONFIG_FILE": str(fonts), "XDG_CONFIG_HOME": str(nothing)}
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-W", "ignore", "-c", _CHILD, str(_SCALE)],
                input=svg,
                capture_output=True,
                env=environment,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            # Not chained: what the process printed may quote a label.
            raise RefusedError(text("The figure cannot be drawn as PNG."), hint=text("Take the SVG instead.")) from None
    return done.stdout
