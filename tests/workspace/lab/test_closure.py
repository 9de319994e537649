"""Attacks from inside a kernel of a real Lab: what is not the team's own cannot be reached, filled or kept."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.workspace.lab.planned import PlannedLab
from tests.workspace.lab.session import message
from tests.workspace.small_camp import DATA_SET, TEAM, make_camp
from workspace.lab.server.outputs import LEFT_OUT

Eventually = Callable[[Callable[[], bool]], bool]
MIB = 1 << 20
SECRET = "of-another-team"

BEFORE = """
import ctypes, errno, json, os, socket, stat, subprocess, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)
def connect(family, address, kind=socket.SOCK_STREAM):
    client = socket.socket(family, kind); client.settimeout(2); client.connect(address); client.send(b"x")
    return client.recv(1)
def command(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=10)
def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]
def only(found, allowed):
    if set(found) - set(allowed):
        return found
    raise PermissionError("nothing else is there")
"""

ATTACKS = {
    # sockets
    "tcp to the host": 'connect(socket.AF_INET, ("127.0.0.1", told["tcp"]))',
    "tcp to the Lab's own port": 'connect(socket.AF_INET, ("127.0.0.1", told["lab"]))',
    "tcp over ipv6": 'connect(socket.AF_INET6, ("::1", told["tcp6"]))',
    "tcp outside": 'connect(socket.AF_INET, ("192.0.2.1", 443))',
    "udp outside": 'connect(socket.AF_INET, ("192.0.2.1", 53), socket.SOCK_DGRAM)',
    "udp to the host": 'connect(socket.AF_INET, ("127.0.0.1", told["udp"]), socket.SOCK_DGRAM)',
    "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
    "a packet socket": "socket.socket(17, socket.SOCK_RAW, 0)",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "bluetooth": "socket.socket(31, socket.SOCK_RAW, 1)",
    "a crypto socket": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "netlink of the audit": "socket.socket(16, socket.SOCK_RAW, 9)",
    "netlink of device events": "socket.socket(16, socket.SOCK_RAW, 15)",
    "netlink of the firewall": "socket.socket(16, socket.SOCK_RAW, 12)",
    "an abstract socket of the host": "connect(socket.AF_UNIX, chr(0) + told['abstract'])",
    "a socket of the host by its path": "connect(socket.AF_UNIX, told['unix'])",
    "names": "socket.getaddrinfo('example.org', 443)",
    "names by the resolver's address": 'connect(socket.AF_INET, ("127.0.0.53", 53))',
    "another network device": "only([name for _, name in socket.if_nameindex()], ['lo'])",
    # the server, the keeper, other kernels
    "the server's socket": "os.listdir('/run/http')",
    "the keeper's socket": "os.listdir('/run/ask')",
    "the sockets of other kernels": "os.listdir('/run/kernels')",
    "sockets that are not its own": "only(os.listdir('/run/kernel/sockets'), [f'k-{n}' for n in range(1, 6)])",
    "the connection file of another": "only([f for f in os.listdir('/run/kernel') if f != 'sockets'], "
    "['connection.json'])",
    "the token": "open('/run/lab/token').read()",
    "its own connection file, to change it": "open('/run/kernel/connection.json', 'a')",
    # processes
    "other processes": "only(processes(), [1, 2, os.getpid()])",
    "the memory of the first process": "os.pwrite(os.open('/proc/1/mem', os.O_RDWR), b'x', 0)",
    "tracing": "call('ptrace', 16, 1, 0, 0)",
    "reading another's memory": "call('process_vm_readv', 1, None, 0, None, 0, 0)",
    "killing the keeper": "os.kill(told['keeper'], 9)",
    "the host's root by a process": "open('/proc/1/root' + told['secret']).read()",
    "a variable of the host": "os.environ['OFFICE_PASSWORD']",
    "sinking its score for the killer": "os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-900')",
    # privileges
    "a set-user-id file": "(open('/workspace/suid', 'w').close(), os.chmod('/workspace/suid', 0o4755))",
    "becoming root": "os.setuid(0)",
    "su": "command('su', '-c', 'true')",
    "a user namespace": "call('unshare', 0x10000000)",
    "a network namespace": "call('unshare', 0x40000000)",
    "a mount": "call('mount', b'x', b'/tmp', b'tmpfs', 0, None)",
    "unmounting the data": f"call('umount2', b'/data/{DATA_SET}', 2)",
    "a root of its own": "os.chroot('/workspace')",
    # devices and memory that is shared
    "a device": "os.mknod('/workspace/disk', 0o60600, os.makedev(8, 0))",
    "a device that the box has not": "only(os.listdir('/dev'), 'console core fd full null ptmx pts random shm stderr "
    "stdin stdout tty urandom zero'.split())",
    "the machine's memory": "open('/dev/mem', 'rb')",
    "the kernel's log": "open('/dev/kmsg', 'rb')",
    "shared memory by its key": "call('shmget', 1, 4096, 0o1600)",
    "memory without a name": "os.memfd_create('x')",
    "shared memory of the host": "only(os.listdir('/dev/shm'), [])",
    "more shared memory than there is": "open('/dev/shm/fill', 'wb').write(bytes(80 << 20))",
    "a larger /tmp than there is": "open('/tmp/fill', 'wb').write(bytes(24 << 20))",
    "io_uring": "call('syscall', 425, 8, None)",
    "bpf": "call('syscall', 321, 0, None, 0)",
    # opened and not written to: when root starts a box, what is written there would run on the host
    "the switches of the host's kernel": "os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)",
    "dropping the host's caches": "os.open('/proc/sys/vm/drop_caches', os.O_WRONLY)",
    "the name of the machine": "os.write(os.open('/proc/sys/kernel/hostname', os.O_WRONLY), b'x')",
    # data, other workspaces, the system
    "another workspace": "open(told['secret']).read()",
    "its own workspace by the host's path": "os.listdir(told['workspace'])",
    "the camp": "os.listdir(told['camp'])",
    "the log of the Lab": "open(told['camp'] + '/log/armoede/lab.log').read()",
    "writing to data": f"open('/data/{DATA_SET}/data.parquet', 'ab')",
    "writing beside data": f"open('/data/{DATA_SET}/new', 'w')",
    "removing data": f"os.remove('/data/{DATA_SET}/data.parquet')",
    "a hard link to data": f"os.link('/data/{DATA_SET}/data.parquet', '/workspace/hard')",
    "a hard link to the system": "os.link('/etc/passwd', '/workspace/hard-system')",
    "writing through a soft link to data": f"(os.symlink('/data/{DATA_SET}/data.parquet', '/workspace/soft'), "
    "open('/workspace/soft', 'ab'))",
    "a soft link to another workspace": "(os.symlink(told['secret'], '/workspace/soft-other'), "
    "open('/workspace/soft-other').read())",
    "passwords": "open('/etc/shadow').read()",
    "users of the host": "only([line.split(':')[0] for line in open('/etc/passwd')], ['researcher'])",
    "writing to the system": "open('/usr/evil', 'w')",
    "writing to Python": "open(sys.prefix + '/evil.pth', 'w')",
    "writing to the check": "open('/run/datakamp/disclosure/errors.py', 'a')",
    "writing to the box's root": "open('/evil', 'w')",
    # magics
    "a shell that reaches the network": "command('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/' + str(told['tcp']))",
    "curl": "command('curl', '-m', '2', 'http://127.0.0.1:' + str(told['tcp']))",
    "pip": "command(sys.executable, '-m', 'pip', 'install', '--retries', '0', '--timeout', '1', 'evil')",
}

FILES = {
    ".jupyter/jupyter_server_config.py": "python",
    ".jupyter/jupyter_server_config.d/evil.json": "json",
    "jupyter_server_config.py": "python",
    "jupyter_config.py": "python",
    ".ipython/profile_default/startup/00.py": "python",
    ".ipython/profile_default/ipython_config.py": "python",
    "ipython_config.py": "python",
    "sitecustomize.py": "python",
    "usercustomize.py": "python",
    "conftest.py": "python",
    "tornado.py": "python",
    "zmq.py": "python",
    "ipykernel_launcher.py": "python",
    "evil.pth": "import os; open('/workspace/ran', 'a').write('pth')",
    ".local/lib/python3.11/site-packages/evil.pth": "import os; open('/workspace/ran', 'a').write('local')",
    ".bashrc": "touch /workspace/ran",
    ".pythonrc.py": "python",
    ".config/matplotlib/matplotlibrc": "backend: evil",
}


class Inside:
    """A Lab with things around it that it must not reach, and what the attempts of one kernel came to."""

    def __init__(self, lab: PlannedLab, found: dict[str, list[str]], listeners: list[socket.socket]) -> None:
        self.lab, self.found, self.listeners = lab, found, listeners


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    camp = make_camp(tmp_path_factory.mktemp("closure"))
    secret = camp.workspace("wonen") / "secret.txt"
    secret.write_text(SECRET)
    for name, content in FILES.items():
        place = camp.workspace(TEAM) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            f"open('/workspace/ran', 'a').write({name!r})\n"
            if content == "python"
            else "{}"
            if content == "json"
            else content
        )
    with ExitStack() as held, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFICE_PASSWORD", "of-the-host")
        tcp = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        tcp6 = held.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
        udp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        abstract = held.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind("\0closure-" + os.urandom(6).hex())
        unix = held.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(f"{secret.parent}/s" if len(str(secret)) < 95 else f"/tmp/closure-{os.urandom(4).hex()}")
        held.callback(Path(unix.getsockname()).unlink)
        for one in (abstract, unix):
            one.listen()
        limits = {"temporary": 16 * MIB, "memory": 700 * MIB, "tasks": 150, "storage": 64 * MIB, "files": 3000}
        lab = held.enter_context(PlannedLab(camp, TEAM, limits=limits, most_kernels=20))
        told = {
            "tcp": tcp.getsockname()[1],
            "tcp6": tcp6.getsockname()[1],
            "udp": udp.getsockname()[1],
            "abstract": abstract.getsockname()[1:].decode(),
            "unix": unix.getsockname(),
            "lab": int(lab.address.rsplit(":", 1)[1]),
            "keeper": lab.process.pid,
            "secret": str(secret),
            "workspace": str(lab.workspace),
            "camp": str(camp.folder),
        }
        kernel, other = lab.start(), lab.start()
        assert lab.run(other, "1").status == "ok"
        source = f"{BEFORE}\ntold = {told!r}\nfound = {{}}\n"
        for name, attack in ATTACKS.items():
            source += (
                f"try:\n    found[{name!r}] = ['open', repr({attack})[:200]]\n"
                f"except BaseException as error:\n    found[{name!r}] = ['blocked', type(error).__name__]\n"
            )
        ran = lab.run(kernel, f"{source}\nprint(json.dumps(found))")
        assert ran.status == "ok", ran.error
        yield Inside(lab, json.loads(ran.printed), [tcp, tcp6, udp, abstract, unix])


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_kernel_does_not_reach(inside: Inside, attack: str) -> None:
    outcome, how = inside.found[attack]
    assert outcome == "blocked", how
    assert how not in ("NameError", "SyntaxError", "AttributeError", "TypeError"), "the attack itself is broken"


def test_nothing_of_it_arrived_at_the_host(inside: Inside) -> None:
    assert set(inside.found) == set(ATTACKS)
    for listener in inside.listeners:
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.recv(1) if listener.type == socket.SOCK_DGRAM else listener.accept()


def test_nothing_of_it_was_left_behind(inside: Inside) -> None:
    workspace = inside.lab.workspace
    assert not (workspace / "hard").exists()
    suid = workspace / "suid"
    assert not suid.exists() or not suid.stat().st_mode & 0o6000
    assert not any(path.is_block_device() for path in workspace.iterdir())


def test_no_file_that_a_team_leaves_is_run_by_itself(inside: Inside) -> None:
    kernel = inside.lab.start()
    assert inside.lab.run(kernel, "%%bash\ntrue").status == "ok"
    assert not (inside.lab.workspace / "ran").exists()
    assert inside.lab.ask(f"/api/kernels/{kernel}", "DELETE").code == 204


@pytest.mark.parametrize(
    "magic",
    [
        "%connect_info",
        "%%bash\ncat /run/lab/token /run/http/s /run/ask/s",
        "!ls /run/kernels /run/lab",
        "%%javascript\nfetch('/api/contents')",
        "%run /run/lab/settings.json",
        "%load /run/lab/token",
    ],
)
def test_a_magic_shows_nothing_of_the_server(inside: Inside, magic: str) -> None:
    kernel = inside.lab.start()
    ran = inside.lab.run(kernel, magic)
    told = ran.printed + ran.error + json.dumps(ran.data)
    assert inside.lab.token not in told
    assert str(inside.lab.workspace) not in told
    assert inside.lab.ask(f"/api/kernels/{kernel}", "DELETE").code == 204


# -------------------------------------------------------------------------------------------- what fills the machine

FILLING = {
    "memory": ("x = [bytearray(b'x' * (50 << 20)) for _ in range(40)]", "more memory than"),
    "processes": (
        "import os, time\nfor _ in range(600):\n    if os.fork() == 0: time.sleep(30)\ntime.sleep(600)",
        "more processes and threads than it may",
    ),
    "the disk": (
        "import time\nfor n in range(10): open(f'/workspace/fill-{n}', 'wb').write(bytes(16 << 20))\ntime.sleep(600)",
        "filled a folder",
    ),
    "files": (
        "import os, time\nos.mkdir('many')\nfor n in range(4000): open(f'many/{n}', 'w')\ntime.sleep(600)",
        "more files than a folder may hold",
    ),
    "folders in folders": (
        "import os, time\nfor _ in range(400):\n    os.mkdir('d'); os.chdir('d')\ntime.sleep(600)",
        "cannot be measured",
    ),
}


@pytest.mark.parametrize("what", FILLING)
def test_a_kernel_that_fills_is_killed_logged_and_leaves_lab_usable(
    inside: Inside, eventually: Eventually, what: str
) -> None:
    source, sentence = FILLING[what]
    before = inside.lab.logged().count(sentence)
    victim = inside.lab.start()
    ran = inside.lab.run(victim, source)
    assert ran.status == "died" or ran.error.startswith(("BlockingIOError", "MemoryError", "OSError"))
    if ran.status == "died":
        assert eventually(lambda: inside.lab.logged().count(sentence) > before)
    clean(inside.lab.workspace)
    assert inside.lab.ask("/api/contents").code == 200
    # while it is being started again Jupyter answers 500
    inside.lab.ask(f"/api/kernels/{victim}", "DELETE")
    assert "started again" not in inside.lab.logged()
    again = inside.lab.start()
    assert inside.lab.run(again, "print('again')").printed == "again\n"
    assert inside.lab.ask(f"/api/kernels/{again}", "DELETE").code == 204


def test_what_filled_the_workspace_is_deleted_in_the_browser(inside: Inside) -> None:
    kernel = inside.lab.start()
    source = "import time\nfor n in range(6): open(f'big-{n}.bin', 'wb').write(bytes(16 << 20))\ntime.sleep(600)"
    assert inside.lab.run(kernel, source).status == "died"
    inside.lab.ask(f"/api/kernels/{kernel}", "DELETE")
    refused = inside.lab.ask("/api/kernels", "POST", {"name": "python3"})
    assert refused.code == 503
    assert b"holds more than it may" in refused.body
    for number in range(6):
        if (inside.lab.workspace / f"big-{number}.bin").exists():
            assert inside.lab.ask(f"/api/contents/big-{number}.bin", "DELETE").code == 204
    assert inside.lab.run(inside.lab.start(), "print(1)").printed == "1\n"


def test_kernels_share_an_allowance_of_memory_and_the_largest_goes(inside: Inside, eventually: Eventually) -> None:
    small, large = inside.lab.start(), inside.lab.start()
    assert inside.lab.run(small, "x = bytearray(b'x' * (200 << 20))").status == "ok"
    # Page by page: for a moment of a copy it would be over its own limit, which ends it for another reason.
    fills = "x = bytearray(450 << 20)\nfor place in range(0, len(x), 4096): x[place] = 1\n"
    ran = inside.lab.run(large, fills + "import time\ntime.sleep(600)")
    assert ran.status == "died"
    assert eventually(lambda: "together used more memory" in inside.lab.logged())
    assert inside.lab.run(small, "print(len(x) >> 20)").printed == "200\n"
    for one in (small, large):
        inside.lab.ask(f"/api/kernels/{one}", "DELETE")


SHOWN = "from IPython.display import display, HTML\n"
PRINTS = SHOWN + "for _ in range(100_000): print('x' * 80)\n"
DONE = "open('shown', 'w').close()\n"


@pytest.mark.parametrize(
    "source",
    [
        "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: print('x' * 80)",
        SHOWN + "for _ in range(60): display(HTML('x' * (1 << 20)))",
        # as one output may be, with the cell's end right behind it
        SHOWN + "display(HTML('x' * (60 << 20)))",
        # more than the server takes at once: it is cut off, after the cell so that the cell's own end arrives
        SHOWN + "import threading\nthreading.Timer(1, lambda: display(HTML('x' * (100 << 20)))).start()",
    ],
    ids=["without end", "many", "60 MB at once", "100 MB at once"],
)
def test_output_without_end_does_not_take_the_server_with_it(inside: Inside, source: str) -> None:
    kernel = inside.lab.start()
    assert inside.lab.run(kernel, "import time").status == "ok"
    assert inside.lab.run(kernel, source).status == "ok"
    if "Timer" in source:
        time.sleep(3)
    assert inside.lab.ask("/api/status").code == 200
    assert "started again" not in inside.lab.logged()
    assert inside.lab.run(kernel, "print('goes on')").printed == "goes on\n"
    inside.lab.ask(f"/api/kernels/{kernel}", "DELETE")


@pytest.mark.parametrize(
    ("shows", "ended", "last", "is_left_out"),
    [
        (SHOWN + "for _ in range(24): display(HTML('x' * (1 << 20)))\n" + DONE, "ok", "", True),
        # more than Jupyter sends of what it kept, and less than is kept
        (
            PRINTS + "display(HTML('RESULT'))\n" + DONE + "raise ValueError('THE END')",
            "error",
            "RESULT THE END",
            False,
        ),
    ],
    ids=["more than is kept", "prints and an error"],
)
def test_a_cell_that_shows_much_while_no_tab_is_open_is_seen_to_end(
    inside: Inside, eventually: Eventually, shows: str, ended: str, last: str, is_left_out: bool
) -> None:
    kernel, begin, done = inside.lab.start(), inside.lab.workspace / "begin", inside.lab.workspace / "shown"
    waits = "import os, time\nwhile not os.path.exists('begin'): time.sleep(0.05)\n"
    asyncio.run(left(inside.lab, kernel, waits + shows))
    begin.touch()  # now that nobody listens
    assert eventually(done.exists)
    assert eventually(lambda: b'"idle"' in inside.lab.ask(f"/api/kernels/{kernel}").body)
    time.sleep(1)  # what came by one way, idle, may have overtaken what is kept
    told, status = asyncio.run(asyncio.wait_for(came_back(inside.lab, kernel), 60))
    assert status == ended
    assert (LEFT_OUT in told) is is_left_out
    assert 7 << 20 < sum(map(len, told)) < 20 << 20
    assert " ".join(told).endswith(last)
    begin.unlink()
    done.unlink()
    inside.lab.ask(f"/api/kernels/{kernel}", "DELETE")


async def left(lab: PlannedLab, kernel: str, source: str) -> None:
    """Have a cell run in a tab that is closed at once."""
    connection = await lab.joined(kernel, "tab")
    await connection.write_message(message("execute_request", "cell", {"code": source, "silent": False}))
    connection.close()
    while await connection.read_message() is not None:
        pass


async def came_back(lab: PlannedLab, kernel: str) -> tuple[list[str], str]:
    """Return what the same tab, opened again, is shown of the cell, and how it ended."""
    told: list[str] = []
    status, idle = "", False
    connection = await lab.joined(kernel, "tab")
    while not (status and idle):
        received = json.loads(str(await connection.read_message()))
        if received["parent_header"].get("msg_id") != "cell":
            continue
        kind, content = received["msg_type"], received["content"]
        if kind == "execute_reply":
            status = str(content["status"])
        elif kind == "status":
            idle = content["execution_state"] == "idle"
        elif kind != "execute_input":
            told.append(content.get("text") or content.get("evalue") or content["data"]["text/html"])
    connection.close()
    while await connection.read_message() is not None:
        pass
    return told, status


def test_the_log_names_what_happened_and_quotes_nothing(inside: Inside) -> None:
    lines = inside.lab.logged().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING) \S", line) for line in lines)
    told = "\n".join(lines)
    for hidden in (inside.lab.token, SECRET, str(inside.lab.workspace)):
        assert hidden not in told
    assert inside.lab.log.stat().st_mode & 0o077 == 0


def clean(workspace: Path) -> None:
    """Remove what the attacks filled the workspace with."""
    from workspace.untrusted import remove_folder

    for path in workspace.glob("fill-*"):
        path.unlink(missing_ok=True)
    for name in ("many", "d"):
        if (workspace / name).exists():
            remove_folder(workspace / name)
