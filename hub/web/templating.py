"""Templates: always escaped, undefined names refused, French typography put when they are read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from hub.messages import message, typeset
from hub.text import format_date, format_moment
from hub.web import words

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
THEME = HERE.parent / "publish" / "theme" / "assets"
"""The site's own tokens and font: one truth for both."""
_NOT_TEXT = re.compile(r"(\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>)", re.DOTALL)


class TypesetLoader(FileSystemLoader):
    """Sets the text of a template, and leaves tags and expressions alone."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, filename, is_fresh = super().get_source(environment, template)
        parts = _NOT_TEXT.split(source)
        return "".join(p if i % 2 else typeset(p) for i, p in enumerate(parts)), filename, is_fresh


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it."""
    path = THEME / name.removeprefix("theme/") if name.startswith("theme/") else STATIC / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return f"/relecture/static/{name}?v={digest}"


def make_templates() -> Jinja2Templates:
    environment = Environment(
        loader=TypesetLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=asset, message=message, words=words)
    environment.filters.update(jour=format_date, moment=format_moment, typo=typeset)
    return Jinja2Templates(env=environment)
