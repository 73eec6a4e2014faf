"""The French sentences: one for every error, none with a hole, all with French typography."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import errors
from hub.errors import AlreadyReviewed, HubError, RecipientRefused, UnknownTerm
from hub.messages import explain, list_keys, message, placeholders, typeset

HUB = Path(__file__).resolve().parents[2] / "hub"
ERRORS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HubError)
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: str(kind.__name__))
def test_every_error_has_its_own_sentence(kind: type[HubError]) -> None:
    assert kind.__name__ in list_keys()


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: str(kind.__name__))
def test_an_error_carries_what_its_sentence_needs(kind: type[HubError]) -> None:
    needed = placeholders(kind.__name__)
    assert needed <= set(inspect.signature(kind.__init__).parameters)


@pytest.mark.parametrize("key", list_keys())
def test_every_sentence_is_filled(key: str) -> None:
    facts = dict.fromkeys(placeholders(key), "FAIT")
    sentence = message(key, **facts)
    assert "{" not in sentence
    assert sentence.count("FAIT") >= len(facts)


@pytest.mark.parametrize("key", list_keys())
def test_every_sentence_is_set_as_french_is(key: str) -> None:
    sentence = message(key, **dict.fromkeys(placeholders(key), "x"))
    assert not re.search(r"'| [:;!?»]|« ", sentence)
    assert sentence[0].isupper() or sentence[0] == "«"


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        message("UnknownTerm")


def test_an_error_is_explained_with_its_facts() -> None:
    assert "« TRUC »".replace(" ", "\u00a0") in explain(UnknownTerm("TRUC"))
    assert "550" in explain(RecipientRefused(550, "no such user"))
    assert explain(AlreadyReviewed("x", 1, 2)) == message("AlreadyReviewed")


def test_typesetting_twice_changes_nothing() -> None:
    once = typeset("Qui ? « Moi » : l'éditeur ; n° 3 !")
    assert once == "Qui\u202f? «\u00a0Moi\u00a0»\u00a0: l’éditeur\u202f; n°\u00a03\u202f!"
    assert typeset(once) == once


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Every `message("key", fact=...)` of the code, with where it stands."""
    for path in HUB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "message"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                names = {keyword.arg or "**" for keyword in node.keywords}
                yield f"{path.name}:{node.lineno}", str(node.args[0].value), names


def test_every_call_gives_the_facts_that_its_sentence_needs() -> None:
    found = list(calls())
    assert len(found) > 10
    assert [(where, key, names) for where, key, names in found if names != placeholders(key)] == []
