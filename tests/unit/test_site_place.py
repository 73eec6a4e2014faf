"""Where a site may be put, and where the mentions it shows may lead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import PublishError
from hub.model import Pace, Source, SourceKind
from hub.publish.site import MANIFEST, check_place
from hub.publish.snapshot import own_link


def source(url: str) -> Source:
    hour = timedelta(hours=1)
    return Source("s", "S", "P", SourceKind.FEED, url, hour, Pace(hour, hour), "", "")


def test_a_site_takes_the_place_of_nothing_or_of_a_site(tmp_path: Path) -> None:
    check_place(tmp_path / "new")
    check_place(tmp_path)
    (tmp_path / "mine.txt").write_text("keep")
    (tmp_path / MANIFEST).write_text("{}")
    check_place(tmp_path)


def test_what_is_not_a_site_is_never_taken_away(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("keep")
    for place in (tmp_path, mine, Path("/")):
        with pytest.raises(PublishError, match="something else stands there"):
            check_place(place)


@pytest.mark.parametrize(
    ("home", "url", "expected"),
    [
        ("https://www.cre.fr/flux", "https://www.cre.fr/a", "https://www.cre.fr/a"),
        ("https://www.cre.fr/flux", "https://evil.example/a", "https://www.cre.fr/flux"),
        ("https://presse.fr/flux", "https://www.legifrance.gouv.fr/jorf/id/J", None),
        ("https://presse.fr/flux", "https://gouv.fr.evil.example/", "https://presse.fr/flux"),
    ],
)
def test_a_mention_leads_to_its_source_or_to_an_official_site(
    home: str, url: str, expected: str | None
) -> None:
    assert own_link(source(home), url) == (expected or url)


def test_a_source_that_is_gone_leads_nowhere() -> None:
    assert own_link(None, "https://evil.example/") == ""
