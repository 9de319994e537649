"""JupyterHub's authenticator for a camp: it asks the entrance, and brings a person's teams as groups."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Unicode

from disclosure.errors import DatakampError
from workspace.hub.entrance import ClosedError, Entrance, StatementError, present
from workspace.hub.speech import reader

LOGGER: Final = logging.getLogger("datakamp.workspace")
TEAM_PREFIX: Final = "team."
"""Of the accounts that have the servers; a person's name holds no dot."""


class LoginError(HTTPError):
    """A login that is refused, for a reason: in English in the log, in the reader's language on the page."""

    def __init__(self, error: DatakampError) -> None:
        super().__init__(403, str(error))
        self.jupyterhub_message = error.localized()


class CampAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Lets people in by password and digits, while a session is open and the statement signed."""

    camp = Unicode(help="The camp's folder.").tag(config=True)

    def entrance(self) -> Entrance:
        """Return the entrance of the camp."""
        return Entrance(Path(self.camp))

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """Return a person's name and groups, or None if they are not let in.

        Raises:
            HTTPError: 403, with the reason, if the camp is closed or the statement is to be signed.
        """
        name, password, digits = (data.get(key, "") for key in ("username", "password", "otp"))
        try:
            # Hashing takes a while, and the hub goes on meanwhile.
            teams = await asyncio.to_thread(self.entrance().log_in, name, password, digits, present())
        except DatakampError as error:
            if not isinstance(error, ClosedError | StatementError):
                LOGGER.warning("A login was refused. %s", error.message)
            with reader(handler.request):
                raise LoginError(error) from None
        return {"name": name, "groups": [TEAM_PREFIX + team for team in teams]}

    def check_allowed(self, username: str, authentication: dict[str, Any] | None = None) -> bool:
        """Allow whom `authenticate` has let in, and nobody in the name of a team."""
        return authentication is not None and not username.startswith(TEAM_PREFIX)

    async def refresh_user(self, user: Any, handler: Any = None) -> bool | dict[str, Any]:
        """Return the groups of a person who may still be here, or False."""
        if user.name.startswith(TEAM_PREFIX):
            return True  # it makes no requests; who asks for it is a person
        try:
            teams = self.entrance().admitted(user.name, present())
        except DatakampError as error:
            LOGGER.warning("A person who was in is not let in again. %s", error.message)
            if handler is not None and not hasattr(handler, "_token_authenticated"):
                # JupyterHub looks at it now, and sets it on requests with a token only.
                handler._token_authenticated = False  # noqa: SLF001
            return False
        return {"name": user.name, "groups": [TEAM_PREFIX + team for team in teams]}

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """Return the pages that are the camp's."""
        from workspace.hub.pages import PAGES

        return [*PAGES, *super().get_handlers(app)]
