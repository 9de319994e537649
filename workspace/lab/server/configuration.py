"""How the Jupyter server is set up. Nothing is read from the workspace or from a home folder."""

from __future__ import annotations

from typing import Any, Final

from workspace.isolation.box import TEMPORARY, WORKSPACE
from workspace.lab.boxes import HTTP, SOCKET

MIB: Final = 1 << 20

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        # JupyterLab compiles templates and starts itself by a script in its page.
        "script-src 'self' 'unsafe-eval' 'unsafe-inline'",
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
        # Without pop-ups and downloads: nothing that an output contains can open a window or save a file.
        "sandbox allow-scripts allow-same-origin allow-forms allow-modals",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "clipboard-read=(), clipboard-write=(), display-capture=(), usb=(), serial=()",
}


def configure(c: Any, *, token: str, settings: dict[str, Any]) -> None:
    """Set up a Jupyter server by its configuration object.

    Args:
        token: what a browser has to show.
        settings: `idle_seconds`, after which a kernel that nobody uses is ended.
    """
    c.ServerApp.sock = f"{HTTP}/{SOCKET}"
    c.ServerApp.sock_mode = "0600"
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.open_browser = False
    c.ServerApp.root_dir = WORKSPACE
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
    c.ServerApp.tornado_settings = {"headers": HEADERS}
    c.ServerApp.contents_manager_class = "workspace.lab.server.contents.WorkspaceContents"
    c.ServerApp.kernel_spec_manager_class = "workspace.lab.server.kernels.SealedKernelSpecs"
    c.ContentsManager.allow_hidden = False
    c.FileContentsManager.delete_to_trash = False
    c.FileCheckpoints.root_dir = WORKSPACE
    c.FileCheckpoints.checkpoint_dir = ".ipynb_checkpoints"
    c.IdentityProvider.token = token
    c.PasswordIdentityProvider.password_required = False
    c.PasswordIdentityProvider.allow_password_change = False
    c.MultiKernelManager.default_kernel_name = "python3"
    c.AsyncMappingKernelManager.kernel_manager_class = "workspace.lab.server.kernels.AskedKernelManager"
    c.MappingKernelManager.cull_idle_timeout = settings["idle_seconds"]
    c.MappingKernelManager.cull_interval = 60
    c.LabApp.extension_manager = "readonly"
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    c.LabApp.expose_app_in_browser = False
    c.LabApp.user_settings_dir = f"{TEMPORARY}/lab/settings"
    c.LabApp.workspaces_dir = f"{TEMPORARY}/lab/workspaces"
