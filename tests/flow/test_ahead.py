"""Reading ahead: what is worked out while others are read is what would be worked out later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from hub.captures import CaptureFiles, hash_body
from hub.config import Settings
from hub.intake import Intake, Kept
from hub.model import Capture, Mention, Source
from hub.news import Hub, ReadAhead, gather
from hub.referentiel import load_referentiel
from hub.store import Store
from hub.tagging.rules import Tagger
from tests.builders import make_store
from tests.flow.content import database_content
from tests.spiders.memory import make_source

FEED = replace(make_source(id="flux"), dispositifs=("REP_PMCB",))
OTHER = make_source(id="autre")
SAID = (
    Mention("flux", "a", "https://flux.fr/a", "REP bâtiment : réemploi", "Déchets du bâtiment."),
    Mention("flux", "b", "https://flux.fr/b", "Une fête de village", "Avec un bal."),
    Mention("autre", "c", "https://autre.fr/c", "Éco-organismes agréés", "La filière REP."),
)
TWIN = replace(SAID[0], source_id="autre", key="z")
"""The same page, told by another: the item is read as said by both."""


def open_hub(folder: Path, sources: Sequence[Source] = (FEED, OTHER)) -> Hub:
    return Hub(Settings(data=folder), make_store(folder), load_referentiel(), tuple(sources))


def say(store: Store, folder: Path, now: datetime, mentions: Sequence[Mention]) -> None:
    intake = Intake(store, CaptureFiles(folder / "captures"), now)
    for mention in mentions:
        body = mention.key.encode()
        capture = Capture(mention.source_id, mention.url, now, 200, {}, body, hash_body(body))
        intake.keep_all([Kept(capture, [mention])])


def test_what_was_read_ahead_is_not_read_again(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = open_hub(tmp_path)
    tagger = ReadAhead(hub)
    for mention in SAID:
        say(hub.store, tmp_path, now, [mention])
        tagger.read()

    def refuse(*_: object) -> None:
        raise AssertionError("read twice")

    monkeypatch.setattr(Tagger, "classify", refuse)
    assert gather(hub, now, tagger).new_items == len(SAID)


def test_reading_ahead_changes_nothing(tmp_path: Path, now: datetime) -> None:
    contents = []
    for name in ("ahead", "later"):
        (tmp_path / name).mkdir()
        hub = open_hub(tmp_path / name)
        tagger = ReadAhead(hub)
        say(hub.store, tmp_path / name, now, (*SAID, TWIN))
        if name == "ahead":
            tagger.read()
        gather(hub, now, tagger if name == "ahead" else None)
        contents.append(database_content(hub.store))
    assert contents[0] == contents[1]
