"""The camp's own pages in the hub: the first password, a statement that has changed, and the teams of a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from jupyterhub import orm
from jupyterhub.handlers.base import BaseHandler, UserUrlHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from jupyterhub.handlers.pages import SpawnHandler, SpawnPendingHandler
from jupyterhub.utils import url_path_join
from markupsafe import Markup
from tornado import web

from disclosure.errors import DatakampError
from disclosure.texts import text
from workspace.hub import totp
from workspace.hub.authenticator import TEAM_PREFIX
from workspace.hub.entrance import Entrance, present
from workspace.hub.speech import Spoken, reader


def end_logins(database: Any, person: Any) -> None:
    """Make worthless all that a person logged in with before, in every browser."""
    person.cookie_id = orm.new_token()
    for one in (orm.APIToken, orm.OAuthCode):
        for held in database.query(one).filter_by(user_id=person.id):
            database.delete(held)
    database.commit()


class CampPage(Spoken, BaseHandler):  # type: ignore[misc]  # JupyterHub has no types
    """A page in the reader's language, with its form."""

    async def show(self, template: str, **values: Any) -> None:
        """Answer with a page."""
        with reader(self.request):
            teams = [(team, str(text("Open the Lab of {team}", team=team))) for team in values.pop("teams", ())]
            told = {
                key: value.localized() if isinstance(value, DatakampError) else value for key, value in values.items()
            }
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(await self.render_template(template, teams=teams, **told))

    def entrance(self) -> Entrance:
        """Return the entrance of the camp."""
        found: Entrance = self.authenticator.entrance()
        return found

    def given(self, name: str, *, strip: bool = True) -> str:
        """Return a field of the form."""
        return str(self.get_body_argument(name, "", strip=strip))

    async def asked(self, function: Callable[..., Any], *arguments: str) -> Any:
        """Ask the entrance, while the hub goes on."""
        return await asyncio.to_thread(function, *arguments, present())


class FirstPassword(CampPage):
    """A person with a code sets a password, takes the digits into use and signs."""

    async def get(self) -> None:
        """Ask for name and code."""
        await self.show("first.html")

    async def post(self) -> None:
        """Show the key and the statement to who has a code; then take the password."""
        name, code = self.given("name"), self.given("code")
        entrance = self.entrance()
        try:
            beginning = await self.asked(entrance.begin, name, code)
        except DatakampError as error:
            self.set_status(403)
            await self.show("first.html", error=error, who=name)
            return
        wrong: DatakampError | str | None = None
        if self.given("digits"):
            wrong = await self._enrolled(name, code)
            if wrong is None:
                await self.show("done.html")
                return
            self.set_status(403)
        with reader(self.request):
            title = str(text("The key as a picture, for the camera of an authenticator app"))
        drawn = Markup(totp.picture(beginning.link, title))  # noqa: S704 - drawn here, and the title is escaped
        await self.show("first.html", beginning=beginning, picture=drawn, who=name, code=code, error=wrong)

    async def _enrolled(self, name: str, code: str) -> DatakampError | str | None:
        password = self.given("password", strip=False)
        if password != self.given("again", strip=False):
            with reader(self.request):
                return str(text("The two passwords are not the same."))
        try:
            await self.asked(self.entrance().enrol, name, code, password, self.given("digits"), self.given("signs"))
        except DatakampError as error:
            return error
        # A new password is also for who fears that somebody else came in.
        if (person := orm.User.find(self.db, name)) is not None:
            end_logins(self.db, person)
        return None


class SignAgain(CampPage):
    """A person signs a statement that has changed."""

    async def get(self) -> None:
        """Show the statement."""
        await self.show("sign.html", statement=self.entrance().statement())

    async def post(self) -> None:
        """Keep the signature."""
        entrance = self.entrance()
        fields = self.given("name"), self.given("password", strip=False), self.given("digits"), self.given("signs")
        try:
            await self.asked(entrance.sign, *fields)
        except DatakampError as error:
            self.set_status(403)
            await self.show("sign.html", statement=entrance.statement(), error=error, who=fields[0])
            return
        await self.show("done.html")


class Teams(CampPage):
    """The teams of a person, each with its Lab."""

    @web.authenticated
    async def get(self) -> None:
        """Show the teams."""
        await self.show_teams()

    async def show_teams(self) -> None:
        """Answer with the teams."""
        teams = [name.removeprefix(TEAM_PREFIX) for name in self.names()]
        await self.show("teams.html", teams=teams, spawn=url_path_join(self.hub.base_url, "spawn", TEAM_PREFIX))

    def names(self) -> list[str]:
        """Return the accounts of the person's teams."""
        return sorted(one.name for one in self.current_user.groups if one.name.startswith(TEAM_PREFIX))


class Begin(Teams):
    """Where a login leads: who is in one team goes straight on."""

    @web.authenticated
    async def get(self) -> None:
        """Go to the Lab of the only team, or show the teams."""
        names = self.names()
        if len(names) == 1:
            self.redirect(url_path_join(self.hub.base_url, "spawn", names[0]))
            return
        await self.show_teams()


class Login(Spoken, LoginHandler):  # type: ignore[misc]
    """The login."""


class Logout(Spoken, LogoutHandler):  # type: ignore[misc]
    """Logs a person out of every browser: whoever has a copy of a cookie is out as well."""

    async def handle_logout(self) -> None:
        """Make what the person logged in with worthless; JupyterHub by itself only asks this browser to forget it."""
        person = self.current_user
        if person is None:
            return
        end_logins(self.db, person.orm_user)


class Spawn(Spoken, SpawnHandler):  # type: ignore[misc]
    """Starts the Lab of a team."""


class SpawnPending(Spoken, SpawnPendingHandler):  # type: ignore[misc]
    """Waits for the Lab of a team."""


class NotRunning(Spoken, UserUrlHandler):  # type: ignore[misc]
    """Answers for a Lab that does not run."""


PAGES: Final = [
    ("/first", FirstPassword),
    ("/sign", SignAgain),
    ("/teams", Begin),
    ("/home", Teams),
    ("/token", Teams),
    ("/login", Login),
    ("/logout", Logout),
    ("/spawn", Teams),
    ("/spawn/([^/]+)", Spawn),
    ("/spawn-pending/([^/]+)", SpawnPending),
    ("/user/(?P<user_name>[^/]+)(?P<user_path>/.*)?", NotRunning),
]
"""Paths below the hub's, and what answers there, before JupyterHub's own pages."""
