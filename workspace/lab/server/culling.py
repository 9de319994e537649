"""Kernels that nobody uses are ended, by a clock that nobody sets; of those that nobody listens to, the newest is kept.

Jupyter compares the time of day of a kernel's last message with the time of day now: when the clock of the machine
jumps, all kernels would seem to have been left for hours.
"""

from __future__ import annotations

import time
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from workspace.lab.server.outputs import Kept


class SealedKernels(AsyncMappingKernelManager):
    """The kernels of a team, as the server counts them."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)  # type: ignore[no-untyped-call]
        self._seen: dict[str, tuple[object, float]] = {}

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that is idle and has neither said nor been told anything for as long as is configured."""
        kernel = self._kernels.get(kernel_id)
        activity = getattr(kernel, "last_activity", None)
        if activity is None:
            return
        now = time.monotonic()
        seen, since = self._seen.get(kernel_id, (None, now))
        if seen != activity:
            since = now
        self._seen = {one: kept for one, kept in self._seen.items() if one in self._kernels}
        self._seen[kernel_id] = (activity, since)
        used = getattr(kernel, "execution_state", "") == "busy" and not self.cull_busy
        connected = not self.cull_connected and bool(self._kernel_connections.get(kernel_id, 0))
        if now - since > self.cull_idle_timeout and not used and not connected:
            self.log.warning("A kernel was ended: nobody had used it.")
            await self.shutdown_kernel(kernel_id)  # type: ignore[no-untyped-call]

    def start_buffering(self, kernel_id: str, session_key: str, channels: dict[str, Any]) -> None:
        """Keep what a kernel says while no tab listens to it, up to a size."""
        super().start_buffering(kernel_id, session_key, channels)  # type: ignore[no-untyped-call]
        if kernel_id in self._kernel_buffers:
            self._kernel_buffers[kernel_id]["buffer"] = Kept(self.get_kernel(kernel_id).session)
