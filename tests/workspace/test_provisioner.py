"""Sealed kernels as Jupyter manages them: interrupt, restart, kernelspecs that are never looked for, neighbours."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import run_sync

from tests.workspace.conftest import Camp
from workspace.isolation.box import WORKSPACE, Mount, python_box
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.provisioner import NoKernelSpecs, SealedKernelManager, SealedProvisioner
from workspace.isolation.seccomp import KERNEL_FAMILIES
from workspace.isolation.watchdog import folder_budgets


def manager(camp: Camp, **changes: Any) -> SealedKernelManager:
    box = python_box(
        [Mount(camp.workspace, WORKSPACE, writable=True)], directory=WORKSPACE, families=KERNEL_FAMILIES,
        mode=camp.seal.mode.value,
    )  # fmt: skip
    budgets = folder_budgets(box, {WORKSPACE: 100 * MIB})
    return SealedKernelManager(seal=camp.seal, box=box, limits=Limits(seconds=None), budgets=budgets, **changes)


async def ask(client: Any, code: str, seconds: float = 20.0) -> tuple[str, str]:
    """Run code and return the status of the reply and what was printed, or the class of the error."""
    printed: list[str] = []

    def hear(message: Any) -> None:
        printed.append(str(message["content"].get("text", "")))

    reply = await client.execute_interactive(code, output_hook=hear, timeout=seconds, allow_stdin=False)
    return reply["content"]["status"], reply["content"].get("ename") or "".join(printed)


def use(*managers: SealedKernelManager, act: Callable[..., Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        clients = []
        try:
            for one in managers:
                await one.start_kernel()
                client = one.client()
                client.start_channels()
                clients.append(client)
                await client.wait_for_ready(timeout=30)
            await act(*clients)
        finally:
            for client in clients:
                client.stop_channels()
            for one in managers:
                await one.end(polite=False)

    run_sync(all_of_it)()


def test_an_interrupt_reaches_the_code_and_not_the_box(any_camp: Camp) -> None:
    camp = any_camp
    kernel = manager(camp)
    sealed: Any = kernel

    async def act(client: Any) -> None:
        interrupts: list[Any] = [kernel.interrupt_kernel, lambda: sealed.signal_kernel(signal.SIGINT)]
        assert await ask(client, "x = 1") == ("ok", "")
        for interrupt in interrupts:
            (camp.workspace / "begun").unlink(missing_ok=True)
            running = asyncio.ensure_future(ask(client, "open('begun', 'w').close()\nimport time; time.sleep(60)"))
            while not (camp.workspace / "begun").exists():
                await asyncio.sleep(0.02)
            await interrupt()
            assert await running == ("error", "KeyboardInterrupt")
        assert await ask(client, "print(x)") == ("ok", "1\n")

    use(kernel, act=act)
    assert camp.left() == []


def test_a_restart_gives_a_new_kernel_in_the_same_seal(any_camp: Camp, short_temporary: Path) -> None:
    camp = any_camp
    kernel = manager(camp)

    async def act(client: Any) -> None:
        await ask(client, "x = 1")
        before = kernel.provisioner._process.pid  # type: ignore[union-attr]
        await kernel.restart_kernel(now=True)
        await client.wait_for_ready(timeout=30)
        assert kernel.provisioner._process.pid != before  # type: ignore[union-attr]
        assert await ask(client, "print(x)") == ("error", "NameError")
        assert await ask(client, "print(open('/proc/self/status').read().count('Seccomp:\\t2'))") == ("ok", "1\n")

    use(kernel, act=act)
    assert camp.left() == []
    assert list((short_temporary / f"datakamp-{os.geteuid()}").iterdir()) == []


def test_two_kernels_do_not_see_each_other(camp: Camp) -> None:
    first, second = manager(camp), manager(camp)

    async def act(one: Any, other: Any) -> None:
        look = (
            "import os, json\n"
            "print(json.dumps([sorted(os.listdir('/run/kernel')), sorted(os.listdir('/run/kernel/sockets')),"
            " json.load(open('/run/kernel/connection.json'))['key'], sorted(os.listdir('/run')), os.listdir('/tmp'),"
            " sum(p.isdigit() for p in os.listdir('/proc'))]))"
        )
        keys = []
        for client, kernel, neighbour in ((one, first, second), (other, second, first)):
            _, text = await ask(client, look)
            folder, sockets, key, run, temporary, processes = json.loads(text)
            assert folder == ["connection.json", "sockets"]
            assert sockets == ["k-1", "k-2", "k-3", "k-4", "k-5"]
            assert (run, processes) == (["datakamp", "kernel"], 2)  # the package, and what is its own
            assert not any("datakamp" in name for name in temporary)
            assert key == kernel.session.key.decode() != neighbour.session.key.decode()
            directory = neighbour.provisioner._directory.path  # type: ignore[union-attr]
            assert await ask(client, f"import os; os.listdir({str(directory)!r})") == ("error", "FileNotFoundError")
            keys.append(key)
        assert len(set(keys)) == 2

    use(first, second, act=act)


def test_no_kernelspec_is_ever_used(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in the workspace, the home folder or on Jupyter's path would start a kernel outside the box."""
    mark = camp.root / "ran unsealed"
    spec = {"argv": ["/bin/touch", str(mark)], "display_name": "Python 3", "language": "python"}
    home = camp.root / "home"
    for place in (
        camp.workspace / "kernels", home / ".local/share/jupyter/kernels", camp.root / "path" / "kernels",
        home / ".ipython" / "kernels",
    ):  # fmt: skip
        (place / "python3").mkdir(parents=True)
        (place / "python3" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_PATH", str(camp.root / "path"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(home / ".local/share/jupyter"))
    monkeypatch.chdir(camp.workspace)
    document = json.loads(camp.notebook("print('sealed', __import__('os').environ['DATAKAMP_SEAL'])").read_text())
    document["metadata"]["kernelspec"]["name"] = "unsealed"
    (camp.workspace / "case.ipynb").write_text(json.dumps(document))
    camp.run(notebook=camp.workspace / "case.ipynb")
    assert "sealed bubblewrap" in (camp.workspace / "executed.ipynb").read_text()
    assert not mark.exists()


def test_the_kernel_finder_finds_nothing() -> None:
    finder = NoKernelSpecs()
    assert finder.find_kernel_specs() == {}
    for name in ("python3", "unsealed"):
        with pytest.raises(NoSuchKernel):
            finder.get_kernel_spec(name)


def test_what_a_caller_asks_for_does_not_change_the_command(camp: Camp) -> None:
    kernel = manager(camp)

    async def act() -> None:
        provisioner = SealedProvisioner(parent=kernel, kernel_id="x", kernel_spec=kernel.kernel_spec)
        prepared = await provisioner.pre_launch(
            cmd=["/bin/sh"], env={"LD_PRELOAD": "x"}, cwd="/", extra_arguments=["--debug"], kernel_id="y"
        )
        assert prepared == {"cmd": kernel.kernel_spec.argv}
        await provisioner.cleanup()

    run_sync(act)()


def test_the_key_is_never_written_to_the_disk(camp: Camp, short_temporary: Path) -> None:
    kernel = manager(camp)

    async def act(client: Any) -> None:
        key = kernel.session.key
        files = [path for path in short_temporary.rglob("*") if path.is_file()]
        files += [path for path in camp.root.rglob("*") if path.is_file()]
        assert all(key not in path.read_bytes() for path in files)
        assert kernel.connection_file == ""
        assert await ask(client, "1") == ("ok", "")

    use(kernel, act=act)
