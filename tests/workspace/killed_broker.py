"""Kills a broker at every step that it makes on disk, and starts another each time. Run by test_broker.py.

    python -m tests.workspace.killed_broker CAMP

It prints a JSON list: for each step after which the broker was killed, what a reader of the outbox and the inbox sees
then, and what the next broker makes of it. SIGKILL comes from an audit hook: no `finally` runs, as in a power cut.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from disclosure.exchange.camp import CampFile, read_camp
from workspace import broker
from workspace.isolation.seal import Seal, verify_seal

TEAM = "armoede"
STEPS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.link"}


def kill_at(step: int) -> None:
    """Kill this process when it is about to make its step number `step` on disk."""
    left = step

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in STEPS or writes:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def in_child(camp: CampFile, seal: Seal, step: int) -> int:
    """Run a broker in a process of its own, killed at `step` (0: never), and return its exit status."""
    child = os.fork()
    if child == 0:
        if step:
            kill_at(step)
        try:
            results = broker.hand_in(camp, TEAM, seal=seal)
            os._exit(len(results))
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def seen(camp: CampFile) -> dict[str, Any]:
    """What is visible in outbox and inbox: hidden names are nobody's business."""
    outbox = {
        str(path.relative_to(camp.outbox(TEAM)))
        for path in camp.outbox(TEAM).rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(camp.outbox(TEAM)).parts)
    }
    folders = sorted(path.name for path in camp.outbox(TEAM).iterdir() if not path.name.startswith("."))
    states = {
        path.name: json.loads(path.read_bytes())["state"]
        for path in camp.inbox(TEAM).iterdir()
        if not path.name.startswith(".")
    }
    return {"folders": folders, "files": sorted(outbox), "states": states}


def hidden(camp: CampFile) -> list[str]:
    return sorted(path.name for path in camp.outbox(TEAM).iterdir() if path.name.startswith("."))


def main() -> None:
    camp, seal = read_camp(Path(sys.argv[1])), verify_seal()
    # The run itself leaves nothing that is looked at here.
    setattr(broker, "run_submitted", lambda *_, **__: None)  # noqa: B010 - a name that the module only imports
    told = []
    for step in range(1, 500):
        for folder in (camp.outbox(TEAM), camp.inbox(TEAM)):
            shutil.rmtree(folder)
            folder.mkdir()
        status = in_child(camp, seal, step)
        killed = {"step": step, "status": status, "seen": seen(camp)}
        killed |= {"next": in_child(camp, seal, 0), "then": seen(camp), "hidden": hidden(camp)}
        killed |= {"third": in_child(camp, seal, 0)}
        told.append(killed)
        if status >= 0:
            break
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
