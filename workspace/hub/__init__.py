"""A camp on JupyterHub: its people log in by their own names, and each team has one sealed Lab.

::

    browser -> proxy (in the hub's process) -> hub: login, first password, teams
                                            -> gate of a team's keeper -> box: Jupyter server
                                               asks the hub who it is

Read in this order: `totp` and `passwords` (what people know and have), `statement` (what they sign), `accounts` (what
is kept of each), `entrance` (who comes in, and when), `authenticator`, `pages` and `spawner` (the hub's side), `gate`
and `team` (a team's side), `proxy`, and `configuration`, which puts it together.
"""
