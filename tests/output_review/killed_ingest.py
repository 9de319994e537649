"""Ingest in processes of their own that are killed at random steps, for the test of what is lost; run as a module.

A step is a file that is made durable or moved, or a statement that the database is asked to do.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from output_review.services.ingest import ingest
from output_review.services.telling import tell_all
from tests.output_review.zone_camp import ZoneCamp

MOST_KILLS = 40


class Dying:
    """Kills this process at one of the next steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        """Count one, and die at the last."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts a step and then does what the real one does."""

        def done(*arguments: Any, **named: Any) -> Any:
            self.step()
            return real(*arguments, **named)

        return done

    def execute(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count a statement of the database."""
        self.step()
        return execute(*arguments)


def once(camp: ZoneCamp, steps: int) -> int:
    """Take in what lies in the outbox in a process that dies after so many steps; return how it ended."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    zone = camp.zone()
    dying = Dying(steps)
    os.fsync, os.replace = dying.before(os.fsync), dying.before(os.replace)
    with connection.execute_wrapper(dying.execute):
        tell_all(zone)  # as every command does when it starts
        ingest(zone)
    os._exit(0)


def main(folder: Path, seed: int) -> int:
    """Print what was seen after each process."""
    camp, chance = ZoneCamp(folder / "camp", folder / "office"), random.Random(seed)
    camp.zone()
    seen = []
    for _ in range(MOST_KILLS):
        status = once(camp, chance.randint(1, 60))
        seen.append({"killed": os.WIFSIGNALED(status), **state()})
    once(camp, 10**9)
    sys.stdout.write(json.dumps(seen))
    return 0


def state() -> dict[str, Any]:
    """Return what the database has of every request."""
    from django.db import connection

    from output_review.models import CommentRow, HandedInRow, OutputRow, RequestRow

    found = {
        "requests": [[row.number, row.state, row.revision] for row in RequestRow.objects.order_by("pk")],
        "handed_in": [[one.number, one.revision] for one in HandedInRow.objects.order_by("number")],
        "outputs": [[one.request.number, one.revision, one.name] for one in OutputRow.objects.order_by("pk")],
        "answers": CommentRow.objects.exclude(answers=None).count(),
    }
    connection.close()
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
