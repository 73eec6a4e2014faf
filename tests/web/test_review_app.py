"""The review app in process: queue, page of an item, verdicts, undo, mistakes, conflicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.model import Evidence, Failure, ItemState, Niveau, Origin, Tag, TermKind, TextField
from hub.store import Store
from hub.store.items import list_tags, to_redaction
from hub.store.sources import record_failure, record_read
from tests.web.conftest import EMAIL, PASSWORD, FakeClock, Publisher, sign_in
from tests.web.library import NOW, add_item, get_item

ITEM = "/relecture/items/decret-2026-822"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def selected(page: str, name: str) -> list[str]:
    """What each list of this name sends."""
    lists = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    options = [re.findall(r'<option value="([^"]*)"( selected)?', one) for one in lists]
    return [next((v for v, is_chosen in some if is_chosen), some[0][0]) for some in options]


def form_of(client: TestClient, path: str = ITEM, **changed: Any) -> dict[str, Any]:
    """The fields of the page as a browser would send them, with what the editor changed."""
    page = client.get(path).text
    form = page[page.index('id="redaction"') :]
    sent: dict[str, Any] = {
        "jeton": hidden(form, "jeton"),
        "revision": hidden(form, "revision"),
        "niveau": selected(form, "niveau")[0],
        "applicable_le": hidden(form, "applicable_le"),
        "a_faire": [""],
        "echeance_precision": selected(form, "echeance_precision"),
    }
    for name in ("echeance_date", "echeance_label", "echeance_sentence"):
        sent[name] = [unescape(v) for v in re.findall(rf'name="{name}"[^>]* value="([^"]*)"', form)]
    for name in ("titre", "ce_qui_change", "pour_qui"):
        found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
        assert found
        sent[name] = unescape(found[1])
    return sent | changed


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page)).replace("\u00a0", " "))


# --- Showing -----------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_and_how_much_was_spared(editor: TestClient) -> None:
    page = editor.get("/relecture/").text
    text = text_of(page)
    assert "3 textes à décider" in text
    assert page.index("decret-2026-822") < page.index("arrete-pemd") < page.index("tri-biodechets")
    assert "nomination" not in page
    for figure, what in (("5", "textes lus"), ("1", "écarté par les règles")):
        assert re.search(rf"{what}(</a>)?</dt><dd>{figure}</dd>", page)


def test_filters_stay_in_the_page_and_in_its_links(editor: TestClient) -> None:
    page = editor.get("/relecture/?secteur=BAT&mots=diagnostic").text
    assert "arrete-pemd?secteur=BAT&amp;mots=diagnostic" in page
    assert "tri-biodechets" not in page
    assert '<option value="BAT" selected>' in page
    assert 'value="diagnostic"' in page


@pytest.mark.parametrize(
    "query", ["?etat=inconnu", "?page=abc", "?page=-1", "?page=99999999999", "?ordre=x", "?fait=x"]
)
def test_a_strange_address_shows_the_queue(editor: TestClient, query: str) -> None:
    answer = editor.get(f"/relecture/{query}")
    assert answer.status_code == 200
    assert "3 textes à décider" in text_of(answer.text)


def test_an_empty_list_says_what_to_do(editor: TestClient) -> None:
    assert "montrez tout" in editor.get("/relecture/?mots=introuvable").text
    assert "Revenez à" in editor.get("/relecture/?etat=plus_tard").text


def test_evidence_has_one_number_in_the_text_and_beside_its_tag(editor: TestClient) -> None:
    page = editor.get(ITEM).text
    assert re.search(
        r"<mark>prime de transition énergétique</mark><a class=\"r-ref\" id=\"preuve-1\"", page
    )
    assert 'href="#preuve-1"' in page
    assert page.count('id="preuve-') == 4
    assert "d’après « MaPrimeRénov’ »" in text_of(page)
    assert "https://www.legifrance.gouv.fr/jorf/id/decret-2026-822" in page


def test_nothing_from_a_source_is_markup(editor: TestClient, library: Store) -> None:
    nasty = 'Avis <script>alert(1)</script> sur le tri & les "déchets"'
    words = "<script>alert(1)</script>"
    start = nasty.index(words)
    proof = Evidence("r", words, TextField.TITLE, start, start + len(words))
    with library.write() as session:
        add_item(
            session,
            "mechant",
            nasty,
            text=f"{nasty}\n\n</textarea><img src=x onerror=alert(2)>",
            summary="</textarea><b>gras",
            tags=(Tag(TermKind.DISPOSITIF, "AGEC", Origin.RULE, 1.0, (proof,)),),
            url="javascript:alert(3)",
        )
    for path in ("/relecture/", "/relecture/items/mechant"):
        page = editor.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>gras" not in page
        assert "javascript:" not in page
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in page


def test_an_item_set_aside_says_by_what(editor: TestClient) -> None:
    page = editor.get("/relecture/items/nomination")
    assert page.status_code == 200
    assert 'value="rouvrir"' in page.text
    assert "Écarté par la règle « Nomination" in text_of(page.text)


def test_an_unknown_item_is_a_page_in_french(editor: TestClient) -> None:
    answer = editor.get("/relecture/items/inconnu")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


def test_sources_say_how_they_are(editor: TestClient, library: Store, clock: FakeClock) -> None:
    with library.write() as session:
        record_read(session, "jorfsimple", NOW, is_good=True)
        record_read(session, "cre", NOW, is_good=False)
        record_failure(session, Failure("cre", "https://www.cre.fr/", "fetch", "timeout"), NOW)
    page = editor.get("/relecture/sources").text
    assert "À jour" in page
    assert "En panne" in page
    assert "La source ne répond pas" in page
    assert "Pas encore lue" in page
    clock.advance(hours=10)
    assert page.index("En panne") < page.index("À jour")


def test_french_typography_on_every_page(editor: TestClient) -> None:
    for path in ("/relecture/", "/relecture/?etat=tous", ITEM, "/relecture/sources"):
        page = editor.get(path).text
        ours = re.sub(r"(?s)<(textarea|div class=\"r-source\").*?</\1?(textarea|div)>", "", page)
        ours = unescape(re.sub(r"(?s)<[^>]*>", "\n", ours))
        wrong = [line for line in ours.split("\n") if re.search(r"\w [:;!?]|« |\w'\w", line)]
        assert wrong == [], path


# --- Deciding ----------------------------------------------------------------------------------


def test_approving_publishes_and_proposes_the_next_text(
    editor: TestClient, library: Store, publisher: Publisher
) -> None:
    sent = form_of(
        editor,
        titre="MaPrimeRénov’ : l’isolation n’est plus aidée",
        niveau="aide",
        applicable_le="1er septembre 2026",
        a_faire=["Revoyez les devis.", "", "Prévenez vos clients."],
        echeance_date=["01/09/2026", ""],
        echeance_label=["Fin de l’aide", ""],
        echeance_precision=["jour", "jour"],
        echeance_sentence=["", ""],
        geste="approuver",
    )
    answer = editor.post(ITEM, data=sent)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/relecture/items/arrete-pemd?fait=approuver")
    item = get_item(library, "decret-2026-822")
    redaction = to_redaction(item.redaction)
    assert item.state is ItemState.APPROVED
    assert redaction.niveau is Niveau.AIDE
    assert redaction.a_faire == ("Revoyez les devis.", "Prévenez vos clients.")
    assert redaction.echeances[0].label == "Fin de l’aide"
    assert len(publisher.calls) == 1
    following = editor.get(answer.headers["location"])
    assert "l’isolation n’est plus aidée » est approuvé" in text_of(following.text)


def test_undo_from_the_next_page_keeps_what_was_typed(
    editor: TestClient, library: Store, publisher: Publisher
) -> None:
    sent = form_of(editor, titre="Un titre soigné", geste="approuver")
    page = editor.get(editor.post(ITEM, data=sent).headers["location"]).text
    answer = editor.post(
        f"{ITEM}/annuler",
        data={"jeton": hidden(page, "jeton"), "revision": hidden(page, "revision")},
    )
    assert answer.headers["location"].startswith(f"{ITEM}?fait=annuler")
    item = get_item(library, "decret-2026-822")
    assert (item.state, item.public_at) == (ItemState.TO_REVIEW, None)
    assert to_redaction(item.redaction).titre == "Un titre soigné"
    assert len(publisher.calls) == 2
    page = editor.get(answer.headers["location"]).text
    assert "La dernière décision est annulée" in page
    assert "décision annulée : approuvé" in text_of(page)


def test_an_undo_that_comes_too_late_is_refused(editor: TestClient, library: Store) -> None:
    sent = form_of(editor, geste="approuver")
    page = editor.get(editor.post(ITEM, data=sent).headers["location"]).text
    stale = {"jeton": hidden(page, "jeton"), "revision": hidden(page, "revision")}
    editor.post(ITEM, data=form_of(editor, pour_qui="Artisans", geste="rediger"))
    answer = editor.post(f"{ITEM}/annuler", data=stale)
    assert answer.status_code == 409
    assert get_item(library, "decret-2026-822").state is ItemState.APPROVED


def test_rejecting_keeps_the_reason(editor: TestClient, library: Store) -> None:
    sent = form_of(editor, motif="doublon", precision="voir  le décret", geste="rejeter")
    answer = editor.post(ITEM, data=sent)
    assert answer.status_code == 303
    assert get_item(library, "decret-2026-822").state is ItemState.REJECTED
    page = editor.get(ITEM).text
    assert "Déjà dit par un autre texte : voir le décret" in text_of(page)


def test_putting_off_leaves_an_untouched_draft_unwritten(
    editor: TestClient, library: Store, publisher: Publisher
) -> None:
    editor.post(ITEM, data=form_of(editor, geste="plus_tard"))
    item = get_item(library, "decret-2026-822")
    assert (item.state, item.redaction) == (ItemState.LATER, None)
    assert publisher.calls == []
    page = text_of(editor.get("/relecture/?etat=plus_tard").text)
    assert "Plus tard : 1 texte" in page


def test_putting_off_keeps_what_was_typed(editor: TestClient, library: Store) -> None:
    editor.post(ITEM, data=form_of(editor, pour_qui="Artisans", geste="plus_tard"))
    item = get_item(library, "decret-2026-822")
    assert to_redaction(item.redaction).pour_qui == "Artisans"


def test_saving_does_not_publish_and_saving_twice_says_so(
    editor: TestClient, library: Store, publisher: Publisher
) -> None:
    answer = editor.post(ITEM, data=form_of(editor, pour_qui="Artisans", geste="rediger"))
    assert "fait=rediger" in answer.headers["location"]
    again = editor.post(ITEM, data=form_of(editor, geste="rediger"))
    assert "fait=rien" in again.headers["location"]
    assert get_item(library, "decret-2026-822").revision == 2
    assert publisher.calls == []


def test_editing_a_public_text_rebuilds_the_site(editor: TestClient, publisher: Publisher) -> None:
    editor.post(ITEM, data=form_of(editor, geste="approuver"))
    editor.post(ITEM, data=form_of(editor, pour_qui="Artisans", geste="rediger"))
    assert len(publisher.calls) == 2


def test_taking_a_text_off_the_site(
    editor: TestClient, library: Store, publisher: Publisher
) -> None:
    editor.post(ITEM, data=form_of(editor, geste="approuver"))
    assert "Retirer du site" in editor.get(ITEM).text
    editor.post(ITEM, data=form_of(editor, geste="rouvrir"))
    assert get_item(library, "decret-2026-822").state is ItemState.TO_REVIEW
    assert len(publisher.calls) == 2


def test_tags_are_taken_off_and_put_back_without_losing_the_text(
    editor: TestClient, library: Store
) -> None:
    tag = "metier:menuisier-atelier"
    sent = form_of(editor, pour_qui="Artisans", geste=f"retirer_etiquette:{tag}")
    assert "fait=retirer_etiquette" in editor.post(ITEM, data=sent).headers["location"]
    item = get_item(library, "decret-2026-822")
    assert "menuisier-atelier" not in [tag.term for tag in list_tags(item)]
    assert to_redaction(item.redaction).pour_qui == "Artisans"
    assert "Remettre" in editor.get(ITEM).text
    editor.post(ITEM, data=form_of(editor, geste=f"ajouter_etiquette:{tag}"))
    assert "menuisier-atelier" in [tag.term for tag in list_tags(get_item(library, item.slug))]


def test_a_tag_is_added_from_the_list(editor: TestClient, library: Store) -> None:
    sent = form_of(editor, etiquette="dispositif:AGEC", geste="ajouter_etiquette")
    assert editor.post(ITEM, data=sent).status_code == 303
    assert "AGEC" in [tag.term for tag in list_tags(get_item(library, "decret-2026-822"))]


@pytest.mark.parametrize("value", ["", "dispositif:INCONNU", "n’importe:quoi"])
def test_an_unknown_tag_is_refused_with_words(editor: TestClient, value: str) -> None:
    sent = form_of(editor, etiquette=value, pour_qui="Artisans", geste="ajouter_etiquette")
    answer = editor.post(ITEM, data=sent)
    assert answer.status_code == 422
    assert "Choisissez une étiquette dans la liste" in answer.text
    assert "Artisans</textarea>" in answer.text


def test_the_journal_tells_everything_in_french(editor: TestClient) -> None:
    editor.post(ITEM, data=form_of(editor, pour_qui="Artisans", geste="plus_tard"))
    text = text_of(editor.get(ITEM).text)
    assert "Éditrice de test : rédaction modifiée" in text
    assert "7 septembre 2026 à 6 h 40, Éditrice de test : mis à plus tard" in text


# --- Drafts of law -----------------------------------------------------------------------------

DRAFT = "/relecture/items/projet"


@pytest.fixture
def draft(library: Store) -> Store:
    with library.write() as session:
        title = "Projet d’arrêté relatif à la filière REP PMCB"
        add_item(session, "projet", title, summary="La consultation est ouverte.")
    return library


def test_a_draft_is_proposed_as_a_project(editor: TestClient, draft: Store) -> None:
    page = editor.get(DRAFT).text
    assert '<option value="projet" selected>' in page
    assert "Ce texte est un projet" in text_of(page)
    sent = form_of(editor, DRAFT, niveau="projet", geste="approuver")
    assert editor.post(DRAFT, data=sent).status_code == 303
    assert to_redaction(get_item(draft, "projet").redaction).niveau is Niveau.PROJET


def test_a_draft_is_not_published_as_law_unless_an_editor_says_so(
    editor: TestClient, draft: Store
) -> None:
    sent = form_of(editor, DRAFT, niveau="obligatoire", geste="approuver")
    answer = editor.post(DRAFT, data=sent)
    assert answer.status_code == 422
    assert 'id="niveau-faute"' in answer.text
    assert get_item(draft, "projet").state is ItemState.TO_REVIEW
    assert editor.post(DRAFT, data={**sent, "droit": "oui"}).status_code == 303
    assert get_item(draft, "projet").state is ItemState.APPROVED


def test_a_public_draft_does_not_become_law_by_being_saved(
    editor: TestClient, draft: Store
) -> None:
    editor.post(DRAFT, data=form_of(editor, DRAFT, niveau="projet", geste="approuver"))
    sent = form_of(editor, DRAFT, niveau="obligatoire", geste="rediger")
    assert editor.post(DRAFT, data=sent).status_code == 422
    assert to_redaction(get_item(draft, "projet").redaction).niveau is Niveau.PROJET
    assert editor.post(DRAFT, data={**sent, "droit": "oui"}).status_code == 303
    again = form_of(editor, DRAFT, niveau="obligatoire", pour_qui="Tous", geste="rediger")
    assert editor.post(DRAFT, data=again).status_code == 303


def test_a_text_without_subject_nor_metier_says_that_nobody_would_find_it(
    editor: TestClient, draft: Store
) -> None:
    assert "Ni dispositif ni métier" in text_of(editor.get(DRAFT).text)
    assert "Ni dispositif ni métier" not in text_of(editor.get(ITEM).text)


# --- Mistakes and conflicts --------------------------------------------------------------------


def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(
    editor: TestClient, library: Store
) -> None:
    sent = form_of(
        editor,
        titre="",
        pour_qui="Artisans <du bâtiment>",
        applicable_le="31 février 2026",
        a_faire=["Un", "Deux"],
        echeance_date=["demain"],
        echeance_label=["Déclarer"],
        echeance_precision=["mois"],
        echeance_sentence=["avant le…"],
        geste="approuver",
    )
    answer = editor.post(ITEM, data=sent)
    page = answer.text
    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="applicable_le-faute"' in page
    assert 'id="applicable_le-faute"' in page
    assert "« 31 février 2026 »" in text_of(page)
    assert "3 champs sont à revoir" in text_of(page)
    for kept in ("Artisans &lt;du bâtiment&gt;", 'value="31 février 2026"', 'value="demain"'):
        assert kept in page
    for kept in ('value="Un"', 'value="Deux"', 'value="Déclarer"', '"mois" selected', "avant le…"):
        assert kept in page
    assert get_item(library, "decret-2026-822").revision == 1


def test_a_new_empty_line_needs_no_script(editor: TestClient) -> None:
    sent = form_of(editor, a_faire=["Un"], titre="Pas encore enregistré", geste="ligne:action")
    answer = editor.post(ITEM, data=sent)
    assert answer.status_code == 200
    assert answer.text.count('name="a_faire"') == 2
    assert "Pas encore enregistré" in answer.text


def test_a_line_is_taken_away_without_script(editor: TestClient) -> None:
    sent = form_of(
        editor,
        a_faire=["Un", "", "Trois"],
        echeance_date=["demain", "01/01/2027"],
        echeance_label=["Déclarer", "Payer"],
        echeance_precision=["jour", "mois"],
        echeance_sentence=["", ""],
    )
    page = editor.post(ITEM, data={**sent, "geste": "retirer:action:3"}).text
    assert 'value="Un"' in page
    assert 'value="Trois"' not in page
    assert 'value="demain"' in page
    page = editor.post(ITEM, data={**sent, "geste": "retirer:echeance:1"}).text
    assert 'value="demain"' not in page
    assert 'value="Payer"' in page
    for strange in ("retirer:action:x", "retirer:rien:1", "retirer", "retirer:action:99"):
        page = editor.post(ITEM, data={**sent, "geste": strange}).text
        assert 'value="Trois"' in page, strange
        assert 'value="demain"' in page, strange


def test_what_was_typed_to_reject_is_kept_on_a_mistake(editor: TestClient) -> None:
    sent = form_of(editor, applicable_le="demain", motif="autre", precision="vu", geste="rejeter")
    page = editor.post(ITEM, data=sent).text
    assert '<option value="autre" selected>' in page
    assert 'name="precision" value="vu"' in page


def test_the_journal_says_what_left_with_a_tag(editor: TestClient) -> None:
    sent = form_of(editor, geste="retirer_etiquette:dispositif:MAPRIMERENOV")
    answer = editor.post(ITEM, data=sent)
    assert answer.headers["location"].endswith("#etiquettes")
    text = text_of(editor.get(answer.headers["location"]).text)
    assert "étiquette retirée : MaPrimeRénov’ (et 2 déduites d’elle)" in text


def test_the_second_to_decide_sees_both_sides_and_replaces_nothing(
    editor: TestClient, library: Store, new_client: Callable[[], TestClient]
) -> None:
    other = new_client()
    sign_in(other, "autre@example.org")
    mine = form_of(
        other,
        titre="Mon titre à moi",
        niveau="aide",
        a_faire=["Mon action"],
        echeance_date=["01/01/2027"],
        echeance_label=["Mon échéance"],
        echeance_precision=["mois"],
        echeance_sentence=[""],
        geste="approuver",
    )
    theirs = {"titre": "Le premier titre", "niveau": "conseille"}
    editor.post(ITEM, data=form_of(editor, **theirs, geste="plus_tard"))
    answer = other.post(ITEM, data=mine)
    assert answer.status_code == 409
    text = text_of(answer.text)
    assert "Quelqu’un est passé avant vous" in text
    assert "Le premier titre" in text
    assert "Mon titre à moi" in text
    for shown in ("Aide", "Conseillé", "Mon action", "Mon échéance", "dans le mois"):
        assert shown in text
    assert "MaPrimeRénov’" in text
    item = get_item(library, "decret-2026-822")
    assert item.state is ItemState.LATER
    assert to_redaction(item.redaction).titre == "Le premier titre"
    form = answer.text[answer.text.index('id="votre"') :]
    again = {**mine, "revision": hidden(form, "revision"), "geste": "ligne"}
    page = other.post(ITEM, data=again)
    assert page.status_code == 200
    assert "Mon titre à moi" in page.text


def test_a_move_that_the_state_forbids_is_a_page(editor: TestClient, library: Store) -> None:
    editor.post(ITEM, data=form_of(editor, geste="approuver"))
    answer = editor.post(ITEM, data=form_of(editor, geste="plus_tard"))
    assert answer.status_code == 409
    assert "Ce geste n’est plus possible" in answer.text
    assert get_item(library, "decret-2026-822").state is ItemState.APPROVED


def test_the_end_of_a_session_loses_no_text(
    editor: TestClient, library: Store, clock: FakeClock
) -> None:
    sent = form_of(
        editor,
        titre="Un long travail",
        niveau="conseille",
        motif="hors-sujet",
        geste="approuver",
    )
    sent |= {
        "echeance_date": ["01/01/2027"],
        "echeance_label": ["Payer"],
        "echeance_precision": ["jour"],
        "echeance_sentence": [""],
    }
    clock.advance(hours=13)
    answer = editor.post(ITEM, data=sent)
    assert answer.status_code == 401
    assert "Un long travail" in answer.text
    assert 'name="jeton"' not in answer.text
    text = text_of(answer.text)
    assert "Niveau" in text
    assert "Conseillé" in text
    assert "01/01/2027 (ce jour précis) : Payer" in text
    assert not re.search(r"\bconseille\b|\bjour\b(?! précis)|hors-sujet", text)
    assert sign_in(editor, EMAIL, PASSWORD) == 303
    kept = {name: value for name, value in sent.items() if name not in ("jeton", "geste")}
    again = editor.post(ITEM, data=kept)
    assert again.status_code == 403
    assert "Un long travail" in again.text
    assert get_item(library, "decret-2026-822").revision == 1
    fresh = {**kept, "jeton": hidden(again.text, "jeton"), "geste": "rediger"}
    assert editor.post(ITEM, data=fresh).status_code == 303
