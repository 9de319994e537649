"""Accounts, digits, passwords, the statement and the entrance, without a hub."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, DocumentError, IntegrityError, RefusedError
from disclosure.exchange.camp import FILE, read_camp
from tests.workspace.hub.camp import PASSWORD, STATEMENT, make_camp
from workspace.hub import totp
from workspace.hub.accounts import Account, Accounts
from workspace.hub.entrance import (
    CODE_SECONDS,
    FREE_FAILURES,
    ClosedError,
    Entrance,
    StatementError,
    check_camp,
)
from workspace.hub.passwords import LONGEST, SHORTEST, is_password, kept_code, kept_password, new_code

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LATER = timedelta(seconds=totp.PERIOD)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A camp whose session lasts from 9 to 17 hours."""
    return make_camp(tmp_path, start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=7)).folder


@pytest.fixture
def entrance(folder: Path) -> Entrance:
    return Entrance(folder)


def enrolled(entrance: Entrance, name: str = "anna", now: datetime = NOW) -> str:
    code = entrance.invite(name, now)
    beginning = entrance.begin(name, code, now)
    entrance.enrol(name, code, PASSWORD, digits(beginning.secret, now), beginning.statement.digest, now)
    return beginning.secret


def digits(secret: str, now: datetime) -> str:
    return totp.digits_at(secret, int(now.timestamp()))


# RFC 6238, appendix B, SHA-1, the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_digits_are_those_of_the_standard(seconds: int, shown: str) -> None:
    assert totp.digits_at(SECRET, seconds) == shown
    assert totp.accepted_step(SECRET, shown, seconds, after=0) == seconds // totp.PERIOD


@pytest.mark.parametrize(("late", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(late: int, taken: bool) -> None:
    shown = totp.digits_at(SECRET, 3000 + late * totp.PERIOD)
    assert (totp.accepted_step(SECRET, shown, 3000, after=0) is not None) is taken


def test_digits_are_good_once_and_none_before_them() -> None:
    step = totp.accepted_step(SECRET, totp.digits_at(SECRET, 3000), 3000, after=0)
    assert step == 100
    assert totp.accepted_step(SECRET, totp.digits_at(SECRET, 3000), 3000, after=step) is None
    assert totp.accepted_step(SECRET, totp.digits_at(SECRET, 2970), 3000, after=step) is None
    assert totp.accepted_step(SECRET, totp.digits_at(SECRET, 3030), 3000, after=step) == 101


@pytest.mark.parametrize("shown", ["", "28708", "2870822", "٢٨٧٠٨٢", "abcdef"])
def test_what_are_no_digits_is_not_accepted(shown: str) -> None:
    assert totp.accepted_step(SECRET, shown, 59, after=0) is None


def test_a_link_names_camp_and_person() -> None:
    assert totp.link(SECRET, "anna", "camp") == f"otpauth://totp/camp:anna?secret={SECRET}&issuer=camp"


def test_a_password_is_known_again_and_another_is_not() -> None:
    kept = kept_password(PASSWORD, "anna")
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, PASSWORD + " ")
    assert not is_password("", "")
    assert not is_password("", PASSWORD)
    assert not is_password("no hash", PASSWORD)
    assert not is_password(kept, "x" * (LONGEST + 1))


def test_without_a_password_the_answer_takes_as_long() -> None:
    kept = kept_password(PASSWORD, "anna")
    times = []
    for one in (kept, ""):
        begun = time.process_time()
        for _ in range(3):
            is_password(one, "another password")
        times.append(time.process_time() - begun)
    assert times[1] > times[0] / 4


@pytest.mark.parametrize(
    ("password", "taken"),
    [("abcdefghijk", False), ("abcdefghijkl", True), ("abcdefghijkl" * 17, False), ("aaaaaaaaaaaaaaaa", False),
     ("this is anna here", False), ("ababababababcde", False)],
)  # fmt: skip
def test_a_password_is_long_and_not_easy_to_guess(password: str, taken: bool) -> None:
    assert len("abcdefghijkl") == SHORTEST
    if taken:
        assert kept_password(password, "anna")
    else:
        with pytest.raises(RefusedError) as caught:
            kept_password(password, "anna")
        assert password not in str(caught.value)


def test_codes_differ_and_are_read_however_they_are_typed() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    one = codes.pop()
    assert kept_code(one) == kept_code(one.lower().replace("-", " "))
    assert not set("IO01") & set(one)


def test_a_person_comes_in_with_what_was_set_and_signed(entrance: Entrance) -> None:
    secret = enrolled(entrance)
    assert entrance.log_in("anna", PASSWORD, digits(secret, NOW + LATER), NOW + LATER) == ("armoede",)
    assert entrance.admitted("anna", NOW + timedelta(hours=6)) == ("armoede",)


@pytest.mark.parametrize("wrong", ["password", "digits", "name"])
def test_what_is_wrong_is_not_told(entrance: Entrance, wrong: str) -> None:
    secret = enrolled(entrance)
    given = {"name": "anna", "password": PASSWORD, "digits": digits(secret, NOW + LATER)}
    given[wrong] = {"password": "another password", "digits": "000000", "name": "bram"}[wrong]
    with pytest.raises(RefusedError, match=r"^Name, password or digits are not right\."):
        entrance.log_in(given["name"], given["password"], given["digits"], NOW + LATER)


def test_digits_of_the_enrolment_do_not_log_in(entrance: Entrance) -> None:
    secret = enrolled(entrance)
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW), NOW)


def test_failures_in_a_row_make_everybody_wait_and_a_login_forgets_them(entrance: Entrance) -> None:
    secret, now = enrolled(entrance), NOW + LATER
    for _ in range(FREE_FAILURES):
        with pytest.raises(RefusedError):
            entrance.log_in("anna", "wrong password", "000000", now)
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in("anna", PASSWORD, digits(secret, now), now)
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in("anna", PASSWORD, digits(secret, now), now + timedelta(seconds=29))
    after = now + timedelta(seconds=30)
    assert entrance.log_in("anna", PASSWORD, digits(secret, after), after)
    for _ in range(FREE_FAILURES - 1):
        with pytest.raises(RefusedError):
            entrance.log_in("anna", "wrong password", "000000", after)
    assert entrance.log_in("anna", PASSWORD, digits(secret, after + LATER), after + LATER)


def test_who_has_to_wait_is_answered_as_late_as_a_name_that_is_not_there(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(entrance)
    looked: list[str] = []

    def compared(kept: str, password: str) -> bool:
        looked.append(kept)
        return False

    monkeypatch.setattr("workspace.hub.entrance.is_password", compared)
    for name in ("nobody", *["anna"] * (FREE_FAILURES + 2)):
        looked.clear()
        with pytest.raises(RefusedError):
            entrance.log_in(name, "a wrong password", "000000", NOW)
        assert len(looked) == 1


def test_the_wait_grows_and_has_an_end(entrance: Entrance, folder: Path) -> None:
    enrolled(entrance)
    now, waits = NOW + LATER, []
    for _ in range(FREE_FAILURES + 8):
        with pytest.raises(RefusedError):
            entrance.log_in("anna", "wrong password", "000000", now)
        account = Accounts(folder / "hub" / "accounts").find("anna")
        assert account is not None
        waits.append(max(0, account.locked_until - int(now.timestamp())))
        now = max(now, datetime.fromtimestamp(account.locked_until, UTC))
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]


@pytest.mark.parametrize("hours", [-2, 7, 100])
def test_outside_the_sessions_nobody_comes_in(entrance: Entrance, hours: int) -> None:
    secret = enrolled(entrance)
    code = entrance.invite("bram", NOW)
    now = NOW + timedelta(hours=hours)
    with pytest.raises(ClosedError):
        entrance.log_in("anna", PASSWORD, digits(secret, now), now)
    with pytest.raises(ClosedError):
        entrance.admitted("anna", now)
    with pytest.raises(ClosedError):
        entrance.begin("bram", code, now)


def test_a_refusal_outside_says_when_the_next_session_begins(entrance: Entrance) -> None:
    with pytest.raises(ClosedError, match="2026-11-23 09:00"):
        entrance.admitted("anna", NOW - timedelta(hours=2))
    with pytest.raises(ClosedError, match="No other session follows"):
        entrance.admitted("anna", NOW + timedelta(hours=7))


def test_without_a_signature_nobody_comes_in(entrance: Entrance) -> None:
    code = entrance.invite("anna", NOW)
    beginning = entrance.begin("anna", code, NOW)
    for signs in ("", "sha256:" + "0" * 64):
        with pytest.raises(StatementError):
            entrance.enrol("anna", code, PASSWORD, digits(beginning.secret, NOW), signs, NOW)
    with pytest.raises(RefusedError):
        entrance.log_in("anna", PASSWORD, digits(beginning.secret, NOW), NOW)


def test_a_statement_that_changes_is_signed_again(entrance: Entrance, folder: Path) -> None:
    secret = enrolled(entrance)
    (folder / "statement.txt").write_text(STATEMENT + "And I ask when I am in doubt.\n")
    with pytest.raises(StatementError, match="has changed"):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW + LATER), NOW + LATER)
    with pytest.raises(StatementError):
        entrance.admitted("anna", NOW)
    now = NOW + 2 * LATER
    with pytest.raises(RefusedError, match="not right"):
        entrance.sign("anna", "another password", digits(secret, now), entrance.statement().digest, now)
    entrance.sign("anna", PASSWORD, digits(secret, now), entrance.statement().digest, now)
    assert entrance.admitted("anna", now) == ("armoede",)


def test_the_account_keeps_what_was_signed_and_when(entrance: Entrance, folder: Path) -> None:
    enrolled(entrance)
    kept = json.loads((folder / "hub" / "accounts" / "anna.json").read_text())
    assert kept["signed"] == entrance.statement().digest
    assert kept["signed_at"] == int(NOW.timestamp())
    assert PASSWORD not in json.dumps(kept)


def test_a_code_is_good_once(entrance: Entrance) -> None:
    code = entrance.invite("anna", NOW)
    beginning = entrance.begin("anna", code, NOW)
    entrance.enrol("anna", code, PASSWORD, digits(beginning.secret, NOW), beginning.statement.digest, NOW)
    with pytest.raises(RefusedError, match="Name or code"):
        entrance.begin("anna", code, NOW)


def test_a_code_expires(entrance: Entrance) -> None:
    code = entrance.invite("anna", NOW - timedelta(seconds=CODE_SECONDS - 1))
    assert entrance.begin("anna", code, NOW).secret
    code = entrance.invite("anna", NOW - timedelta(seconds=CODE_SECONDS))
    with pytest.raises(RefusedError, match="Name or code"):
        entrance.begin("anna", code, NOW)


def test_a_code_of_another_person_is_refused_and_guessing_ends(entrance: Entrance) -> None:
    own, other = entrance.invite("anna", NOW), entrance.invite("bram", NOW)
    for _ in range(FREE_FAILURES):
        with pytest.raises(RefusedError, match="Name or code"):
            entrance.begin("anna", other, NOW)
    with pytest.raises(RefusedError, match="Name or code"):
        entrance.begin("anna", own, NOW)
    assert entrance.begin("anna", own, NOW + timedelta(seconds=30)).secret


def test_a_new_code_ends_the_old_password(entrance: Entrance) -> None:
    secret = enrolled(entrance)
    entrance.invite("anna", NOW)
    with pytest.raises(RefusedError):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW + LATER), NOW + LATER)
    with pytest.raises(RefusedError):
        entrance.admitted("anna", NOW)


def test_the_key_is_the_same_when_the_page_is_shown_again(entrance: Entrance) -> None:
    code = entrance.invite("anna", NOW)
    assert entrance.begin("anna", code, NOW).secret == entrance.begin("anna", code, NOW).secret


def test_a_weak_password_leaves_the_code_good(entrance: Entrance) -> None:
    code = entrance.invite("anna", NOW)
    beginning = entrance.begin("anna", code, NOW)
    with pytest.raises(RefusedError, match="12 to 200"):
        entrance.enrol("anna", code, "short", digits(beginning.secret, NOW), beginning.statement.digest, NOW)
    entrance.enrol("anna", code, PASSWORD, digits(beginning.secret, NOW), beginning.statement.digest, NOW)


def test_who_is_taken_off_camp_toml_does_not_come_in_again(entrance: Entrance, folder: Path) -> None:
    secret = enrolled(entrance)
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace('name = "anna"', 'name = "anne"'))
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW + LATER), NOW + LATER)
    with pytest.raises(RefusedError, match="not right"):
        entrance.admitted("anna", NOW)


@pytest.mark.parametrize("name", ["olga", "nobody", "../anna", "team.armoede", ""])
def test_codes_are_for_researchers_in_a_team(entrance: Entrance, name: str) -> None:
    with pytest.raises(BadInputError, match="No researcher"):
        entrance.invite(name, NOW)
    with pytest.raises(RefusedError, match="Name or code"):
        entrance.begin(name, new_code(), NOW)
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in(name, PASSWORD, "000000", NOW)


@pytest.mark.parametrize(
    "change",
    [{"name": "bram"}, {"step": -1}, {"step": "1"}, {"step": True}, {"signed": "yes"}, {"more": 1}, {"schema": 2}],
)
def test_an_account_that_somebody_changed_lets_nobody_in(
    entrance: Entrance, folder: Path, change: dict[str, object]
) -> None:
    secret = enrolled(entrance)
    path = folder / "hub" / "accounts" / "anna.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IntegrityError):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW + LATER), NOW + LATER)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"schema": 1}'])
def test_an_account_that_is_none_lets_nobody_in(entrance: Entrance, folder: Path, data: bytes) -> None:
    enrolled(entrance)
    (folder / "hub" / "accounts" / "anna.json").write_bytes(data)
    with pytest.raises((IntegrityError, DocumentError)):
        entrance.admitted("anna", NOW)


def test_an_account_is_a_link_for_nobody(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "accounts")
    with accounts.changing("anna") as change:
        change.new = Account("anna")
    (tmp_path / "accounts" / "bram.json").symlink_to("anna.json")
    with pytest.raises(IntegrityError):
        accounts.find("bram")
    with pytest.raises(BadInputError):
        accounts.find("../anna")


def test_a_camp_without_sessions_statement_or_people_has_no_hub(folder: Path) -> None:
    text = (folder / FILE).read_text()
    check_camp(read_camp(folder))
    for without, told in (
        (text.split("\n[[sessions]]")[0], "no sessions"),
        (text.replace('statement = "statement.txt"\n', ""), "no confidentiality statement"),
        (text.replace('roles = ["researcher"]', 'roles = ["reviewer"]'), "Nobody in this camp"),
    ):
        (folder / FILE).write_text(without)
        with pytest.raises(DocumentError, match=told):
            check_camp(read_camp(folder))


@pytest.mark.parametrize("data", [None, b"", b" \n", b"\xff\xfe", b"x" * ((1 << 16) + 1)])
def test_a_statement_that_nobody_can_read_opens_no_camp(folder: Path, data: bytes | None) -> None:
    path = folder / "statement.txt"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DocumentError, match="statement"):
        check_camp(read_camp(folder))
