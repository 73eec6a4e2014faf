"""The desk: moves applied to the database, their trail, and the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.desk import Filters, Order, View, count, decide, find_next, queue
from hub.errors import AlreadyReviewed, ReviewError
from hub.model import Action, Decision, ItemState, Niveau, Origin, Redaction, TermKind
from hub.store import Store
from hub.store.decisions import list_decisions
from hub.store.items import find_item, list_tags, redaction_to_json, to_redaction
from tests.web.library import NOW, add_item, add_version, fill, get_item

EDITOR = "Éditrice de test"
WRITTEN = Redaction("Titre", "Ce qui change", niveau=Niveau.AIDE)


@pytest.fixture
def filled(any_store: Store) -> Store:
    fill(any_store)
    return any_store


def decided(store: Store, slug: str, action: Action, **payload: object) -> None:
    with store.write() as session:
        decide(session, slug, Decision(action, EDITOR, NOW, payload=payload))


def slugs(store: Store, filters: Filters) -> list[str]:
    with store.read() as session:
        return [item.slug for item in queue(session, filters).items]


def test_approving_publishes_what_was_written(filled: Store) -> None:
    decided(filled, "decret-2026-822", Action.APPROVE, redaction=redaction_to_json(WRITTEN))
    item = get_item(filled, "decret-2026-822")
    assert (item.state, item.public_at, item.revision) == (ItemState.APPROVED, NOW, 2)
    assert to_redaction(item.redaction) == WRITTEN


def test_undo_gives_back_state_text_and_tags_and_adds_to_the_trail(filled: Store) -> None:
    before = get_item(filled, "decret-2026-822")
    tags = list_tags(before)
    term = {"kind": "metier", "term": "menuisier-atelier"}
    decided(filled, "decret-2026-822", Action.REMOVE_TAG, **term)
    decided(filled, "decret-2026-822", Action.ADD_TAG, kind="dispositif", term="AGEC")
    decided(filled, "decret-2026-822", Action.APPROVE, redaction=redaction_to_json(WRITTEN))
    for _ in range(3):
        decided(filled, "decret-2026-822", Action.UNDO)
    after = get_item(filled, "decret-2026-822")
    assert (after.state, after.public_at) == (ItemState.TO_REVIEW, None)
    assert to_redaction(after.redaction) == Redaction()
    assert list_tags(after) == tags
    with filled.read() as session:
        actions = [row.action for row in list_decisions(session, after.id)]
    assert actions == [
        Action.REMOVE_TAG,
        Action.ADD_TAG,
        Action.APPROVE,
        Action.UNDO,
        Action.UNDO,
        Action.UNDO,
    ]
    with pytest.raises(ReviewError):
        decided(filled, "decret-2026-822", Action.UNDO)


def test_an_old_revision_changes_nothing(filled: Store) -> None:
    decided(filled, "arrete-pemd", Action.LATER)
    with filled.write() as session, pytest.raises(AlreadyReviewed) as caught:
        decide(
            session,
            "arrete-pemd",
            Decision(Action.REJECT, "Autre éditeur", NOW),
            expected_revision=1,
        )
    assert (caught.value.expected, caught.value.found) == (1, 2)
    assert get_item(filled, "arrete-pemd").state is ItemState.LATER


def test_an_unknown_item_is_an_error(filled: Store) -> None:
    with pytest.raises(ReviewError):
        decided(filled, "inconnu", Action.APPROVE)


def test_an_editors_tag_is_kept_as_theirs(filled: Store) -> None:
    decided(filled, "arrete-pemd", Action.ADD_TAG, kind="metier", term="conducteur-travaux")
    tags = {(tag.kind, tag.term): tag for tag in list_tags(get_item(filled, "arrete-pemd"))}
    assert tags[TermKind.METIER, "conducteur-travaux"].origin is Origin.EDITOR


def test_a_new_text_of_a_public_item_waits_and_stays_public(filled: Store) -> None:
    decided(filled, "arrete-pemd", Action.APPROVE)
    assert "arrete-pemd" not in slugs(filled, Filters())
    with filled.write() as session:
        item = find_item(session, "arrete-pemd")
        assert item is not None
        add_version(session, item, item.title, "", "Un autre texte.")
        decide(session, item.slug, Decision(Action.NEW_VERSION, "regle:intake", NOW))
    assert get_item(filled, "arrete-pemd").state is ItemState.APPROVED
    with filled.read() as session:
        page = queue(session, Filters())
        assert count(session).by_view[View.WAITING] == 3
    assert "arrete-pemd" in [item.slug for item in page.items]
    assert page.renewed == {get_item(filled, "arrete-pemd").id}
    decided(filled, "arrete-pemd", Action.APPROVE)
    assert "arrete-pemd" not in slugs(filled, Filters())


def test_a_rejected_text_comes_back_when_it_changes(filled: Store) -> None:
    decided(filled, "arrete-pemd", Action.REJECT)
    with filled.write() as session:
        item = find_item(session, "arrete-pemd")
        assert item is not None
        add_version(session, item, item.title, "", "Un autre texte.")
        decide(session, item.slug, Decision(Action.NEW_VERSION, "regle:intake", NOW))
    assert "arrete-pemd" in slugs(filled, Filters())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["decret-2026-822", "arrete-pemd", "tri-biodechets"]),
        (Filters(order=Order.SCORE), ["decret-2026-822", "arrete-pemd", "tri-biodechets"]),
        (Filters(view=View.NOISE), ["nomination"]),
        (Filters(view=View.REJECTED), ["vieux-rejet"]),
        (Filters(secteur="EC"), ["tri-biodechets"]),
        (Filters(secteur="BAT", dispositif="PEMD"), ["arrete-pemd"]),
        (Filters(metier="conducteur-travaux"), ["decret-2026-822"]),
        (Filters(source="partenaire"), ["tri-biodechets"]),
        (Filters(words="energetique"), ["decret-2026-822"]),
        (Filters(words="JORFTEXT000054750363"), ["decret-2026-822"]),
        (Filters(words="isolation"), ["decret-2026-822"]),
        (Filters(words="biodéchets ministère"), ["tri-biodechets"]),
        (Filters(words="fenêtre"), ["decret-2026-822"]),
        (Filters(words="RÉNOVATIONS logement"), ["decret-2026-822"]),
        (Filters(words="décrets 2026-822"), ["decret-2026-822"]),
        (Filters(words="054750363"), ["decret-2026-822"]),
        (Filters(words="arrêtés"), ["arrete-pemd"]),
        (Filters(words="arretes", view=View.NOISE), ["nomination"]),
        (Filters(words="parcs nationaux", view=View.NOISE), ["nomination"]),
        (Filters(words="« parc national »", view=View.NOISE), ["nomination"]),
        (Filters(words="« national parc »", view=View.NOISE), []),
        (Filters(words="diagnostics -déchets"), []),
        (Filters(words="dechet"), ["arrete-pemd", "tri-biodechets"]),
        (Filters(words="log"), ["decret-2026-822"]),
        (Filters(words="eau"), []),
        (Filters(words="100%"), []),
        (Filters(words="_"), []),
    ],
    ids=lambda value: value.words or "" if isinstance(value, Filters) else "",
)
def test_filters(filled: Store, filters: Filters, expected: list[str]) -> None:
    assert slugs(filled, filters) == expected


def test_what_an_editor_wrote_is_found_at_once(filled: Store) -> None:
    written = Redaction("Ombrières", "Des parkings à ombrager", a_faire=("Dénombrez les places.",))
    decided(filled, "tri-biodechets", Action.WRITE, redaction=redaction_to_json(written))
    for words in ("ombrière", "ombrages", "denombrer place"):
        assert slugs(filled, Filters(words=words)) == ["tri-biodechets"], words
    with filled.read() as session:
        assert find_next(session, Filters(words="place"), "arrete-pemd") == "tri-biodechets"


def test_a_dispositif_leaves_with_what_was_deduced_from_it_alone(filled: Store) -> None:
    before = list_tags(get_item(filled, "decret-2026-822"))
    decided(filled, "decret-2026-822", Action.REMOVE_TAG, kind="dispositif", term="MAPRIMERENOV")
    item = get_item(filled, "decret-2026-822")
    assert {tag.term for tag in list_tags(item)} == {"conducteur-travaux", "menuisier-atelier"}
    with filled.read() as session:
        trail = list_decisions(session, item.id)
    assert [row.action for row in trail] == [Action.REMOVE_TAG]
    assert trail[0].payload["term"] == "MAPRIMERENOV"
    assert len(trail[0].payload["before"]["tags"]) == 3
    decided(filled, "decret-2026-822", Action.UNDO)
    assert list_tags(get_item(filled, "decret-2026-822")) == before


def test_a_removed_tag_no_longer_filters(filled: Store) -> None:
    decided(filled, "arrete-pemd", Action.REMOVE_TAG, kind="dispositif", term="PEMD")
    assert slugs(filled, Filters(dispositif="PEMD")) == []


def test_the_next_item_follows_in_the_same_order(filled: Store) -> None:
    with filled.read() as session:
        assert find_next(session, Filters(), "decret-2026-822") == "arrete-pemd"
        assert find_next(session, Filters(), "tri-biodechets") == "decret-2026-822"
        assert find_next(session, Filters(secteur="EC"), "tri-biodechets") is None
        assert find_next(session, Filters(), "nomination") == "decret-2026-822"


def test_counts_say_what_the_rules_spared(filled: Store) -> None:
    with filled.read() as session:
        counts = count(session)
    assert (counts.read, counts.by_view[View.NOISE], counts.by_view[View.WAITING]) == (5, 1, 3)


def test_pages_are_cut_and_a_number_too_big_gives_the_last(store: Store) -> None:
    with store.write() as session:
        for number in range(65):
            day = NOW.date() - timedelta(days=number)
            add_item(session, f"texte-{number:02}", f"Texte {number}", published_on=day)
    with store.read() as session:
        assert queue(session, Filters(), 1).items[0].slug == "texte-00"
        page = queue(session, Filters(), 99)
    assert (page.number, page.last, page.total, len(page.items)) == (3, 3, 65, 5)
