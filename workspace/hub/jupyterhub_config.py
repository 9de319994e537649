"""Read by JupyterHub as its configuration; `c` is given by traitlets."""

import json
import os
from pathlib import Path

from disclosure.exchange.camp import read_camp
from workspace.hub.configuration import SETTINGS, HubSettings, configure

settings = HubSettings(**json.loads(os.environ[SETTINGS]))
configure(globals()["c"], read_camp(Path(settings.camp)), settings)
