"""A worker's rounds in processes of their own that are killed at random steps; run as a module.

Between two of them half an hour goes by, so that what one left in the middle is taken up by the next.
"""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from output_review.services.stopping import Stop
from output_review.services.working import one_round
from tests.output_review.killed_ingest import Dying
from tests.output_review.zone_camp import ZoneCamp


def once(camp: ZoneCamp, steps: int, round_: int) -> int:
    """Do a round in a process that dies after so many steps; return how it ended."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    zone = camp.zone()
    clock = zone.clock
    zone = replace(zone, clock=lambda: clock() + timedelta(minutes=30) * round_)
    dying = Dying(steps)
    os.fsync, os.replace = dying.before(os.fsync), dying.before(os.replace)
    with connection.execute_wrapper(dying.execute):
        one_round(lambda: zone, f"worker-{round_}", Stop())
    os._exit(0)


def main(folder: Path, seed: int, kills: int) -> int:
    """Print how many rounds were killed."""
    camp, chance = ZoneCamp(folder / "camp", folder / "office"), random.Random(seed)
    camp.zone()
    killed = sum(os.WIFSIGNALED(once(camp, chance.randint(1, 90), round_)) for round_ in range(kills))
    for round_ in range(kills, kills + 6):
        once(camp, 10**9, round_)
    sys.stdout.write(json.dumps(killed))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
