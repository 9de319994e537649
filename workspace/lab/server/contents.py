"""The workspace through the browser: code and notebooks are opened and saved, data are listed and never sent.

A notebook's outputs are seen on the screen, which is what a workspace is for; what this keeps out are files that the
browser could save as they are, and paths that lead out of the workspace by a link.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from jupyter_core.paths import is_hidden
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

from workspace.lab.requests import Refusal
from workspace.lab.server.listing import listed
from workspace.lab.server.reports import report
from workspace.untrusted import remove_folder

SUFFIXES: Final = frozenset({".ipynb", ".py", ".r", ".sql", ".md", ".txt", ".toml", ".yml", ".yaml", ".json"})
"""What may be opened and saved: code, and notes about it."""
LARGEST: Final = 2 << 20
"""Bytes of a file other than a notebook that is sent to the browser."""
CHECKPOINTS: Final = ".ipynb_checkpoints"
_RIGHTS: Final = 0o777
_LARGEST_NOTEBOOK: Final = 64 << 20
_OURS: Final = "disclosure"
_ONLY_CODE: Final = (
    "Only code and notes are opened in the browser ({suffixes}). Data stay where they are: read them in a notebook."
)

_NO_COPY: Final = "No copy to go back to could be kept: perhaps the disk is full, or something is in its place."
_NOT_DELETED: Final = (
    "Not all of it could be deleted: perhaps a kernel still writes there. Shut that down, and delete the folder again."
)
_NOT_SAVED: Final = "It was not saved: perhaps the disk is full, or its folder is gone. Make room, and save it again."


class WorkspaceContents(AsyncLargeFileManager):
    """Opens, saves and renames what may be seen, within the workspace."""

    async def get(  # type: ignore[override]  # the base classes differ among themselves
        self,
        path: str,
        content: bool = True,
        type: Any = None,  # noqa: A002
        format: Any = None,  # noqa: A002
        **more: Any,
    ) -> Any:
        """Return a file or folder; content and digest of code only."""
        if self._leads_out(path):
            if not content:
                # A listing leaves out what raises this; an answer of 404 would break the listing of the whole folder.
                raise OSError(errno.EACCES, "outside the workspace")
            report(Refusal.LINK)
            raise HTTPError(404, "There is no such file in the workspace.")
        # For a digest the library reads the whole file into memory, as for its content.
        if (content or more.get("require_hash")) and not await self.dir_exists(path):
            if not _is_code(path) or format == "base64":
                report(Refusal.DATA)
                raise HTTPError(403, _ONLY_CODE.format(suffixes=", ".join(sorted(SUFFIXES))))
            most = _LARGEST_NOTEBOOK if path.endswith(".ipynb") else LARGEST
            if await self.file_exists(path) and Path(self._get_os_path(path)).stat().st_size > most:
                raise HTTPError(403, f"The file is larger than {most >> 20} MiB. Read it in a notebook.")
        return await super().get(path, content=content, type=type, format=format, **more)

    async def _dir_model(self, path: str, content: bool = True) -> dict[str, Any]:
        """Return a folder; what is in it is looked at in a thread."""
        model: dict[str, Any] = await super()._dir_model(path, content=False)
        if content:
            root, folder = os.path.realpath(self.root_dir), Path(self._get_os_path(path))
            model["content"] = await asyncio.to_thread(listed, folder, path, root=root, should_list=self.should_list)
            model["format"] = "json"
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save code, or make a folder."""
        self._refuse(path)
        if model.get("type") != "directory":
            if not _is_code(path):
                report(Refusal.UPLOAD)
                raise HTTPError(403, _ONLY_CODE.format(suffixes=", ".join(sorted(SUFFIXES))))
            if model.get("chunk") is not None or model.get("format") == "base64":
                report(Refusal.UPLOAD)
                raise HTTPError(403, "Files are not uploaded here. An organiser brings data and code into the camp.")
        try:
            return await super().save(model, path)
        except HTTPError as error:
            if error.status_code < 500:
                raise
            # Not what the library says: it names the path outside the workspace.
            raise HTTPError(500, _NOT_SAVED) from None

    @contextlib.contextmanager
    def atomic_writing(self, os_path: str, *_: Any, text: bool = True, **__: Any) -> Iterator[IO[Any]]:
        """Yield a file that takes the place of the one at a path when it is whole.

        The library writes into the file itself: a server that is killed meanwhile leaves half of it, and a pipe in its
        place keeps everybody waiting.
        """
        with self.perm_to_403(os_path):
            place = Path(os.path.realpath(os_path))
            mode = place.stat().st_mode if place.is_file() else 0
            if mode and not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, "read-only")
            # Of two that save at once each writes a file of its own, and the last one stays.
            aside = place.with_name(f".~{secrets.token_hex(8)}")
            written: dict[str, Any] = {"encoding": "utf-8", "newline": "\n"} if text else {}
            try:
                with aside.open("x" if text else "xb", **written) as file:
                    if mode:
                        os.fchmod(file.fileno(), mode & _RIGHTS)
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(place)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise

    async def rename_file(self, old_path: str, new_path: str) -> Any:
        """Rename a file; data do not become code by their name."""
        self._keep_inside(old_path)
        self._refuse(new_path)
        if not await self.dir_exists(old_path) and _is_code(new_path) and not _is_code(old_path):
            report(Refusal.DATA)
            raise HTTPError(403, "A file of data does not become a file of code by another name.")
        return await super().rename_file(old_path, new_path)

    async def copy(self, from_path: str, to_path: str | None = None) -> Any:
        """Copy a file of code; not a folder, which may hold links and data."""
        self._refuse(from_path, to_path or "")
        if await self.dir_exists(from_path):
            raise HTTPError(403, "Folders are not copied in the browser. Copy the notebooks that you need.")
        return await super().copy(from_path, to_path)

    async def delete_file(self, path: str) -> Any:
        """Delete a file, or a folder with all that is in it; of a link, the link itself."""
        place = Path(self._get_os_path(path))
        within = not self._leads_out(str(PurePosixPath(path).parent))
        if within and place.is_symlink():
            # Judged by where the link is and not by what it leads to, which may be itself.
            if place.name.startswith(".") or is_hidden(str(place.parent), self.root_dir):
                raise HTTPError(400, "What is hidden is not deleted.")
            place.unlink()
            return None
        self._keep_inside(path)
        if is_hidden(str(place), self.root_dir) or not await self.dir_exists(path):
            return await super().delete_file(path)
        if os.path.realpath(place) == os.path.realpath(self.root_dir):
            raise HTTPError(400, "The workspace itself is not deleted.")
        try:
            # Not as the library does it, which stops where folders are nested deeper than it can go, and without this
            # nobody could make room by the browser, which a full workspace asks for.
            await asyncio.to_thread(remove_folder, place)
        except OSError:
            raise HTTPError(409, _NOT_DELETED) from None
        return None

    async def create_checkpoint(self, path: str) -> Any:
        """Keep a copy beside the file; the library would copy what a link leads to."""
        self._refuse(path, self._beside(path))
        try:
            return await super().create_checkpoint(path)
        except OSError:
            raise HTTPError(500, _NO_COPY) from None

    async def restore_checkpoint(self, checkpoint_id: str, path: str) -> Any:
        """Bring the copy back."""
        self._refuse(path, self._beside(path))
        return await super().restore_checkpoint(checkpoint_id, path)

    async def list_checkpoints(self, path: str) -> Any:
        """Return the copies of a file."""
        self._refuse(path, self._beside(path))
        return await super().list_checkpoints(path)

    async def delete_checkpoint(self, checkpoint_id: str, path: str) -> Any:
        """Delete the copy."""
        self._refuse(path, self._beside(path))
        return await super().delete_checkpoint(checkpoint_id, path)

    def _beside(self, path: str) -> str:
        one = PurePosixPath(path)
        folder = one.parent / CHECKPOINTS
        return str(folder / f"{one.stem}-checkpoint{one.suffix}")

    def _keep_inside(self, path: str) -> None:
        if self._leads_out(path):
            report(Refusal.LINK)
            raise HTTPError(404, "There is no such file in the workspace.")

    def _refuse(self, *paths: str) -> None:
        for path in paths:
            self._keep_inside(path)
            if PurePosixPath(path).name.split(".")[0] == _OURS:
                report(Refusal.NAME)
                raise HTTPError(403, f"'{_OURS}' is the name of the check. Give the file another name.")

    def _leads_out(self, path: str) -> bool:
        root = os.path.realpath(self.root_dir)
        found = os.path.realpath(self._get_os_path(path))
        return found != root and not found.startswith(root + os.sep)


def _is_code(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES
