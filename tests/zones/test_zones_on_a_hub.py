"""The hub in a camp whose zones are separated: it takes the teams' users by itself."""

from __future__ import annotations

import asyncio
import pwd

from tests.workspace.hub.camp import Hub, lab
from tests.workspace.hub.kernels import printed, start_kernel
from tests.workspace.hub.team_users import IS_ROOT, around, users_camp
from tests.workspace.hub.test_team_users import uids_of_kernels

BASE = "/user/team.armoede/"


def test_a_hub_starts_the_labs_as_the_teams_users_and_only_if_all_is_as_it_must_be() -> None:
    if not IS_ROOT:  # making users is refused, see test_zones
        return
    with users_camp() as made:
        path = made.camp.folder / "camp.toml"
        mode = f'mode = "user-per-zone"\nusers = "{made.prefix}"'
        path.write_text(path.read_text().replace('mode = "one-user"', mode))
        refused = made.run("hub", "--camp", str(made.camp.folder))
        assert refused.returncode == 1
        assert "not as they must be" in refused.stderr
        done = made.run("camp", "users", "--camp", str(made.camp.folder))
        assert done.returncode == 0, done.stderr
        other = made.run("hub", "--camp", str(made.camp.folder), "--team-users", "other-")
        assert other.returncode == 2
        assert made.prefix in other.stderr
        with Hub(made.camp, (), around=around()) as hub:
            browser = hub.person("anna")[1]
            assert lab(browser, "armoede").code == 200, hub.log()
            kernel = start_kernel(browser, BASE)
            source = "import pathlib; print(len(pathlib.Path('/data/HOMES/data.parquet').read_bytes()) > 0)"
            assert asyncio.run(printed(browser, BASE, kernel, source)).strip() == "True"
            users = {entry.pw_uid for entry in pwd.getpwall() if entry.pw_name.startswith(made.prefix)}
            assert uids_of_kernels(users) == {made.number("armoede")}
