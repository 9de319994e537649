"""Time from nothing to the first result: a plain kernel and a sealed one, in turn, in one process.

``python -m benchmarks.kernels REPEATS``
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from benchmarks.stopwatch import hand_over
from workspace.isolation.box import WORKSPACE, Mount, python_box
from workspace.isolation.limits import Limits
from workspace.isolation.provisioner import SealedKernelManager
from workspace.isolation.seal import Seal, verify_seal
from workspace.isolation.seccomp import KERNEL_FAMILIES
from workspace.isolation.watchdog import folder_budgets

_CODE = "1 + 1"
_LONGEST = 60.0


async def plain_start() -> float:
    """Return the seconds from starting an ordinary kernel to its first result."""
    manager = AsyncKernelManager()
    begun = time.perf_counter()
    await manager.start_kernel(extra_arguments=["--HistoryManager.hist_file=:memory:"])
    try:
        return await _first_result(manager, begun)
    finally:
        await manager.shutdown_kernel(now=True)


async def sealed_start(seal: Seal, workspace: Path) -> float:
    """Return the seconds from starting a sealed kernel to its first result; the seal was verified before."""
    limits = Limits()
    begun = time.perf_counter()
    box = python_box(
        [Mount(workspace, WORKSPACE, writable=True)],
        directory=WORKSPACE,
        families=KERNEL_FAMILIES,
        temporary=limits.temporary,
        mode=seal.mode.value,
    )
    budgets = folder_budgets(box, {WORKSPACE: limits.storage})
    manager = SealedKernelManager(seal=seal, box=box, limits=limits, budgets=budgets)
    await manager.start_kernel()
    try:
        return await _first_result(manager, begun)
    finally:
        await manager.end(polite=False)


async def _first_result(manager: AsyncKernelManager, begun: float) -> float:
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=_LONGEST)
        reply = await client.execute_interactive(_CODE, timeout=_LONGEST, output_hook=lambda _: None)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("the kernel did not compute")
        return time.perf_counter() - begun
    finally:
        client.stop_channels()


async def _both(repeats: int) -> dict[str, list[float]]:
    seal = verify_seal()
    seconds: dict[str, list[float]] = {"plain_kernel": [], "sealed_kernel": []}
    with tempfile.TemporaryDirectory(prefix="datakamp-bench-") as workspace:
        await plain_start()  # fills the file cache for both
        for _ in range(repeats):
            seconds["plain_kernel"].append(await plain_start())
            seconds["sealed_kernel"].append(await sealed_start(seal, Path(workspace)))
    return seconds


def main(arguments: list[str]) -> None:
    """Start each kernel as often as asked and hand over the seconds."""
    hand_over(asyncio.run(_both(int(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
