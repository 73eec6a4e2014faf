"""Read a YAML file a person wrote, against a model, and name every mistake with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from hub.errors import ConfigError, Problem

_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # ten times faster where libyaml is there; both are safe


class Strict(BaseModel):
    """A model that refuses unknown keys and cannot be changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Read and validate a whole file.

    Raises:
        ConfigError: with every problem of the file: YAML syntax, duplicate or unknown keys, wrong
            values, each with its line and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise ConfigError([Problem(path, line, "", "this is not UTF-8")]) from error
    except OSError as error:
        raise ConfigError([Problem(path, 1, "", f"cannot read the file: {error}")]) from error
    return parse_yaml(text, model, path)


def parse_yaml(text: str, model: type[Model], path: Path, first_line: int = 1) -> Model:
    """Like `load_yaml`, for text that starts at `first_line` of `path` (a front matter)."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        message = f"not valid YAML: {error.problem or error.context}"
        if "\t" in "".join(text.split("\n")[line : line + 1]):
            message = "a tab: indent with blanks"
        raise ConfigError([Problem(path, first_line + line, "", message)]) from error
    except RecursionError as error:
        raise ConfigError([Problem(path, first_line, "", "nested too deeply")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([Problem(path, first_line, "", f"not valid YAML: {error}")]) from error
    except ValueError as error:  # a date such as 2026-02-31
        raise ConfigError([Problem(path, first_line, "", f"impossible value: {error}")]) from error
    problems = [
        Problem(path, first_line + line, key, "this key is written twice")
        for line, key in _duplicate_keys(node)
    ]
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        problems += [
            Problem(
                path,
                first_line + _line_of(node, where),
                ".".join(str(part) for part in where),
                _explain(detail),
            )
            for detail in error.errors(include_url=False)
            for where in [_place_of(detail)]
        ]
        raise ConfigError(sorted(problems, key=lambda p: p.line)) from error
    if problems:
        raise ConfigError(problems)
    return value


def line_of(text: str, *location: str | int) -> int:
    """The 1-based line of the value at `location` in a YAML text."""
    return 1 + _line_of(yaml.compose(text, Loader=_Loader), location)


def _place_of(detail: Any) -> tuple[int | str, ...]:
    """Where the mistake is: of a value that could be of several kinds, at the key that tells."""
    where = tuple(detail["loc"])
    if detail["type"].startswith("union_tag"):
        return (*where, detail["ctx"]["discriminator"].strip("'"))
    return where


def _explain(detail: Any) -> str:
    """Pydantic's sentence, with the value that was found when it is short."""
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    if detail["type"] in ("missing", "union_tag_not_found"):
        return "this key is required"
    if detail["type"] == "union_tag_invalid":
        context = detail["ctx"]
        kinds = context["expected_tags"].replace("'", "")
        return f"expected one of {kinds}, found {context['tag']!r}"
    if detail["type"] == "model_type":
        return "expected keys and values here"
    found = repr(detail.get("input"))
    return f"{message}, found {found}" if len(found) <= 80 else message


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The 0-based line of the deepest part of `location` that exists in the file."""
    line = node.start_mark.line if node else 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, node = key.start_mark.line, value
                    break  # else: a missing key, or pydantic's name of one branch of a union
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return line
            node = node.value[part]
            line = node.start_mark.line
        else:
            return line
    return line


def _duplicate_keys(node: yaml.Node | None) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append((key.start_mark.line, key.value))
            seen.add(key.value)
            found += _duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            found += _duplicate_keys(child)
    return found
