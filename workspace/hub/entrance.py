"""Who comes in, and when: camp.toml says who and which hours, the account what a person knows, has and has signed.

Every refusal before the password is proven has the same words, so that nobody learns which names there are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, DocumentError, RefusedError
from disclosure.exchange.camp import CampFile, Participant, read_camp
from disclosure.exchange.incidents import require_running
from disclosure.exchange.sessions import Session, next_session, open_session
from disclosure.texts import text
from workspace.hub import totp
from workspace.hub.accounts import Account, Accounts, Change
from workspace.hub.passwords import is_password, kept_code, kept_password, new_code
from workspace.hub.statement import Statement, read_statement

FOLDER: Final = "hub"
CODE_SECONDS: Final = 7 * 24 * 3600
FREE_FAILURES: Final = 5
_FIRST_WAIT: Final = 30
_LONGEST_WAIT: Final = 900


class StatementError(RefusedError):
    """The statement, as it is now, has not been signed by this person."""


class ClosedError(RefusedError):
    """No session of the camp is open."""


@dataclass(frozen=True)
class Beginning:
    """What a person is shown to begin with: the secret of the digits, its link for an app, and the statement."""

    secret: str
    link: str
    statement: Statement


class Entrance:
    """Lets a camp's people in.

    Args:
        camp: its folder. camp.toml is read each time, so that who is taken off it does not come in again.
    """

    def __init__(self, camp: Path) -> None:
        self._camp = camp
        self._accounts = Accounts(camp / FOLDER / "accounts")

    def invite(self, name: str, now: datetime) -> str:
        """Return a new code for a person, which an organiser hands over. Password, digits and signature are as new.

        Raises:
            BadInputError: nobody of that name works in a team of the camp.
        """
        if _researcher(read_camp(self._camp), name) is None:
            raise BadInputError(
                f"No researcher called '{name}' is in a team of this camp.", hint="People are listed in camp.toml."
            )
        code = new_code()
        with self._accounts.changing(name) as change:
            change.new = Account(name, code=kept_code(code), code_until=_seconds(now) + CODE_SECONDS)
        return code

    def begin(self, name: str, code: str, now: datetime) -> Beginning:
        """Return what a person with a code needs to come in the first time.

        Raises:
            RefusedError: the code is not the person's, or is no longer good.
            ClosedError: no session is open.
        """
        camp = self._open_camp(now)
        _expect(camp, name)
        statement = read_statement(camp)
        with self._accounts.changing(name) as change:
            account = self._coded(change, code, now)
            # The same secret when the page is shown again: an app may have it already.
            change.new = replace(account, secret=account.secret or totp.new_secret(), failures=0)
            return Beginning(change.new.secret, totp.link(change.new.secret, name, camp.name), statement)

    def enrol(self, name: str, code: str, password: str, digits: str, signs: str, now: datetime) -> None:
        """Set a person's first password, take the digits into use and keep the signature. The code is used up.

        Args:
            signs: the digest of the statement that was read and signed.

        Raises:
            RefusedError: the code, the digits or the password is not taken.
            StatementError: the statement is not signed, or has changed since it was read.
        """
        camp = self._open_camp(now)
        _expect(camp, name)
        with self._accounts.changing(name) as change:
            account = self._coded(change, code, now)
            if signs != read_statement(camp).digest:
                raise StatementError(text("The statement is not signed."), hint=text("Read it, and sign below it."))
            step = totp.accepted_step(account.secret, digits, _seconds(now), after=0) if account.secret else None
            if step is None:
                change.new = _failed(account, now)
                raise RefusedError(
                    text("The digits are not right."), hint=text("Check the clock of the telephone, and try the next.")
                )
            kept = kept_password(password, name)
            change.new = Account(
                name, secret=account.secret, password=kept, step=step, signed=signs, signed_at=_seconds(now)
            )

    def log_in(self, name: str, password: str, digits: str, now: datetime) -> tuple[str, ...]:
        """Return the teams of a person who comes in.

        Raises:
            RefusedError: name, password or digits are not right, or too many attempts were not.
            ClosedError: no session is open.
            StatementError: the statement has changed since the person signed.
        """
        camp = self._open_camp(now)
        self._proven(camp, name, password, digits, now)
        return self.admitted(name, now)

    def sign(self, name: str, password: str, digits: str, signs: str, now: datetime) -> None:
        """Keep the signature of a person below a statement that has changed.

        Raises:
            RefusedError: as for `log_in`.
            StatementError: it has changed again.
        """
        camp = self._open_camp(now)
        self._proven(camp, name, password, digits, now)
        if signs != read_statement(camp).digest:
            raise StatementError(text("The statement is not signed."), hint=text("Read it, and sign below it."))
        with self._accounts.changing(name) as change:
            if change.found is not None:
                change.new = replace(change.found, signed=signs, signed_at=_seconds(now))

    def statement(self) -> Statement:
        """Return the statement as it is now."""
        return read_statement(read_camp(self._camp))

    def admitted(self, name: str, now: datetime) -> tuple[str, ...]:
        """Return the teams of a person who has come in and may still be here.

        Raises:
            RefusedError: no longer in camp.toml, or without an account; and as for `log_in`.
        """
        camp = self._open_camp(now)
        person, account = _researcher(camp, name), self._accounts.find(name)
        if person is None or account is None or not account.password:
            raise _not_right()
        if account.signed != read_statement(camp).digest:
            raise StatementError(
                text("The confidentiality statement has changed."), hint=text("Sign it before you log in.")
            )
        return person.teams

    def _open_camp(self, now: datetime) -> CampFile:
        camp = read_camp(self._camp)
        session_at(camp, now)
        return camp

    def _coded(self, change: Change, code: str, now: datetime) -> Account:
        account = change.found
        if account is None or not account.code or _locked(account, now):
            raise _no_code()
        if kept_code(code) != account.code or account.code_until <= _seconds(now):
            change.new = _failed(account, now)
            raise _no_code()
        return account

    def _proven(self, camp: CampFile, name: str, password: str, digits: str, now: datetime) -> None:
        if _researcher(camp, name) is None or self._accounts.find(name) is None:
            is_password("", password)  # for the time that it takes
            raise _not_right()
        with self._accounts.changing(name) as change:
            account = change.found
            if account is None or _locked(account, now):
                is_password("", password)  # so that a quick answer does not tell that there is such a name
                raise _not_right()
            right = is_password(account.password, password)
            step = totp.accepted_step(account.secret, digits, _seconds(now), after=account.step) if right else None
            if step is None:
                change.new = _failed(account, now)
                raise _not_right()
            change.new = replace(account, step=step, failures=0, locked_until=0)


def session_at(camp: CampFile, now: datetime) -> Session:
    """Return the session of a camp that is open.

    Raises:
        ClosedError: none is; the hint says when the next one begins.
        FrozenError: the camp is stopped.
    """
    require_running(camp.folder)
    found = open_session(camp.sessions, now)
    if found is None:
        following = next_session(camp.sessions, now)
        hint = text("No other session follows.")
        if following is not None:
            hint = text("The next session begins at {time}.", time=following.start.isoformat(" ", "minutes"))
        raise ClosedError(text("The camp is closed now."), hint=hint)
    return found


def check_camp(camp: CampFile) -> None:
    """Raise `DocumentError` if a camp lacks what a hub needs: sessions, a statement, and people in teams."""
    if not camp.sessions:
        raise DocumentError(
            "The camp has no sessions, so nobody could come in.",
            hint="Give camp.toml a [[sessions]] table with from and until, as 2026-11-23T09:00:00+01:00.",
        )
    if not any(_researcher(camp, one.name) for one in camp.participants):
        raise DocumentError("Nobody in this camp is a researcher in a team.", hint="People are listed in camp.toml.")
    read_statement(camp)


def present() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def _researcher(camp: CampFile, name: str) -> Participant | None:
    found = (one for one in camp.participants if one.name == name and "researcher" in one.roles and one.teams)
    return next(found, None)


def _expect(camp: CampFile, name: str) -> None:
    if _researcher(camp, name) is None:
        raise _no_code()


def _failed(account: Account, now: datetime) -> Account:
    failures = account.failures + 1
    over = failures - FREE_FAILURES
    wait = min(_FIRST_WAIT << min(over, 10), _LONGEST_WAIT) if over >= 0 else 0
    return replace(account, failures=failures, locked_until=_seconds(now) + wait if wait else account.locked_until)


def _locked(account: Account, now: datetime) -> bool:
    return _seconds(now) < account.locked_until


def _seconds(now: datetime) -> int:
    return int(now.timestamp())


def _not_right() -> RefusedError:
    return RefusedError(
        text("Name, password or digits are not right."),
        hint=text("Digits are good once. After several failures, wait for a quarter of an hour."),
    )


def _no_code() -> RefusedError:
    return RefusedError(
        text("Name or code is not right, or the code has expired."),
        hint=text("Codes are good for a week and for one use. An organiser gives you another."),
    )
