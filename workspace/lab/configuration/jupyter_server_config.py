"""Read by the Jupyter server as its configuration; `c` is given by traitlets."""

import json
from pathlib import Path

from workspace.lab.boxes import SETTINGS, TOKEN
from workspace.lab.server.configuration import configure

configure(c, token=Path(TOKEN).read_text(), settings=json.loads(Path(SETTINGS).read_text()))  # noqa: F821
