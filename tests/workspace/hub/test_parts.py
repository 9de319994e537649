"""The proxy's heads, the gate's answers, the watch on the clock and the operating-system users, without a hub."""

from __future__ import annotations

import asyncio
import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE
from tests.workspace.hub.camp import make_camp, with_session
from workspace.hub.configuration import roles
from workspace.hub.gate import Activity, is_same_place, without_cookies
from workspace.hub.proxy import CampProxy, HeadError, passed_on
from workspace.hub.spawner import started_as
from workspace.hub.team import Found, give_notice, looked, remove_notices
from workspace.hub_commands import hub

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def head(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def test_a_request_is_the_only_one_of_its_connection() -> None:
    made = passed_on(head("GET /user/team.a/lab?x=1 HTTP/1.1", "Host: h", "Connection: keep-alive", "Keep-Alive: 5"))
    assert made.path == "/user/team.a/lab"
    assert made.data == head("GET /user/team.a/lab?x=1 HTTP/1.1", "Host: h", "Connection: close")


def test_a_websocket_passes_as_it_is() -> None:
    made = passed_on(head("GET /a HTTP/1.1", "Upgrade: WebSocket", "Connection: keep-alive, Upgrade"))
    assert made.data == head("GET /a HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade")


@pytest.mark.parametrize(
    "lines",
    [
        ("GET",),
        ("GET /a",),
        ("GET http://other/ HTTP/1.1",),
        ("GET /a HTTP/2",),
        ("GET /a b HTTP/1.1",),
        ("GET /a HTTP/1.1", "no colon"),
        ("GET /a HTTP/1.1", " folded: x"),
        ("GET /a HTTP/1.1", "Host : h"),
        ("GET /a HTTP/1.1", "X: a\nContent-Length: 3"),
        ("POST /a HTTP/1.1", "Content-Length: 3", "Content-Length: 4"),
        ("POST /a HTTP/1.1", "Content-Length: 3", "Transfer-Encoding: chunked"),
    ],
)
def test_what_is_no_head_or_says_two_things_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(HeadError):
        passed_on(head(*lines))


def test_a_connection_goes_on_behind_a_teams_gate_only() -> None:
    """Who asks the hub for a websocket could send a second request, at whose path nobody looks."""
    first, second = head("GET /hub/login HTTP/1.1", "Upgrade: websocket"), head("GET /hub/token HTTP/1.1")

    async def arrived(data: dict[str, Any], path: bytes) -> bytes:
        got = b""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal got
            got = await reader.readuntil(b"\r\n\r\n")
            writer.close()

        behind = await asyncio.start_server(answer, "127.0.0.1", 0)
        proxy = CampProxy(public_url="http://127.0.0.1:0")
        await proxy.add_route(data.pop("spec"), f"http://127.0.0.1:{behind.sockets[0].getsockname()[1]}", data)
        await proxy.start()
        assert proxy._listening is not None
        reader, writer = await asyncio.open_connection(*proxy._listening.sockets[0].getsockname())
        writer.write(first.replace(b"/hub/login", path) + second)
        await reader.read()
        writer.close()
        await proxy.stop()
        behind.close()
        return got

    asked = asyncio.run(arrived({"spec": "/", "hub": True}, b"/hub/login"))
    assert asked.endswith(b"\r\nConnection: close\r\n\r\n")
    # A team that does not run is answered by the hub as well.
    asked = asyncio.run(arrived({"spec": "/", "hub": True}, b"/user/team.a/x"))
    assert asked.endswith(b"\r\nConnection: close\r\n\r\n")
    asked = asyncio.run(arrived({"spec": "/user/team.a/", "user": "team.a"}, b"/user/team.a/x"))
    assert asked.endswith(b"\r\nConnection: Upgrade\r\n\r\n")


def test_the_longest_prefix_is_the_way() -> None:
    async def routed() -> list[str | None]:
        proxy = CampProxy(public_url="http://127.0.0.1:1")
        await proxy.add_route("/", "http://127.0.0.1:2", {"hub": True})
        await proxy.add_route("/user/team.a/", "http://127.0.0.1:3", {"user": "team.a"})
        assert set(await proxy.get_all_routes()) == {"/", "/user/team.a/"}
        found = [
            proxy.route_of(path) for path in ("/hub/login", "/user/team.a", "/user/team.a/lab", "/user/team.ab/lab")
        ]
        await proxy.delete_route("/")
        found.append(proxy.route_of("/hub/login"))
        return [None if one is None else one.target for one in found]

    hub, team = "http://127.0.0.1:2", "http://127.0.0.1:3"
    assert asyncio.run(routed()) == [hub, team, team, hub, None]


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "", "camp:8000", "http://other:8000", "//[x"])
@pytest.mark.parametrize("host", ["camp:8000", "", "["])
def test_what_is_no_origin_of_this_host_is_another_site(origin: str, host: str) -> None:
    assert not is_same_place(origin, host)


def test_a_page_of_this_host_is_of_this_site() -> None:
    assert is_same_place("http://camp:8000", "CAMP:8000")
    assert not is_same_place("http://camp:8000", "camp")


def test_cookies_are_taken_off_an_answer() -> None:
    answer = head("HTTP/1.1 200 OK", "Set-Cookie: a=b", "X: set-cookie: c", "SET-COOKIE: d=e")
    assert without_cookies(answer) == head("HTTP/1.1 200 OK", "X: set-cookie: c")


def test_activity_is_what_people_do() -> None:
    activity = Activity()
    before = activity.idle_seconds
    activity.seen()
    assert 0 <= activity.idle_seconds < before + 1


@pytest.mark.parametrize(
    ("left", "found"),
    [
        (timedelta(minutes=10, seconds=1), Found(ends=False)),
        (timedelta(minutes=10), Found(ends=False, notice="SESSION ENDS AT 10.10.md")),
        (timedelta(seconds=1), Found(ends=False, notice="SESSION ENDS AT 10.00.md")),
        (timedelta(0), Found(ends=True)),
        (timedelta(hours=-3), Found(ends=True)),
    ],
)
def test_the_clock_gives_notice_and_ends(tmp_path: Path, left: timedelta, found: Found) -> None:
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=9), end=NOW + left)
    assert looked(camp.folder, NOW) == found


def test_a_camp_file_that_is_being_written_ends_nothing(tmp_path: Path) -> None:
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=1))
    (camp.folder / FILE).write_text("schema =")
    assert looked(camp.folder, NOW) == Found(ends=False)
    (camp.folder / FILE).unlink()
    assert looked(camp.folder, NOW) == Found(ends=False)


def test_a_camp_file_that_is_broken_makes_no_session_longer(tmp_path: Path) -> None:
    end = NOW + timedelta(hours=1)
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=1), end=end)
    before = looked(camp.folder, NOW).end
    assert before == end
    (camp.folder / FILE).write_text("schema =")
    found = looked(camp.folder, end - timedelta(seconds=1), before)
    assert (found.ends, found.end) == (False, end)
    assert looked(camp.folder, end, found.end).ends


def test_a_session_that_is_made_longer_goes_on(tmp_path: Path) -> None:
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=1), end=NOW)
    assert looked(camp.folder, NOW).ends
    with_session(camp.folder, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert not looked(camp.folder, NOW).ends


def test_there_is_one_notice_and_it_follows_no_link(tmp_path: Path) -> None:
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    workspace.mkdir()
    outside.write_text("as it was")
    (workspace / "SESSION ENDS AT 10.00.md").symlink_to(outside)
    give_notice(workspace, "SESSION ENDS AT 10.00.md")
    give_notice(workspace, "SESSION ENDS AT 10.30.md")
    assert [one.name for one in workspace.iterdir()] == ["SESSION ENDS AT 10.30.md"]
    assert outside.read_text() == "as it was"
    remove_notices(workspace)
    assert not list(workspace.iterdir())


def test_without_a_prefix_a_lab_runs_as_who_started_the_hub() -> None:
    assert started_as("", "armoede") == {}


def test_only_root_starts_labs_of_other_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(BadInputError, match="Only root"):
        started_as("camp-", "armoede")


def test_a_team_runs_as_its_own_user_and_never_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    users = {"camp-armoede": (1001, 1002), "camp-wonen": (0, 0)}

    def found(name: str) -> Any:
        user, group = users[name]
        return pwd.struct_passwd((name, "x", user, group, "", "/", "/bin/false"))

    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", found)
    assert started_as("camp-", "armoede") == {"user": 1001, "group": 1002, "extra_groups": [], "umask": 0o077}
    with pytest.raises(BadInputError, match="is root"):
        started_as("camp-", "wonen")
    with pytest.raises(BadInputError, match="There is no operating-system user 'camp-zorg'"):
        started_as("camp-", "zorg")


def test_people_may_nothing_but_use_the_labs_of_their_teams(tmp_path: Path) -> None:
    made = {one["name"]: one for one in roles(make_camp(tmp_path))}
    assert set(made) == {"user", "lab-armoede", "lab-wonen"}
    assert all(scope.startswith("read:users:") and scope.endswith("!user") for scope in made["user"]["scopes"])
    for team in ("armoede", "wonen"):
        assert made[f"lab-{team}"]["groups"] == [f"team.{team}"]
        assert all(scope.endswith(f"!user=team.{team}") for scope in made[f"lab-{team}"]["scopes"])


def test_a_code_is_printed_for_a_researcher_only(tmp_path: Path) -> None:
    folder = str(make_camp(tmp_path).folder)
    done = CliRunner().invoke(hub, ["--camp", folder, "code", "anna"])
    assert done.exit_code == 0
    assert done.stdout.startswith("anna: ")
    refused = CliRunner().invoke(hub, ["--camp", folder, "code", "olga"])
    assert isinstance(refused.exception, BadInputError)
    assert refused.stdout == ""


@pytest.mark.parametrize("command", [("code",), ("users",), ()])
def test_help_asks_for_no_camp(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(hub, [*command, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert "--camp" in done.stdout


@pytest.mark.parametrize("command", [("code", "anna"), ("users", "--prefix", "camp-"), ()])
def test_no_command_of_a_hub_runs_without_a_camp(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(hub, [*command])
    assert done.exit_code == 2
    assert "Missing option '--camp'" in done.output


def test_a_camp_that_lacks_something_opens_no_hub(tmp_path: Path) -> None:
    camp = make_camp(tmp_path)
    (camp.folder / "statement.txt").unlink()
    done = CliRunner().invoke(hub, ["--camp", str(camp.folder)])
    assert "statement" in str(done.exception)
    assert not (camp.folder / "hub").exists()


def test_who_is_no_longer_let_in_is_sent_to_the_login_and_leaves_no_traceback(tmp_path: Path) -> None:
    """JupyterHub asks a handler whether a token was used, and tells only those that one was used on."""
    from workspace.hub.authenticator import CampAuthenticator

    class Handler:
        pass

    class User:
        name = "anna"

    camp = make_camp(tmp_path)
    handler: Any = Handler()
    asked: Any = CampAuthenticator(camp=str(camp.folder))
    assert asyncio.run(asked.refresh_user(User(), handler)) is False
    assert handler._token_authenticated is False
    handler._token_authenticated = True
    assert asyncio.run(asked.refresh_user(User(), handler)) is False
    assert handler._token_authenticated is True


@pytest.mark.parametrize("outcome", ["opens", "ends"])
def test_a_team_is_waited_for_until_its_gate_listens_or_its_keeper_has_ended(outcome: str) -> None:
    from workspace.hub.spawner import TeamSpawner

    async def waited() -> None:
        spawner: Any = TeamSpawner.__new__(TeamSpawner)
        visited = asyncio.Event()

        def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()
            visited.set()

        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        if outcome == "ends":
            server.close()
            await server.wait_closed()

        async def poll() -> int:
            return 2

        spawner.ip, spawner.port, spawner.poll = "127.0.0.1", port, poll
        try:
            await asyncio.wait_for(spawner._opened(), 10)
            await asyncio.wait_for(visited.wait(), 10)
        finally:
            server.close()

    if outcome == "opens":
        asyncio.run(waited())
        return
    with pytest.raises(RefusedError, match="ended before it was open"):
        asyncio.run(waited())
