"""How the Jupyter server is set up. Nothing is read from the workspace or from a home folder."""

from __future__ import annotations

from typing import Any, Final

from workspace.isolation.box import PACKAGE, TEMPORARY, WORKSPACE
from workspace.lab.boxes import HTTP, SOCKET
from workspace.lab.server.contents import CHECKPOINTS

MIB: Final = 1 << 20
PANEL: Final = f"{PACKAGE}/workspace/lab/labextension"
"""The folder in which JupyterLab finds the panel, as it was built; see `workspace/lab/panel`."""

LAB_SCRIPT: Final = "sha256-DHk7PmJD5wtdpNjEzpkYISzoAstMGRwG1GNWZ25R2pM="
"""Digest of the one script in JupyterLab's page, which takes the token out of the address."""

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        # JupyterLab compiles templates. No script in a page but its own: one that an output brings could, as rules for
        # loading ahead, have the browser ask any address, which no other part of the policy keeps it from.
        f"script-src 'self' 'unsafe-eval' '{LAB_SCRIPT}'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "webrtc 'block'",
        # Without pop-ups and downloads: nothing that an output contains can open a window or save a file.
        "sandbox allow-scripts allow-same-origin allow-forms allow-modals",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": "clipboard-read=(), clipboard-write=(), display-capture=(), usb=(), serial=()",
}


def configure(c: Any, *, token: str, settings: dict[str, Any]) -> None:
    """Set up a Jupyter server by its configuration object.

    Args:
        token: what a browser has to show.
        settings: `idle_seconds`, after which a kernel that nobody uses is ended, and `cookie_secret`; behind a hub
            also `base`, the path of the team.
    """
    if "cookie_secret" in settings:
        c.ServerApp.cookie_secret = bytes.fromhex(settings["cookie_secret"])
    c.ServerApp.sock = f"{HTTP}/{SOCKET}"
    c.ServerApp.sock_mode = "0600"
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.open_browser = False
    c.ServerApp.root_dir = WORKSPACE
    c.ServerApp.base_url = settings.get("base", "/")
    c.ServerApp.default_url = "/lab"
    c.ServerApp.terminals_enabled = False
    c.ServerApp.allow_unauthenticated_access = False
    c.ServerApp.quit_button = False
    c.ServerApp.max_body_size = c.ServerApp.max_buffer_size = 32 * MIB
    c.Application.log_level = "WARN"
    c.ServerApp.jpserver_extensions = {
        "workspace.lab.server": True,
        "jupyterlab": True,
        "jupyter_lsp": False,
        "jupyter_server_terminals": False,
        "notebook_shim": False,
    }
    c.ServerApp.tornado_settings = {"headers": HEADERS, **_hub(settings)}
    c.ServerApp.contents_manager_class = "workspace.lab.server.contents.WorkspaceContents"
    c.ServerApp.kernel_spec_manager_class = "workspace.lab.server.kernels.SealedKernelSpecs"
    c.ContentsManager.allow_hidden = False
    c.FileContentsManager.delete_to_trash = False
    c.FileCheckpoints.root_dir = WORKSPACE
    c.FileCheckpoints.checkpoint_dir = CHECKPOINTS
    c.IdentityProvider.token = token
    c.PasswordIdentityProvider.password_required = False
    c.PasswordIdentityProvider.allow_password_change = False
    c.MultiKernelManager.default_kernel_name = "python3"
    c.AsyncMappingKernelManager.kernel_manager_class = "workspace.lab.server.kernels.AskedKernelManager"
    c.ServerApp.kernel_manager_class = "workspace.lab.server.culling.SealedKernels"
    c.ServerApp.kernel_websocket_connection_class = "workspace.lab.server.outputs.BoundedConnection"
    c.ServerApp.allow_remote_access = False
    c.MappingKernelManager.cull_idle_timeout = settings["idle_seconds"]
    c.MappingKernelManager.cull_interval = min(60, max(1, settings["idle_seconds"] // 4))
    # A tab that stays open over night keeps no kernel; one that computes is never ended.
    c.MappingKernelManager.cull_connected = True
    # Seconds after which a person is told that a kernel has ended.
    c.KernelRestarter.time_to_dead = 1.0
    c.LabApp.extension_manager = "readonly"
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    c.LabApp.expose_app_in_browser = False
    # Extensions of the page: the panel, and none that a package of the environment brings along.
    c.LabApp.labextensions_path = []
    c.LabApp.extra_labextensions_path = [PANEL]
    c.LabApp.user_settings_dir = f"{TEMPORARY}/lab/settings"
    c.LabApp.workspaces_dir = f"{TEMPORARY}/lab/workspaces"


def _hub(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what tells JupyterLab that it is behind a hub: then its page holds no token."""
    if settings.get("base", "/") == "/":
        return {}
    return {"hub_prefix": "/hub/", "hub_host": "", "user": settings["team"]}
