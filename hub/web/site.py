"""The built site, served as it is on disk. It may be missing, or be swapped while being read."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

HOLD_ON = {"Retry-After": "60"}


class Site(StaticFiles):
    """Raises 503 while there is no site, which the app answers with a page that says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (self.folder / "index.html").is_file():
            raise HTTPException(503, headers=HOLD_ON)
        await super().__call__(scope, receive, send)

    async def check_config(self) -> None:
        """The folder may come and go: each request finds out for itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The page, never a hidden file; in a swap a file may go between being found and read."""
        if any(part.startswith(".") for part in path.split("/") if part != "."):
            path = "404"
        try:
            return await super().get_response(path, scope)
        except FileNotFoundError:
            raise HTTPException(503, headers=HOLD_ON) from None
