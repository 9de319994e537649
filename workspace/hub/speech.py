"""The words of the hub's pages, in the language that the reader's browser asks for."""

from __future__ import annotations

from typing import Any, Final

from disclosure.texts import current_language, language, text

_WORDS: Final = {
    "account": text("Who has logged in"),
    "again": text("The same password again"),
    "app": text("Take this key into an authenticator app. It is shown here only."),
    "app_heading": text("Digits that change"),
    "app_here": text("Open it in an app on this device"),
    "code": text("Code from the organiser"),
    "digits": text("Six digits of the app"),
    "done": text("Done. Log in with the next digits that the app shows."),
    "ending": text("The Lab is ending"),
    "failed": text("The Lab did not start. If it does not start a second time, ask an organiser."),
    "finish": text("Sign and finish"),
    "first": text("First password"),
    "go_on": text("Go on"),
    "log_out": text("Log out"),
    "login": text("Log in"),
    "name": text("Name"),
    "new_password": text("A new password of at least 12 signs"),
    "not_running": text("The Lab does not run"),
    "password": text("Password"),
    "refused": text("This cannot be shown"),
    "sign_it": text("Sign the statement"),
    "signs": text("I have read the statement and sign it."),
    "start": text("Start the Lab"),
    "starting": text("The Lab starts"),
    "statement": text("Confidentiality statement"),
    "read": text("Read the statement"),
    "teams": text("Your teams"),
    "to_login": text("To the login"),
    "to_teams": text("To your teams"),
    "wait": text("This takes some seconds. The page goes on by itself."),
}


def words() -> dict[str, str]:
    """Return the words of the pages in the language of the moment, by what they are for."""
    return {name: str(word) for name, word in _WORDS.items()}


def reader(request: Any) -> language:
    """Return the language that a browser asks for first, to be used by ``with``: Dutch, or otherwise English."""
    return language("nl" if request.headers.get("Accept-Language", "")[:2].lower() == "nl" else "en")


class Spoken:
    """What comes before a class of JupyterHub's, so that its templates get the words and who has logged in."""

    request: Any
    current_user: Any

    @property
    def template_namespace(self) -> dict[str, Any]:
        """What every template can name."""
        found: dict[str, Any] = super().template_namespace  # type: ignore[misc]  # of JupyterHub
        with reader(self.request):
            own = {"words": words(), "lang": current_language()}
        return {**found, **own, "person": getattr(self.current_user, "name", "")}
