"""What the site may say of a text: its dates, its quotations, its order, its sources."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from datetime import date

import pytest

from hub.config import ROOT
from hub.model import Echeance, Identifier, Mention, Niveau, Redaction, Scheme, Source
from hub.publish.fiches import Fiche, FicheType, FrontMatter, Placeholder
from hub.publish.render import Renderer, dates_of
from hub.publish.snapshot import PublicItem, Snapshot, load_snapshot
from hub.publish.texts import is_quoted, paragraphs_of, signed_in_title
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.store.sources import record_read
from tests.builders import NOW, make_item, make_mention, make_redaction

HOME = Fiche("index.md", FrontMatter(type=FicheType.HOME, titre="Accueil"), "")
JOURNAL = Fiche("changements/index.md", FrontMatter(type=FicheType.PAGE, titre="Journal"), "")
LAW = Identifier(Scheme.JORFTEXT, "JORFTEXT000054399113")


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Loi n° 2026-602 du 8 juillet 2026 : « mode ultra-express »", date(2026, 7, 8)),
        ("LOI n° 2025-1129 du 26 novembre 2025 de simplification", date(2025, 11, 26)),
        ("Loi organique n° 2026-1 du 1er août 2026 relative à", date(2026, 8, 1)),
        ("Décret n\u00a0° 2021-821 du 25 juin 2021 relatif au diagnostic", date(2021, 6, 25)),
        ("Arrêté du 11 août 2026 modifiant l'arrêté du 10 avril 2020", date(2026, 8, 11)),
        ("Arrêté interministériel du 3 mars 2026 fixant", date(2026, 3, 3)),
        ("Directive (UE) 2026/470 du 24 février 2026 : CSRD", date(2026, 2, 24)),
        (
            "Directive 2008/98/CE du Parlement européen et du Conseil du 19 novembre 2008",
            date(2008, 11, 19),
        ),
        ("Arrêté modifiant l'arrêté du 10 avril 2020 relatif", None),
        ("Décret n° 2026-822 modifiant le décret n° 2020-26 du 14 janvier 2020", None),
        ("Arrêté du 31 février 2026", None),
        ("Publié après la loi n° 2026-602 du 8 juillet 2026", None),
        ("Projet de décret du 8 juillet 2026", None),
        ("Réouverture du guichet MaPrimeRénov'", None),
    ],
)
def test_the_day_of_signature_is_read_in_an_official_title(title: str, day: date | None) -> None:
    assert signed_in_title(title) == day


TEXT = (
    "Article 1\n\nLa déclaration est faite\u00a0au plus tard le 30 septembre ; elle vaut l'année."
)


@pytest.mark.parametrize(
    ("sentence", "is_there"),
    [
        ("La déclaration est faite au plus tard le 30 septembre.", True),
        ("« Elle vaut l’année. »", True),
        ("déclaration est   faite", True),
        ("La déclaration est due au plus tard le 30 septembre.", False),
        ("au plus tard le 30 septembre 2026", False),
        ("aration est fai", False),
        ("le 3", False),
        ("La declaration est faite", False),
        ("", False),
        (" « … » ", False),
    ],
)
def test_a_quotation_stands_in_the_text(sentence: str, is_there: bool) -> None:
    assert is_quoted(sentence, ("Autre champ", TEXT)) is is_there


def test_a_quotation_does_not_run_over_two_texts() -> None:
    assert not is_quoted("fin début", ("la fin", "début du texte"))


def test_paragraphs_are_kept() -> None:
    assert paragraphs_of("Un.\r\n\r\nDeux\u00a0: oui.\nTrois.") == ["Un.", "Deux : oui.", "Trois."]


# --- What the database gives -------------------------------------------------------------------


def snapshot_of(store: Store, sources: Sequence[Source] | None = None) -> Snapshot:
    if sources is None:
        sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    return load_snapshot(store, load_referentiel(), sources, NOW)


def item_of(store: Store, *mentions: Mention, redaction: Redaction | None = None) -> PublicItem:
    slug = make_item(store, mentions, redaction=redaction)
    return next(item for item in snapshot_of(store).items if item.slug == slug)


def news_of_the_law() -> Mention:
    return make_mention(
        "Loi n° 2026-602 du 8 juillet 2026 : mode « ultra-express »",
        source_id="ecologie-actualites",
        published_on=date(2026, 9, 1),
        identifiers=(LAW,),
    )


def words_of(html: str) -> str:
    plain = re.sub(r"<[^>]+>", "", html).replace("\u202f", " ").replace("\u00a0", " ")
    return " ".join(plain.split())


def page_of(store: Store, item: PublicItem) -> str:
    return words_of(Renderer(snapshot_of(store)).item_page(item, "../../"))


def test_a_law_that_news_announce_is_not_said_published_that_day(store: Store) -> None:
    item = item_of(store, news_of_the_law())
    assert (item.published_on, item.announced_on) == (None, date(2026, 9, 1))
    assert item.signed_on == date(2026, 7, 8)
    page = page_of(store, item)
    assert "Annoncé le 1er septembre 2026" in page
    assert "Signé8 juillet 2026" in page
    assert "Publié" not in page
    assert "Le texte officiel" in page


def test_the_day_of_publication_is_that_of_the_journal_whoever_spoke_first(store: Store) -> None:
    journal = make_mention(
        "LOI n° 2026-602 du 8 juillet 2026", source_id="jorfsimple", published_on=date(2026, 7, 9)
    )
    item = item_of(store, news_of_the_law(), journal)
    assert (item.published_on, item.announced_on) == (date(2026, 7, 9), None)
    assert "Publié le 9 juillet 2026" in page_of(store, item)


def test_news_are_a_source_not_an_official_text(store: Store) -> None:
    item = item_of(store, make_mention("Réouverture du guichet", source_id="ecologie-actualites"))
    page = page_of(store, item)
    assert "Le texte officiel" not in page
    assert "Signé" not in page
    assert "La source" in page


def test_an_invented_quotation_is_not_shown(store: Store) -> None:
    redaction = make_redaction(
        echeances=(
            Echeance(date(2026, 9, 30), "Déclarer", sentence="Au plus tard le 30 septembre."),
            Echeance(date(2026, 10, 1), "Inventer", sentence="Tout le monde doit payer."),
        )
    )
    mention = make_mention(text="Il déclare au plus tard le 30 septembre, chaque année.")
    item = item_of(store, mention, redaction=redaction)
    assert [e.sentence for e in item.redaction.echeances] == ["Au plus tard le 30 septembre.", ""]
    assert page_of(store, item).count("Phrase de la source") == 1


def test_the_paragraphs_of_a_summary_are_on_its_page(store: Store) -> None:
    item = item_of(store, make_mention(), redaction=make_redaction(ce_qui_change="Un.\n\nDeux."))
    page = Renderer(snapshot_of(store)).item_page(item, "../../")
    assert '<p class="h-chapo">Un.</p><p class="h-chapo">Deux.</p>' in page


def test_the_journal_goes_by_publication_and_the_month_by_both(store: Store) -> None:
    dates = {
        "publie-ce-mois": (date(2026, 9, 3), None),
        "applicable-ce-mois": (date(2026, 1, 2), date(2026, 9, 1)),
        "en-2030": (date(2026, 8, 1), date(2030, 1, 1)),
        "ancien": (date(2026, 2, 1), None),
    }
    for slug, (published_on, applicable_le) in dates.items():
        make_item(
            store,
            make_mention(slug, source_id="jorfsimple", published_on=published_on),
            slug=slug,
            redaction=make_redaction(slug, applicable_le=applicable_le),
        )
    unknown = make_mention("Décret n° 2021-821 du 25 juin 2021", published_on=None)
    make_item(store, unknown, slug="pemd", redaction=make_redaction("pemd", applicable_le=None))
    make_item(store, make_mention("Une page", published_on=None), slug="page")
    renderer = Renderer(snapshot_of(store))

    def order(fiche: Fiche) -> list[str]:
        html = renderer.fragment(Placeholder.CHANGEMENTS, fiche, "./")
        return re.findall(r'<h3><a href="\./changements/([\w-]+)/">', html)

    assert order(JOURNAL) == [
        *("page", "publie-ce-mois", "en-2030", "ancien", "applicable-ce-mois", "pemd")
    ]
    assert order(HOME) == [
        *("publie-ce-mois", "applicable-ce-mois", "page", "en-2030", "ancien", "pemd")
    ]
    journal = words_of(renderer.fragment(Placeholder.CHANGEMENTS, JOURNAL, "./"))
    assert "1er janv. 2030 s’appliquera publié le 1er août 2026" in journal
    assert "25 juin 2021 signé" in journal
    assert "7 sept. 2026 ajouté" in journal
    assert "Date inconnue" not in journal


def test_a_change_says_when_it_applies_then_one_day_of_its_own(store: Store) -> None:
    item = item_of(store, news_of_the_law(), redaction=make_redaction())
    dates = [date(2026, 9, 1), date(2026, 9, 1)]
    assert dates_of(item, NOW.date()) == list(zip(["s’applique", "annoncé"], dates, strict=True))
    bare = dataclasses.replace(item, announced_on=None, signed_on=None, added_on=None)
    bare = dataclasses.replace(bare, redaction=Redaction(niveau=Niveau.PROJET))
    assert dates_of(bare, NOW.date()) == []


def test_one_more_task_is_said_in_the_singular(store: Store) -> None:
    for count, words in ((7, "Voir l’autre tâche"), (8, "Voir les 2 autres tâches")):
        item = item_of(
            store,
            make_mention(f"Texte {count}"),
            redaction=make_redaction(a_faire=tuple(f"Tâche {n}" for n in range(count))),
        )
        snapshot = dataclasses.replace(snapshot_of(store), items=(item,))
        assert words in Renderer(snapshot).fragment(Placeholder.CHECKLIST, JOURNAL, "./")


def test_a_source_in_pause_is_counted_apart_and_says_why_in_french(store: Store) -> None:
    sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    good = next(s for s in sources if s.enabled)
    paused = [
        dataclasses.replace(good, id=name, enabled=False, reason="never seen")
        for name in ("never", "read-once")
    ]
    with store.write() as session:
        for source in (good, paused[1]):
            record_read(session, source.id, NOW, is_good=True)
    renderer = Renderer(snapshot_of(store, [good, *paused]))
    fresh = words_of(renderer.fragment(Placeholder.FRAICHEUR, HOME, "./"))
    assert "1 source à jour sur 1 suivie, 2 en pause." in fresh
    states = words_of(renderer.fragment(Placeholder.ETAT_DES_SOURCES, JOURNAL, "./"))
    assert "En pausepas encore vérifiée" in states
    assert "En pausemise en pause par l’équipe" in states
    assert "never seen" not in states
