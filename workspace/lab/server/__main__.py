"""The command in the server's box; see `configuration` for what it is started with."""

from __future__ import annotations

from jupyterlab.labapp import LabApp

if __name__ == "__main__":
    LabApp.launch_instance(argv=[])
