"""A camp whose zones are separated, as root: really made, worked in by each of its users, and attacked by each."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.zones import ANSWERS, ORDERS, SIGNED, Zone, desk, queue, work_folder
from tests.workspace.hub.team_users import IS_ROOT
from tests.workspace.small_camp import DATA_SET, notebook
from tests.zones.zones_camp import TEAM, ZonesCamp, zones_camp
from workspace.hub.rights import May, Rights, give_rights, has_rights
from workspace.zones.users import check_zones, zone_steps

NOT_AS_THEY_MUST_BE = "not as they must be"


@pytest.fixture
def made() -> Iterator[ZonesCamp]:
    """A camp without users yet; only root can go on from there."""
    with zones_camp() as found:
        yield found


def only_root(made: ZonesCamp) -> bool:
    """Whether the suite is not root's; then making users is refused, and nothing has changed."""
    if IS_ROOT:
        return False
    before = {one: one.stat().st_mode for one in made.camp.folder.rglob("*")}
    for arguments in (("camp", "users"), ("camp", "users", "--check"), ("camp", "open", "--site", str(made.site))):
        done = made.run("root", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
    assert before == {one: one.stat().st_mode for one in made.camp.folder.rglob("*")}
    return True


def opened(made: ZonesCamp) -> None:
    site = ("--site", str(made.site))
    made.done("root", "camp", "users", *site)
    made.done("root", "camp", "open", *site)
    made.done("root", "camp", "users", "--check", *site)


@pytest.mark.timeout(600)  # two dozen commands one after another, on a machine that others may be using
def test_a_package_goes_through_the_hands_of_five_users_of_whom_each_reaches_its_own_only(made: ZonesCamp) -> None:
    """One camp from its opening to a package: making one costs more than what is looked at in it."""
    if only_root(made):
        return
    opened(made)
    each_command_is_for_one_user_and_says_which(made)
    made.hand_in(before="import time\ntime.sleep(3)\n")
    a_worker_that_is_killed_loses_no_order(made)
    package = released(made)
    made.done("root", "camp", "users", "--check", "--site", str(made.site))
    assert b"000000042" not in b"".join(one.read_bytes() for one in of_the_control_zone(made))
    each_reaches_its_own_only(made, package)
    what_root_made_by_hand_goes_to_its_zone_and_links_stay(made)
    a_reviewer_comes_in_for_another_while_the_camp_runs(made)
    it_is_closed_for_good(made, package)


def released(made: ZonesCamp) -> Path:
    """The package of the request that was handed in, after each user did its part."""
    review, release = made.user("review"), made.user("release")
    with made.serving():
        ingested = json.loads(made.done(review, "review", "ingest", "--json"))
    assert [(one["name"], one["level"], one["verdict"]) for one in ingested[0]["outputs"]] == [
        ("by-code", "reproduced", "safe"), ("by-recipe", "recomputed", "safe"),
    ]  # fmt: skip
    for name in made.reviewers:
        made.done(review, "review", "vote", "1", "--reviewer", name, "--all", "--decision", "approve")
        told = made.done(name, "sign", "1", "--reviewer", name, *key_options(made, name))
        assert "approve by-recipe (safe, recomputed)" in told
    assert json.loads(made.done(review, "review", "list", "--json"))[0]["state"] == "approved"
    package = Path(json.loads(made.done(release, "release", "1", "--json"))["package"])
    assert pwd.getpwuid(package.stat().st_uid).pw_name == release
    assert "VERIFIED" in made.done("root", "verify", str(package), "--root", made.fingerprint())
    assert json.loads(made.done(review, "audit", "--json"))["holds"]
    return package


def key_options(made: ZonesCamp, reviewer: str) -> tuple[str, ...]:
    folder = made.key_of(reviewer).parent
    return ("--key", str(made.key_of(reviewer)), "--passphrase-file", str(folder / "passphrase"))


def of_the_control_zone(made: ZonesCamp) -> list[Path]:
    """Every file of the zones that read no row."""
    camp, office = made.camp, made.place / "office"
    folders = (camp.review, camp.folder / "outbox", camp.folder / "inbox", camp.folder / "desks", office / "ledger")
    return [
        one for folder in (*folders, camp.folder / "queues" / "review") for one in folder.rglob("*") if one.is_file()
    ]


def each_reaches_its_own_only(made: ZonesCamp, package: Path) -> None:
    """What each user reads and changes of what lies in the camp now; the rest it must not."""
    camp, office = made.camp, made.place / "office"
    vera, wim = made.reviewers
    team, data, broker, review, release = (made.user(one) for one in (TEAM, "data", "broker", "review", "release"))
    everybody = (team, data, broker, review, release, vera, wim)
    frames = next((work_folder(camp) / "frames").iterdir())
    folder = camp.data_folder(DATA_SET)
    table: dict[Path, tuple[tuple[str, ...], tuple[str, ...]]] = {  # who reads, who changes
        folder / "data.parquet": ((team, data), ()),
        folder: ((team, data, review, release), ()),
        folder / "codebook.toml": ((team, data, review, release), ()),
        camp.folder / "camp.toml": (everybody, ()),
        camp.folder: (everybody, ()),
        camp.folder / "microdata": ((), ()),
        camp.workspace(TEAM): ((team, broker), (team,)),
        camp.workspace(TEAM) / "homes.ipynb": ((team, broker), (team,)),
        camp.workspace(TEAM) / "requests" / "1" / "submission.json": ((team, broker), (team,)),
        camp.outbox(TEAM): ((broker, review), (broker,)),
        camp.outbox(TEAM) / "1" / "submission.json": ((broker, review), (broker,)),
        camp.inbox(TEAM): ((team, broker, review, release), (broker, review, release)),
        camp.review: ((review, release), (review, release)),
        camp.review / "review.sqlite3": ((review, release), (review, release)),
        camp.review / "store": ((review, release), (review,)),
        camp.folder / "staging": ((release,), (release,)),
        camp.released: ((review, release), (release,)),
        package: ((review, release), (release,)),
        desk(camp, vera): ((review, vera), (review,)),
        desk(camp, vera) / SIGNED: ((review, vera), (vera,)),
        desk(camp, vera) / SIGNED / "1-1.json": ((review, vera), (vera,)),
        desk(camp, wim) / SIGNED: ((review, wim), (wim,)),
        queue(camp, Zone.REVIEW) / ORDERS: ((review, data), (review,)),
        queue(camp, Zone.REVIEW) / ANSWERS: ((review, data), (data,)),
        queue(camp, Zone.BROKER) / ORDERS: ((broker, data), (broker,)),
        queue(camp, Zone.BROKER) / ANSWERS: ((broker, data), (data,)),
        work_folder(camp): ((data,), (data,)),
        frames / "by-code.arrow": ((data,), (data,)),
        office / "site.toml": (everybody, ()),
        office / "ledger": ((review, release), (release,)),
        office / "ledger" / DATA_SET / "chain.jsonl": ((review, release), (release,)),
        office / "keys": ((), ()),
        office / "keys" / "root.key": ((), ()),
        office / "keys" / "root.passphrase": ((), ()),
        office / "keys" / "release.key": ((release,), (release,)),
        office / "keys" / "release.passphrase": ((release,), (release,)),
        office / "keys" / "log.key": ((release,), (release,)),
        made.key_of(vera): ((vera,), (vera,)),
    }
    assert all(path.exists() for path in table)
    for user in everybody:
        read = {path for path, (readers, _) in table.items() if user in readers}
        assert set(made.can(user, "r", *table)) == read, user
        changed = {path for path, (_, writers) in table.items() if user in writers}
        assert set(made.can(user, "w", *table)) == changed, user


def each_command_is_for_one_user_and_says_which(made: ZonesCamp) -> None:
    vera = made.reviewers[0]
    right = {
        ("review", "list"): made.user("review"),
        ("audit",): made.user("review"),
        ("release", "1"): made.user("release"),
        ("submit",): made.user("broker"),
        ("tabulation", "serve", "--once"): made.user("data"),
        ("run", "homes.ipynb"): made.user(TEAM),
        ("sign", "1", "--reviewer", vera, *key_options(made, vera)): vera,
        ("data", "list"): "root",
        ("camp", "open", "--site", str(made.site)): "root",
    }
    for arguments, user in right.items():
        other = "root" if user != "root" else made.user("review")
        done = made.run(other, *arguments)
        assert (done.returncode, done.stdout) == (2, ""), (arguments, other, done.stderr)
        assert f"This is for the user '{user}'" in done.stderr
    assert json.loads(made.done(made.user("review"), "review", "list", "--json")) == []


def test_a_camp_opens_only_if_its_zones_are_as_they_must_be(made: ZonesCamp) -> None:
    if only_root(made):
        return
    site = ("--site", str(made.site))
    told = made.run("root", "camp", "users", "--dry-run", *site)
    assert told.returncode == 0
    data = made.camp.data_folder(DATA_SET) / "data.parquet"
    readers = f"u:{made.user('data')}:r--,u:{made.user(TEAM)}:r--"
    assert f"setfacl --set u::rw-,{readers},g::---,o::--- {data}" in told.stdout
    assert not [one for one in pwd.getpwall() if one.pw_name == made.user("data")]
    refused = made.run("root", "camp", "open", *site)
    assert refused.returncode == 1
    assert NOT_AS_THEY_MUST_BE in refused.stderr
    assert not (made.camp.review / "review.sqlite3").exists()

    made.done("root", "camp", "users", *site)
    again = made.run("root", "camp", "users", *site)
    assert (again.returncode, again.stdout) == (0, "")
    # What a hand changed is named, refused and put right.
    for place, mode in (
        (made.camp.review, 0o755),
        (data, 0o644),
        (made.place / "office" / "keys" / "release.key", 0o644),
    ):
        before = place.stat().st_mode
        place.chmod(mode)
        for arguments in (("camp", "open"), ("camp", "users", "--check")):
            refused = made.run("root", *arguments, *site)
            assert refused.returncode == 1, place
            assert NOT_AS_THEY_MUST_BE in refused.stderr
            assert place.name in refused.stderr
        made.done("root", "camp", "users", *site)
        assert place.stat().st_mode == before
    codebook = made.camp.data_folder(DATA_SET) / "codebook.toml"
    codebook.chmod(0o600)  # no step of ours: found by trying
    refused = made.run("root", "camp", "open", *site)
    assert refused.returncode == 1
    assert "codebook.toml' is not open" in refused.stderr
    codebook.chmod(0o644)
    made.done("root", "camp", "open", *site)


def a_worker_that_is_killed_loses_no_order(made: ZonesCamp) -> None:
    submitting = made.command(made.user("broker"), "submit", "--json")
    with subprocess.Popen(
        submitting,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
        env={**os.environ, "HOME": "/"},
    ) as broker:
        with made.serving() as worker:
            attempts = work_folder(made.camp) / "attempts"
            end = time.monotonic() + 60
            while not any(attempts.iterdir()):
                assert time.monotonic() < end
                time.sleep(0.05)
            time.sleep(1)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert broker.poll() is None
        assert list(made.camp.outbox(TEAM).glob("[0-9]*")) == []
        with made.serving():
            told, _ = broker.communicate(timeout=100)
    assert json.loads(told)[0]["state"] == "submitted"
    assert (made.camp.outbox(TEAM) / "1" / "submission.json").is_file()


def test_a_team_cannot_be_called_as_a_zone_is(made: ZonesCamp) -> None:
    if only_root(made):
        return
    path = made.camp.folder / "camp.toml"
    path.write_text(path.read_text().replace(f'"{TEAM}"', '"release"'))
    with pytest.raises(BadInputError, match="A team cannot be called 'release'"):
        zone_steps(made.camp, None)


def test_a_reviewer_has_an_account_of_their_own(made: ZonesCamp) -> None:
    if only_root(made):
        return
    path, name = made.camp.folder / "camp.toml", made.reviewers[0]
    text = path.read_text()
    for other, says in (
        ("nobody-at-all", "There is no user 'nobody-at-all'"),
        ("root", "needs an account of their own"),
    ):
        path.write_text(text.replace(f'"{name}"', f'"{other}"'))
        with pytest.raises(BadInputError, match=says):
            zone_steps(made.camp, None)


def test_what_everything_follows_from_is_roots_alone(made: ZonesCamp) -> None:
    if only_root(made):
        return
    site = ("--site", str(made.site))
    for place in (made.camp.folder, made.camp.folder / "camp.toml", made.site.parent, made.site):
        before = place.stat().st_mode
        place.chmod(before | 0o002)
        refused = made.run("root", "camp", "users", *site)
        assert refused.returncode == 1
        assert f"'{place.name}' can be changed by others than root" in refused.stderr
        place.chmod(before)
    os.chown(made.site, 4242, 4242)
    assert made.run("root", "camp", "users", *site).returncode == 1
    assert not [one for one in pwd.getpwall() if one.pw_name == made.user("data")]


def test_a_ledger_in_other_hands_and_a_shared_passphrase_are_refused(made: ZonesCamp) -> None:
    if only_root(made):
        return
    site = ("--site", str(made.site))
    ledger = made.place / "office" / "ledger"
    os.chown(ledger, 4242, 4242)
    refused = made.run("root", "camp", "users", *site)
    assert refused.returncode == 1
    assert "in the hands of another user" in refused.stderr
    os.chown(ledger, 0, 0)
    text = made.site.read_text()
    made.site.write_text(text.replace("keys/log.passphrase", "keys/release.passphrase"))
    refused = made.run("root", "camp", "users", *site)
    assert refused.returncode == 1
    assert "share a file" in refused.stderr


def what_root_made_by_hand_goes_to_its_zone_and_links_stay(made: ZonesCamp) -> None:
    camp, outside = made.camp, made.camp.folder / "camp.toml"
    (camp.review / "notes").mkdir()
    (camp.review / "notes" / "a.txt").write_text("text")
    (camp.workspace(TEAM) / "of-an-organiser.ipynb").write_bytes(notebook("1"))
    (camp.review / "link").symlink_to(outside)
    made.done("root", "camp", "users", "--site", str(made.site))
    for user in (made.user("review"), made.user("release")):
        assert made.can(user, "w", camp.review / "notes" / "a.txt") != ()
    assert made.can(made.user("broker"), "r", camp.workspace(TEAM) / "of-an-organiser.ipynb") != ()
    assert made.can(made.user(TEAM), "w", camp.workspace(TEAM) / "of-an-organiser.ipynb") != ()
    assert outside.stat().st_uid == 0
    assert made.run("root", "camp", "users", "--site", str(made.site)).stdout == ""


def a_reviewer_comes_in_for_another_while_the_camp_runs(made: ZonesCamp) -> None:
    """The manifest changes under root; before it gave the new desk to its reviewer, nothing stands still."""
    review, gone = made.user("review"), made.reviewers[0]
    new = made.new_reviewer("yara")
    path = made.place / "camp" / "camp.toml"
    path.write_text(path.read_text().replace(gone, new))
    assert "datakamp camp users" in made.done("root", "review", "manifest", "--sign")
    made.done(review, "review", "list")
    made.done("root", "camp", "users", "--site", str(made.site))
    own = made.camp.folder / "desks" / new / SIGNED
    assert made.can(new, "w", own) == (own,)
    old = made.camp.folder / "desks" / gone
    assert made.can(gone, "r", old, old / SIGNED) == made.can(gone, "w", old / SIGNED) == ()


def it_is_closed_for_good(made: ZonesCamp, package: Path) -> None:
    """Root closes it: what is kept belongs to root alone, what was worked on is gone, and nobody goes on."""
    camp, archive = made.camp, made.place / "archive"
    review, release, team = (made.user(one) for one in ("review", "release", TEAM))
    archive.mkdir(mode=0o755)
    closing = ("camp", "close", "--archive", str(archive), "--yes")
    for user in (review, release, team):
        refused = made.run(user, *closing)
        assert (refused.returncode, "This is for the user 'root'" in refused.stderr) == (2, True), refused.stderr
    assert camp.workspace(TEAM).is_dir()
    made.done("root", *closing)
    for name in ("microdata", "workspaces", "outbox", "inbox", "queues", "desks"):
        assert not list((camp.folder / name).iterdir()), name
    certificate = json.loads((camp.folder / "closed.json").read_bytes())
    assert package.stem in certificate["review"]["packages"]
    kept = list(archive.rglob("*"))
    assert any(one.name == "homes.ipynb" for one in kept)
    assert {one.lstat().st_uid for one in kept} == {0}
    everybody = (*(made.user(one) for one in (TEAM, "data", "broker", "review", "release")), *made.reviewers)
    for user in everybody:
        assert made.can(user, "r", *(one for one in kept if one.is_file())) == (), user
    assert package.is_file()
    assert "VERIFIED" in made.done("root", "verify", str(package), "--root", made.fingerprint())
    assert json.loads(made.done(review, "audit", "--json"))["holds"]
    assert json.loads(made.done(review, "review", "ingest", "--json")) == []
    for user, *words in ((team, "run", "homes.ipynb"), (made.user("broker"), "submit"), (release, "release", "1")):
        refused = made.run(user, *words)
        assert (refused.returncode, "Traceback" in refused.stderr) in {(1, False), (2, False)}, (words, refused.stderr)
        assert "unforeseen" not in refused.stderr, (words, refused.stderr)
    assert "closed already" in made.done("root", *closing)


def test_one_user_mode_has_no_users_of_zones(made: ZonesCamp) -> None:
    path = made.camp.folder / "camp.toml"
    text = path.read_text().replace(f'mode = "user-per-zone"\nusers = "{made.prefix}"', 'mode = "one-user"')
    path.write_text(text)
    for arguments in (("camp", "users"), ("tabulation", "serve")):
        done = made.run("root", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "not separated" in done.stderr


def test_the_hubs_own_command_leaves_such_a_camp_alone(made: ZonesCamp) -> None:
    done = made.run("root", "hub", "users", "--prefix", "x-")
    assert done.returncode == 2
    assert "datakamp camp users" in done.stderr


def test_rights_are_inherited_where_they_say_so_and_files_have_theirs(tmp_path: Path) -> None:
    own = (os.geteuid(), os.getegid())
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir(0o755)
    file.write_text("text")
    passed_on = Rights(*own, {4242: May.CHANGE, 4243: May.READ}, inherited=True)
    assert not has_rights(folder, passed_on)
    give_rights(folder, passed_on)
    assert has_rights(folder, passed_on)
    assert not has_rights(folder, Rights(*own, passed_on.users))
    inner = folder / "inner"
    inner.mkdir()
    assert has_rights(inner, passed_on)
    give_rights(folder, Rights(*own, passed_on.users))
    assert has_rights(folder, Rights(*own, passed_on.users))
    (folder / "later").mkdir()
    assert not has_rights(folder / "later", passed_on)

    read = Rights(*own, {4242: May.READ})
    assert not has_rights(file, read)
    give_rights(file, read)
    assert has_rights(file, read)
    assert file.stat().st_mode & 0o777 == 0o640
    give_rights(file, Rights(*own))
    assert has_rights(file, Rights(*own))
    assert file.stat().st_mode & 0o777 == 0o600
    os.link(file, tmp_path / "second")
    with pytest.raises(RefusedError, match="second name"):
        give_rights(file, read)


def test_checking_is_roots(made: ZonesCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BadInputError, match="Only root"):
        check_zones(made.camp, None)
