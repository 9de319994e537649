"""A camp whose teams have operating-system users of their own: as root it is really made, opened and attacked."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from disclosure.errors import BadInputError, RefusedError
from tests.workspace.hub.camp import ROOT, Browser, Hub, lab, make_camp
from tests.workspace.hub.kernels import headers, printed, start_kernel
from tests.workspace.hub.team_users import IS_ROOT, UsersCamp, around, authorise, users_camp
from tests.workspace.small_camp import DATA_SET, SUBMIT, data_set, notebook
from workspace.camp_folder import team_log
from workspace.catalogue import register
from workspace.hub.rights import May, Rights, give_rights, has_rights
from workspace.hub.users import LONGEST_NAME, steps, team_users
from workspace.hub_commands import hub as hub_command

ARMOEDE, WONEN = "/user/team.armoede/", "/user/team.wonen/"
EVERYBODY = 65_534


@pytest.fixture
def made() -> Iterator[UsersCamp]:
    """A camp that other users reach; only root can go on from there."""
    with users_camp() as found:
        yield found


def only_root(made: UsersCamp) -> bool:
    """Whether the suite is not root's; then making users is refused, and nothing has changed."""
    if IS_ROOT:
        return False
    before = {one: one.stat().st_mode for one in made.camp.folder.rglob("*")}
    done = made.users()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Only root" in done.stderr
    assert before == {one: one.stat().st_mode for one in made.camp.folder.rglob("*")}
    return True


def uids_of_kernels(users: set[int]) -> set[int]:
    """The users, of these, as whom kernels run on this machine."""
    found = set()
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                if one.stat().st_uid in users and b"ipykernel" in (one / "cmdline").read_bytes():
                    found.add(one.stat().st_uid)
            except OSError:
                continue  # it has ended
    return found


def test_two_teams_work_as_users_of_their_own_and_reach_nothing_of_each_other(made: UsersCamp) -> None:
    if only_root(made):
        return
    camp = made.camp
    assert made.users().returncode == 0
    with Hub(camp, ("--team-users", made.prefix), around=around()) as hub:
        anna, bram = hub.person("anna")[1], hub.person("bram")[1]
        for browser, team, base, data in ((anna, "armoede", ARMOEDE, [DATA_SET]), (bram, "wonen", WONEN, [])):
            assert lab(browser, team).code == 200, hub.log()
            kernel = start_kernel(browser, base)
            source = "import pathlib; print(sorted(one.name for one in pathlib.Path('/data').glob('*')))"
            assert asyncio.run(printed(browser, base, kernel, source)).strip() == str(data)
        users = {made.number("armoede"), made.number("wonen")}
        assert uids_of_kernels(users) == users
        handed_in_and_told(made, anna)
        nothing_of_others_is_reached(made)
        assert team_log(camp, "armoede").stat().st_uid == made.number("armoede")
        assert "The Lab of armoede begins" in team_log(camp, "armoede").read_text()
    assert "Traceback" not in hub.log(), hub.log()


def handed_in_and_told(made: UsersCamp, browser: Browser) -> None:
    """A request goes from a kernel through the broker, which is root's, and what became of it comes back."""
    camp = made.camp
    document = {"type": "notebook", "format": "json", "content": json.loads(notebook(SUBMIT))}
    saved = browser.ask(
        f"{ARMOEDE}api/contents/homes.ipynb", data=json.dumps(document).encode(), method="PUT",
        headers=headers(browser, ARMOEDE),
    )  # fmt: skip
    assert saved.code == 201, saved.text
    kernel = start_kernel(browser, ARMOEDE)
    assert asyncio.run(printed(browser, ARMOEDE, kernel, SUBMIT)).strip() == "1"
    command = [sys.executable, str(ROOT / "datakamp.py"), "submit", "--camp", str(camp.folder), "--team", "armoede"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert json.loads(done.stdout)[0]["state"] == "submitted", done.stdout
    assert (camp.outbox("armoede") / "1" / "submission.json").is_file()
    source = "import pathlib; print(sorted(one.name for one in pathlib.Path('/camp/inbox').iterdir()))"
    assert asyncio.run(printed(browser, ARMOEDE, kernel, source)).strip() == "['1-broker.json']"
    assert made.reads("armoede", camp.inbox("armoede") / "1-broker.json") == [True]
    assert made.reads("wonen", camp.inbox("armoede") / "1-broker.json") == [False]


def nothing_of_others_is_reached(made: UsersCamp) -> None:
    """As a program outside every box, which is what is left when somebody gets out of one."""
    camp = made.camp
    account = next((camp.folder / "hub" / "accounts").glob("*.json"))
    of_armoede = (
        camp.workspace("armoede"), camp.workspace("armoede") / "homes.ipynb", team_log(camp, "armoede"),
        camp.data_folder(DATA_SET), camp.data_folder(DATA_SET) / "data.parquet", camp.inbox("armoede"),
    )  # fmt: skip
    of_nobody = (
        account, account.parent, camp.folder / "hub" / "hub.sqlite", camp.folder / "hub" / "cookie_secret",
        camp.review, camp.folder / "outbox", camp.outbox("armoede"), camp.folder / "microdata",
        camp.folder / "workspaces", camp.folder / "log", camp.folder / "inbox",
    )  # fmt: skip
    assert made.reads("armoede", *of_armoede) == [True] * len(of_armoede)
    assert made.reads("wonen", *of_armoede, *of_nobody) == [False] * (len(of_armoede) + len(of_nobody))
    assert made.reads("armoede", *of_nobody) == [False] * len(of_nobody)
    assert made.reads("wonen", camp.workspace("wonen"), camp.folder / "camp.toml") == [True, True]


def test_teams_share_a_data_set_until_camp_toml_says_otherwise(made: UsersCamp) -> None:
    if only_root(made):
        return
    data, other = made.camp.data_folder(DATA_SET) / "data.parquet", made.camp.data_folder("OTHER") / "data.parquet"
    told = made.users("--dry-run")
    assert told.returncode == 0
    assert f"setfacl --set u::rwx,u:{made.prefix}armoede:r-x,g::---,o::--- {data.parent}" in told.stdout
    assert not [one for one in pwd.getpwall() if one.pw_name.startswith(made.prefix)]
    assert data.parent.stat().st_mode & 0o777 == 0o700

    assert made.users().returncode == 0
    again = made.users()
    assert (again.returncode, again.stdout) == (0, "")
    assert (made.reads("armoede", data), made.reads("wonen", data)) == ([True], [False])

    camp = authorise(made.camp, before='"wonen"\ndata = []', after=f'"wonen"\ndata = ["{DATA_SET}", "OTHER"]')
    source = data_set(camp.folder.parent / "more", name="OTHER")
    described = source / "codebook.toml"
    described.write_text(described.read_text().replace(DATA_SET, "OTHER"))
    register(camp, source)
    # Registered a moment ago, and open to nobody yet.
    assert (made.reads("wonen", other), made.reads("armoede", other)) == ([False], [False])
    assert made.users().returncode == 0
    assert (made.reads("armoede", data, other), made.reads("wonen", data, other)) == ([True, False], [True, True])

    authorise(camp, before=f'"wonen"\ndata = ["{DATA_SET}", "OTHER"]', after='"wonen"\ndata = ["OTHER"]')
    assert made.users().returncode == 0
    assert (made.reads("armoede", data, other), made.reads("wonen", data, other)) == ([True, False], [False, True])


def test_a_team_that_leaves_the_camp_reaches_nothing(made: UsersCamp) -> None:
    if only_root(made):
        return
    assert made.users().returncode == 0
    camp = made.camp
    assert made.reads("wonen", camp.workspace("wonen"), camp.folder / "camp.toml") == [True, True]
    text = (camp.folder / "camp.toml").read_text().replace('[[teams]]\nname = "wonen"\ndata = []\n', "")
    text = text.replace('"armoede", "wonen"', '"armoede"').replace('teams = ["wonen"]', 'teams = ["armoede"]')
    (camp.folder / "camp.toml").write_text(text)
    assert made.users().returncode == 0
    assert made.reads("wonen", camp.workspace("wonen"), camp.inbox("wonen")) == [False, False]
    assert made.reads("armoede", camp.workspace("armoede")) == [True]


def test_the_hub_opens_only_if_the_users_are_as_camp_toml_says(made: UsersCamp) -> None:
    if only_root(made):
        return
    started = CliRunner().invoke(hub_command, ["--camp", str(made.camp.folder), "--team-users", made.prefix])
    assert isinstance(started.exception, RefusedError)
    assert f"users --prefix {made.prefix}" in str(started.exception)
    assert made.users().returncode == 0
    authorise(made.camp, before='"wonen"\ndata = []', after=f'"wonen"\ndata = ["{DATA_SET}"]')
    started = CliRunner().invoke(hub_command, ["--camp", str(made.camp.folder), "--team-users", made.prefix])
    assert "not as camp.toml says" in str(started.exception)
    assert not (made.camp.folder / "hub").exists()


def test_what_users_find_that_modes_do_not_say_is_refused(made: UsersCamp) -> None:
    """Tried as the user: a file in the data set that only root reads."""
    if only_root(made):
        return
    (made.camp.data_folder(DATA_SET) / "data.parquet").chmod(0o600)
    done = made.users()
    assert done.returncode == 1
    assert "'microdata/HOMES/data.parquet' is not open" in done.stderr


def test_a_workspace_with_its_notebooks_goes_to_its_team_and_no_link_is_followed(made: UsersCamp) -> None:
    if only_root(made):
        return
    workspace, outside = made.camp.workspace("wonen"), made.camp.folder / "statement.txt"
    (workspace / "notes").mkdir()
    (workspace / "notes" / "a.ipynb").write_text("{}")
    (workspace / "link.txt").symlink_to(outside)
    os.link(outside, workspace / "second.txt")
    assert made.users().returncode == 0
    user = made.number("wonen")
    assert [one.lstat().st_uid for one in (workspace, *sorted(workspace.rglob("*")))] == [user, user, user, user, 0]
    assert outside.stat().st_uid == 0
    (workspace / "of-an-organiser.ipynb").write_text("{}")
    assert "chown -R --no-dereference" in made.users().stdout
    assert (workspace / "of-an-organiser.ipynb").stat().st_uid == user


def test_a_user_that_was_not_made_for_the_camp_is_not_taken(made: UsersCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    if only_root(made):
        return

    def found(name: str) -> pwd.struct_passwd:
        return pwd.struct_passwd((name, "x", 1001, 1001, "Somebody else", "/home/x", "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwnam", found)
    with pytest.raises(RefusedError, match="not made for this camp"):
        team_users(made.camp, made.prefix)


def test_a_camp_that_is_not_roots_gets_no_users(made: UsersCamp) -> None:
    if only_root(made):
        return
    os.chown(made.camp.folder, EVERYBODY, EVERYBODY)
    with pytest.raises(RefusedError, match="is not root's"):
        steps(made.camp, made.prefix)


def test_a_data_set_that_is_not_registered_changes_nothing(made: UsersCamp) -> None:
    if only_root(made):
        return
    authorise(made.camp, before='"wonen"\ndata = []', after='"wonen"\ndata = ["ABSENT"]')
    done = made.users()
    assert (done.returncode, done.stdout) == (2, "")
    assert "ABSENT" in done.stderr


def test_without_useradd_nothing_changes(made: UsersCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    if only_root(made):
        return
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(BadInputError, match="'useradd' is missing") as caught:
        steps(made.camp, made.prefix)
    assert "apt-get install passwd" in caught.value.hint


def test_a_camp_in_a_closed_folder_is_not_reached(made: UsersCamp) -> None:
    if only_root(made):
        return
    made.camp.folder.parent.chmod(0o700)
    done = made.users()
    assert (done.returncode, done.stdout) == (2, "")
    assert "do not reach the camp" in done.stderr
    assert not [one for one in pwd.getpwall() if one.pw_name.startswith(made.prefix)]


def test_only_root_makes_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BadInputError, match="Only root"):
        steps(make_camp(tmp_path), "camp-")


@pytest.mark.parametrize("prefix", ["", "-x", "9-", "Camp-", "a b", "a:b", "x" * (LONGEST_NAME - len("armoede") + 1)])
def test_a_prefix_makes_names_of_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(BadInputError, match="With this prefix"):
        team_users(make_camp(tmp_path), prefix)


def test_rights_are_exact_and_shorter_ones_take_away(tmp_path: Path) -> None:
    folder, own = tmp_path / "folder", (os.geteuid(), os.getegid())
    folder.mkdir(0o755)
    nobody, two = Rights(*own), Rights(*own, {4243: May.PASS, 4242: May.READ})
    assert not has_rights(folder, nobody)
    give_rights(folder, two)
    assert has_rights(folder, two)
    assert not has_rights(folder, Rights(*own, {4243: May.READ, 4242: May.READ}))
    assert not has_rights(folder, nobody)
    assert folder.stat().st_mode & 0o007 == 0
    give_rights(folder, nobody)
    assert has_rights(folder, nobody)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not has_rights(folder, Rights(own[0] + 1, own[1]))


def test_rights_are_given_to_no_link_and_where_lists_are_kept(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    rights = Rights(os.geteuid(), os.getegid())
    with pytest.raises(RefusedError, match="Links are refused"):
        give_rights(tmp_path / "link", rights)
    with pytest.raises(BadInputError, match="keeps no access control lists"):
        has_rights(Path("/proc/self").resolve(), rights)
