"""How JupyterHub is set up for a camp: who there is, what people may, and where things lie."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.exchange.camp import CampFile
from workspace.hub.authenticator import TEAM_PREFIX
from workspace.hub.entrance import FOLDER
from workspace.hub.speech import words

SETTINGS: Final = "DATAKAMP_HUB"
"""Variable of the environment that holds `HubSettings` as JSON, from the command to the configuration."""
CONFIGURATION: Final = Path(__file__).parent / "jupyterhub_config.py"
REFRESH_SECONDS: Final = 60
LOGIN_DAYS: Final = 0.5
"""How long a login is good, for the hub and for the browser."""


@dataclass(frozen=True)
class HubSettings:
    """What the command line says.

    Attributes:
        camp: its folder.
        port: where the browser goes, on the loopback.
        hub_port: of the hub behind the proxy.
        team_users: prefix of the teams' operating-system users; empty for none.
    """

    camp: str
    port: int
    hub_port: int
    team_users: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return asdict(self)


def roles(camp: CampFile) -> list[dict[str, Any]]:
    """Return what people may: nothing by themselves, and start and use the Lab of each team that they are in."""
    own = ["read:users:name!user", "read:users:groups!user"]
    made: list[dict[str, Any]] = [{"name": "user", "description": "By itself", "scopes": own}]
    for team in camp.teams:
        account = TEAM_PREFIX + team.name
        scopes = [f"{scope}!user={account}" for scope in ("access:servers", "servers", "read:users:name")]
        made.append({"name": f"lab-{team.name}", "description": "A team", "scopes": scopes, "groups": [account]})
    return made


def configure(c: Any, camp: CampFile, settings: HubSettings) -> None:
    """Set up a hub by its configuration object."""
    folder = camp.folder / FOLDER
    accounts = {TEAM_PREFIX + team.name for team in camp.teams}
    c.JupyterHub.bind_url = f"http://127.0.0.1:{settings.port}/"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}/"
    c.JupyterHub.proxy_class = "workspace.hub.proxy.CampProxy"
    c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
    c.JupyterHub.template_paths = [str(Path(__file__).parent / "templates")]
    # The frame of each page; a page of the camp's own has its words in the reader's language.
    c.JupyterHub.template_vars = {"words": words(), "lang": "en", "camp_title": camp.title or camp.name, "person": ""}
    c.JupyterHub.default_url = "/hub/teams"
    c.JupyterHub.cookie_max_age_days = LOGIN_DAYS
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.log_level = "WARN"
    c.JupyterHub.load_roles = roles(camp)
    # Who is in a team uses its Lab: there is nothing to confirm.
    c.JupyterHub.tornado_settings = {
        "oauth_no_confirm_list": {f"jupyterhub-user-{name}" for name in accounts},
        "cookie_options": {"expires_days": LOGIN_DAYS},
    }

    c.JupyterHub.authenticator_class = "workspace.hub.authenticator.CampAuthenticator"
    c.CampAuthenticator.camp = str(camp.folder)
    c.Authenticator.allowed_users = accounts
    c.Authenticator.manage_groups = True
    c.Authenticator.request_otp = True
    c.Authenticator.auth_refresh_age = REFRESH_SECONDS
    c.Authenticator.auth_refresh_strict = True
    c.Authenticator.refresh_pre_spawn = True
    c.Authenticator.enable_auth_state = False

    c.JupyterHub.spawner_class = "workspace.hub.spawner.TeamSpawner"
    c.TeamSpawner.camp = str(camp.folder)
    c.TeamSpawner.team_users = settings.team_users
    c.Spawner.default_url = "/lab"
    c.Spawner.start_timeout = c.Spawner.http_timeout = 60
    c.Spawner.interrupt_timeout = c.Spawner.term_timeout = 10
    # Seconds after which a Lab that fell over can be started again by its people.
    c.Spawner.poll_interval = 5
    c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "LANGUAGE"]
