"""Ways out of a sealed kernel, tried from inside one: many probes in few kernels, because a kernel takes a second."""

from __future__ import annotations

import json
import os
import socket
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.conftest import Camp

TRY = """
import ctypes, errno, json, os, pathlib, resource, signal, socket, subprocess, sys
root = os.environ["DATAKAMP_CONTEXT"].removesuffix("/camp/context.json")  # empty where the box has one of its own
workspace, data = root + "/workspace", root + "/data/PERSONS"
results = {}
def attempt(name, action):
    try:
        outcome = action()
        results[name] = ["open", repr(outcome)]
    except BaseException as error:
        results[name] = ["blocked", type(error).__name__ + ":" + str(getattr(error, "errno", ""))]
def save():
    pathlib.Path(workspace + "/results.json").write_text(json.dumps(results))
def call(name, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "failed")
def changed(path, action):
    before = os.stat(path)
    action(path)
    after = os.stat(path)
    if (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns):
        raise PermissionError
def connect(family, address, kind=socket.SOCK_STREAM):
    client = socket.socket(family, kind); client.settimeout(2); client.connect(address); return client.send(b"x")
"""


def outcomes(camp: Camp) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((camp.workspace / "results.json").read_text())
    return found


def test_nothing_of_the_host_is_reached_from_inside(
    any_camp: Camp, monkeypatch: pytest.MonkeyPatch, short_temporary: Path
) -> None:
    camp = any_camp
    mode = stat.S_IMODE((camp.data / "persons.csv").stat().st_mode)
    monkeypatch.setenv("OFFICE_PASSWORD", "secret of the environment")
    unix = Path(tempfile.mkdtemp(dir=short_temporary), "s")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as tcp6,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        udp.bind(("127.0.0.1", 0))
        abstract.bind("\0camp-" + os.urandom(4).hex())
        abstract.listen()
        named.bind(str(unix))
        named.listen()
        told = {
            "tcp": tcp.getsockname()[1], "tcp6": tcp6.getsockname()[1], "udp": udp.getsockname()[1],
            "abstract": abstract.getsockname()[1:].decode(), "unix": str(unix),
            "other": str(camp.other / "secret.txt"), "review": str(camp.review / "review.sqlite3"),
            "data": str(camp.data / "persons.csv"), "workspace": str(camp.workspace), "root": str(camp.root),
            "repository": str(Path(__file__).parents[2] / "pyproject.toml"), "launcher": os.getpid(),
        }  # fmt: skip
        for name, target in {"link": told["other"], "link2": told["review"], "link3": "/etc/shadow"}.items():
            (camp.workspace / name).symlink_to(str(target))
        camp.run(
            TRY + f"told = {told!r}",
            """
attempt("loopback", lambda: connect(socket.AF_INET, ("127.0.0.1", told["tcp"])))
attempt("loopback6", lambda: connect(socket.AF_INET6, ("::1", told["tcp6"])))
attempt("tcp outside", lambda: connect(socket.AF_INET, ("192.0.2.1", 443)))
attempt("udp outside", lambda: connect(socket.AF_INET, ("192.0.2.1", 53), socket.SOCK_DGRAM))
try:  # on a loopback of its own it leaves and arrives nowhere; the host looks
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", told["udp"]))
except OSError:
    pass
attempt("unix", lambda: connect(socket.AF_UNIX, told["unix"]))
datagrams = lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
attempt("unix without a connection", lambda: datagrams().sendto(b"x", told["unix"]))
attempt("dns", lambda: socket.getaddrinfo("pypi.org", 443))
attempt("abstract", lambda: connect(socket.AF_UNIX, chr(0) + told["abstract"]))
attempt("packet", lambda: socket.socket(17, 3, 0))
attempt("vsock", lambda: socket.socket(40, 1, 0))
attempt("alg", lambda: socket.socket(38, 5, 0))
attempt("netlink audit", lambda: socket.socket(16, 3, 9))
""",
            """
for name in ("other", "review", "repository"):
    attempt("read " + name, lambda: open(told[name]).read())
attempt("read shadow", lambda: open("/etc/shadow").read())
attempt("list camp", lambda: os.listdir(told["root"]))
attempt("list the folder of workspaces", lambda: os.listdir(os.path.dirname(told["workspace"])))
attempt("list data sets", lambda: os.listdir(os.path.dirname(os.path.dirname(told["data"]))))
for name in ("link", "link2", "link3"):
    attempt("follow " + name, lambda: open(workspace + "/" + name).read())
attempt("follow proc root", lambda: open("/proc/1/root" + told["other"]).read())
attempt("follow proc cwd", lambda: open("/proc/1/cwd/../../.." + told["other"]).read())
attempt("write data", lambda: open(data + "/persons.csv", "a"))
attempt("new data", lambda: open(data + "/new", "w"))
attempt("link data", lambda: os.link(data + "/persons.csv", workspace + "/persons.csv"))
attempt("rename data", lambda: os.rename(os.path.realpath(data), os.path.realpath(data) + "-other"))
attempt("chmod data", lambda: changed(data + "/persons.csv", lambda path: os.chmod(path, 0o777)))
attempt("times of data", lambda: changed(data + "/persons.csv", lambda path: os.utime(path, (1, 1))))
attempt("write camp", lambda: open(root + "/camp/context.json", "a"))
attempt("write package", lambda: open(root + "/run/datakamp/disclosure/errors.py", "a"))
attempt("write environment", lambda: open(sys.prefix + "/evil.pth", "w"))
attempt("write system", lambda: open("/usr/evil", "w"))
attempt("write root", lambda: open("/evil", "w"))
attempt("write run", lambda: os.write(os.open(root + "/run/kernel/connection.json", os.O_WRONLY), b"x"))
attempt("write dev", lambda: open("/dev/evil", "w"))
attempt("set user id", lambda: (open(workspace + "/suid", "w").close(), os.chmod(workspace + "/suid", 0o4755)))
attempt("device", lambda: os.mknod(workspace + "/device", 0o060600, os.makedev(8, 0)))
""",
            """
attempt("user namespace", lambda: call("unshare", 0x10000000))
attempt("nested box", lambda: subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], check=True, capture_output=True))
attempt("mount", lambda: call("mount", b"x", b"/tmp", b"tmpfs", 0, None))
attempt("remount", lambda: call("mount", None, data.encode(), None, 0x1020, None))
attempt("unmount", lambda: call("umount2", data.encode(), 2))
attempt("trace", lambda: call("ptrace", 16, 1, 0, 0))
attempt("write the first process", lambda: os.pwrite(os.open("/proc/1/mem", os.O_RDWR), b"x", 0))
attempt("read the launcher", lambda: open("/proc/%d/environ" % told["launcher"]).read())
attempt("trace the launcher", lambda: call("ptrace", 16, told["launcher"], 0, 0))
attempt("limit the launcher", lambda: resource.prlimit(told["launcher"], resource.RLIMIT_CPU, (-1, -1)))
attempt("stop who watches over it", lambda: os.kill(os.getppid() if root else 12345678, 19))
attempt("memfd", lambda: os.memfd_create("x"))
attempt("shared memory", lambda: call("shmget", 0, 4096, 0o1600))
attempt("kill the launcher", lambda: os.kill(told["launcher"], 9))
results["user"] = [os.getuid(), os.getgid()]
results["data"] = [open(data + "/persons.csv").read(), open(root + "/camp/context.json").read()]
results["status"] = [open("/proc/self/status").read()]
results["environment"] = sorted(k + "=" + v for k, v in os.environ.items())
open(workspace + "/made by the code", "w").write("x")
save()
""",
        )
        for listener in (tcp, tcp6, udp, abstract, named):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1) if listener is udp else listener.accept()
    found: dict[str, Any] = outcomes(camp)
    attempts = {name: outcome for name, outcome in found.items() if outcome[:1] in (["open"], ["blocked"])}
    assert len(attempts) == 53
    assert {name: outcome for name, outcome in attempts.items() if outcome[0] == "open"} == {}
    assert not any("OFFICE" in variable for variable in found["environment"])
    assert "secret" not in json.dumps(found["environment"])
    assert all("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status for status in found["status"])
    assert all("CapEff:\t0000000000000000" in status for status in found["status"])
    assert found["data"][0] == "id,income\n1,100\n"
    assert json.loads(found["data"][1]) == {"team": "one"}
    assert (camp.data / "persons.csv").read_text() == "id,income\n1,100\n"
    assert stat.S_IMODE((camp.data / "persons.csv").stat().st_mode) == mode
    assert (camp.workspace / "made by the code").read_text() == "x"
    assert not (camp.workspace / "suid").stat().st_mode & 0o6000


def test_a_box_with_namespaces_has_a_root_and_processes_of_its_own(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE_PASSWORD", "secret of the environment")
    camp.run(
        TRY + f"told = {{'workspace': {str(camp.workspace)!r}, 'data': {str(camp.data / 'persons.csv')!r}}}",
        """
attempt("list workspace by its own path", lambda: os.listdir(told["workspace"]))
attempt("read data by their own path", lambda: open(told["data"]).read())
attempt("fill temporary", lambda: open("/tmp/fill", "wb").write(bytes(24 << 20)))
attempt("fill home", lambda: open(os.environ["HOME"] + "/fill", "wb").write(bytes(20 << 20)))
results["environment"] = sorted(k + "=" + v for k, v in os.environ.items())
results["processes"] = [open("/proc/" + p + "/cmdline").read() for p in os.listdir("/proc") if p.isdigit()]
results["first process environment"] = open("/proc/1/environ").read()
results["handles"] = [os.readlink("/proc/1/fd/" + f) for f in os.listdir("/proc/1/fd")]
results["status"] = [open(f"/proc/{p}/status").read() for p in ("1", "self")]
results["user"] = [os.getuid(), os.getgid(), os.path.expanduser("~"), os.getcwd()]
save()
""",
        limits={"temporary": 16 << 20},
    )
    found: dict[str, Any] = outcomes(camp)
    attempts = [outcome[0] for outcome in found.values() if outcome[:1] in (["open"], ["blocked"])]
    assert attempts == ["blocked"] * 4
    told_text = json.dumps([found["environment"], found["processes"], found["first process environment"]])
    assert "secret" not in told_text
    assert "camp-" not in told_text  # no path of the host on a command line
    assert len(found["processes"]) == 2
    assert all("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status for status in found["status"])
    assert found["user"][0] == 1000
    assert found["user"][2:] == ["/home/researcher", "/workspace"]


def test_no_file_of_the_workspace_runs_by_itself(any_camp: Camp) -> None:
    camp = any_camp
    mark = (
        f"open({str(camp.workspace)!r} + '/ran-{{0}}', 'w') if __import__('os').environ['DATAKAMP_SEAL'] == 'landlock' "
    )
    mark += "else open('/workspace/ran-{0}', 'w')\n"
    kernel = {"argv": ["/bin/touch", f"{camp.workspace}/ran-kernel"], "display_name": "x", "language": "python"}
    traps = {
        ".ipython/profile_default/startup/00.py": mark.format("startup"),
        ".ipython/profile_default/ipython_config.py": mark.format("profile"),
        ".jupyter/jupyter_config.py": mark.format("jupyter"),
        ".jupyter/jupyter_server_config.py": mark.format("server"),
        ".config/ipython/profile_default/startup/00.py": mark.format("config"),
        ".local/lib/python3.11/site-packages/usercustomize.py": mark.format("user"),
        ".local/share/jupyter/kernels/python3/kernel.json": json.dumps(kernel),
        "kernels/python3/kernel.json": json.dumps(kernel),
        "pyvenv.cfg": "home = /workspace\n",
        "x.pth": "import os; os.mkdir('/workspace/ran-pth')\n",
        "helpers.py": "answer = 42\n",
    }
    for module in (
        "ipython_config", "ipython_kernel_config", "jupyter_config", "sitecustomize", "usercustomize", "tornado", "zmq",
        "IPython", "ipykernel", "ipykernel_launcher", "disclosure", "json", "debugpy", "traitlets",
    ):  # fmt: skip
        traps[f"{module}.py"] = mark.format(module)
    for name, content in traps.items():
        path = camp.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    camp.run(
        "import json, disclosure.errors, tornado, IPython, helpers\n"
        "print(helpers.answer, disclosure.errors.__file__[-34:], 'site-packages' in tornado.__file__)",
    )
    (output,) = camp.executed()["cells"][0]["outputs"]
    assert "".join(output["text"]) == "42 /run/datakamp/disclosure/errors.py True\n"
    assert [path.name for path in camp.workspace.iterdir() if path.name.startswith("ran-")] == []


def test_a_notebook_finds_the_modules_beside_it_and_they_replace_no_library(any_camp: Camp) -> None:
    camp = any_camp
    notebook = camp.notebook(
        "import helpers, pandas; print(helpers.here, pandas.__name__)", name="code/part 1/case.ipynb"
    )
    (notebook.parent / "helpers.py").write_text("here = 'beside'\n")
    (notebook.parent / "pandas.py").write_text("raise SystemExit\n")
    camp.run(notebook=notebook)
    assert "".join(camp.executed()["cells"][0]["outputs"][0]["text"]) == "beside pandas\n"


def test_the_libraries_of_the_check_can_be_used_inside(any_camp: Camp) -> None:
    camp = any_camp
    camp.run(
        "import disclosure, ibis, pandas, polars, pyarrow, sys\n"
        "import os; root = os.environ['DATAKAMP_CONTEXT'].removesuffix('/camp/context.json')\n"
        "frame = pandas.read_csv(root + '/data/PERSONS/persons.csv')\n"
        "print(ibis.memtable(frame).income.sum().execute(), polars.from_pandas(frame).height)",
        context={},
    )
    assert "".join(camp.executed()["cells"][0]["outputs"][0]["text"]) == "100 1\n"
