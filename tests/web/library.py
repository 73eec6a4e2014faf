"""A small library for the tests of the review app: real rows, with evidence where it says."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hub.desk import decide
from hub.model import (
    Action,
    Decision,
    Evidence,
    Identifier,
    ItemState,
    Origin,
    Scheme,
    Tag,
    TermKind,
    TextField,
)
from hub.store import Session, Store
from hub.store.captures import CaptureRow
from hub.store.items import (
    ItemAddressRow,
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    TagRow,
    find_item,
    from_evidence,
)
from hub.store.mentions import MentionRow
from hub.text import comparable

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
PRIME = (
    "Décret n° 2026-822 du 25 août 2026 modifiant les règles de la prime de transition énergétique"
)
PRIME_TEXT = (
    "Objet : le texte revoit les aides à la rénovation des logements. Il retire l’isolation et les"
    " fenêtres de l’aide « par geste ».\n\n"
    "Entrée en vigueur : le texte entre en vigueur le 1er septembre 2026."
)
PEMD = (
    "Arrêté du 26 mars 2026 relatif au diagnostic « produits, équipements, matériaux et déchets »"
)
NOISE = "Arrêté du 3 septembre 2026 portant nomination au conseil d’un parc national"


TRI = "Décret n° 2026-901 du 1er septembre 2026 relatif au tri des déchets des petits chantiers"
TRI_NOTICE = (
    "Publics concernés : entreprises de construction, artisans et maîtres d'ouvrage.\n\n"
    "Objet : tri des déchets sur les chantiers de moins de 100 mètres carrés.\n\n"
    "Entrée en vigueur : le décret entre en vigueur le 1er janvier 2027.\n\n"
    "Notice : le décret étend le tri aux petits chantiers. Les entreprises doivent trier huit"
    " familles de déchets avant de quitter le chantier.\n\n"
    "Références : le décret peut être consulté sur le site Légifrance."
)
TRI_TEXT = (
    f"{TRI_NOTICE}\n\n"
    "Le Premier ministre,\n\nSur le rapport de la ministre chargée de l'environnement,\n\n"
    "Vu le code de l'environnement,\n\nDécrète :\n\n"
    "Article 1\n\n"
    "Les entreprises qui interviennent sur un chantier de moins de 100 mètres carrés trient leurs"
    " déchets par famille.\n\n"
    "Article 2\n\n"
    "Elles transmettent leur premier bilan au plus tard le 31 mars 2028.\n\n"
    "Article 3\n\n"
    "Les contrats en cours sont mis en conformité dans un délai de six mois à compter de la"
    " publication du présent décret.\n\n"
    "Article 4\n\n"
    "Elles affichent leur bilan au plus tard le 30 avril.\n\n"
    "Article 5\n\n"
    "La ministre chargée de l'environnement est chargée de l'exécution du présent décret."
)
"""As the Journal officiel writes: the notice opens the text, and is its summary too."""


def add_tri(store: Store) -> None:
    """A text with a notice, a written date, a date that is counted, and one without its year."""
    with store.write() as session:
        add_item(session, "decret-tri", TRI, summary=TRI_NOTICE, text=TRI_TEXT)


def find_evidence(text: str, field: TextField, words: str, rule: str) -> Evidence:
    start = text.index(words)
    return Evidence(rule, words, field, start, start + len(words))


def add_item(
    session: Session,
    slug: str,
    title: str,
    *,
    state: ItemState = ItemState.TO_REVIEW,
    summary: str = "",
    text: str = "",
    tags: tuple[Tag, ...] = (),
    identifiers: tuple[Identifier, ...] = (),
    published_on: date | None = date(2026, 8, 26),
    source_id: str = "jorfsimple",
    url: str = "",
) -> ItemRow:
    """One item as intake and tagging leave it."""
    address = url or f"https://www.legifrance.gouv.fr/jorf/id/{slug}"
    item = ItemRow(
        slug=slug,
        state=state,
        version=0,
        title=title,
        url=address,
        nature="decret",
        source_id=source_id,
        published_on=published_on,
        signed_on=None,
        created_at=NOW,
        changed_at=NOW,
        public_at=NOW if state is ItemState.APPROVED else None,
        tagged_version=1,
        comparable_title=comparable(title),
    )
    session.add(item)
    session.flush()
    item.identifiers = [ItemIdentifierRow(scheme=i.scheme, value=i.value) for i in identifiers]
    item.addresses = [ItemAddressRow(url=address)]
    item.tags = [
        TagRow(
            kind=tag.kind,
            term=tag.term,
            origin=tag.origin,
            score=tag.score,
            evidence=[from_evidence(evidence) for evidence in tag.evidence],
        )
        for tag in tags
    ]
    add_version(session, item, title, summary, text)
    return item


def add_version(session: Session, item: ItemRow, title: str, summary: str, text: str) -> None:
    """A text of the item, with the capture and the mention that prove it."""
    capture = CaptureRow(
        source_id=item.source_id,
        url=item.url,
        fetched_at=NOW,
        status=200,
        headers={},
        sha256="0" * 64,
        size=1,
    )
    session.add(capture)
    session.flush()
    mention = MentionRow(
        source_id=item.source_id,
        key=item.slug,
        url=item.url,
        title=title,
        summary=summary,
        text=text,
        published_on=item.published_on,
        signed_on=None,
        nature=item.nature,
        rubrique="",
        identifiers=[],
        extra={},
        content_hash="x",
        seen_at=NOW,
        capture_id=capture.id,
        item_id=item.id,
    )
    session.add(mention)
    session.flush()
    item.version += 1
    item.versions.append(
        ItemVersionRow(
            number=item.version,
            title=title,
            summary=summary,
            text=text,
            rubrique="Ministère de la transition écologique",
            content_hash=f"v{item.version}",
            mention_id=mention.id,
            seen_at=NOW,
        )
    )
    session.flush()


def prime_tags() -> tuple[Tag, ...]:
    title = find_evidence(PRIME, TextField.TITLE, "prime de transition énergétique", "prime")
    wide = find_evidence(PRIME_TEXT, TextField.TEXT, "l’isolation et les fenêtres", "gestes")
    narrow = find_evidence(PRIME_TEXT, TextField.TEXT, "fenêtres", "fenetres")
    homes = find_evidence(PRIME_TEXT, TextField.TEXT, "rénovation des logements", "logement")
    deduced = Evidence("dispositif:MAPRIMERENOV")
    return (
        Tag(TermKind.DISPOSITIF, "MAPRIMERENOV", Origin.RULE, 0.99, (title, wide)),
        Tag(TermKind.SECTEUR, "BAT", Origin.RULE, 0.95, (deduced,)),
        Tag(TermKind.METIER, "technicien-renovation-energetique", Origin.RULE, 0.96, (deduced,)),
        Tag(TermKind.METIER, "conducteur-travaux", Origin.RULE, 0.81, (homes,)),
        Tag(TermKind.METIER, "menuisier-atelier", Origin.RULE, 0.52, (narrow,)),
    )


def fill(store: Store) -> None:
    """A queue of three texts, one set aside by a rule, one rejected."""
    with store.write() as session:
        add_item(
            session,
            "decret-2026-822",
            PRIME,
            summary="L’aide « par geste » ne couvre plus l’isolation ni les fenêtres.",
            text=PRIME_TEXT,
            tags=prime_tags(),
            identifiers=(
                Identifier(Scheme.NUMERO, "decret-2026-822"),
                Identifier(Scheme.JORFTEXT, "JORFTEXT000054750363"),
            ),
        )
        pemd = Evidence("pemd", "diagnostic", TextField.TITLE, PEMD.index("diagnostic"), 0)
        pemd = Evidence(pemd.rule, pemd.words, pemd.field, pemd.start, pemd.start + 10)
        add_item(
            session,
            "arrete-pemd",
            PEMD,
            tags=(
                Tag(TermKind.DISPOSITIF, "PEMD", Origin.RULE, 0.93, (pemd,)),
                Tag(TermKind.SECTEUR, "BAT", Origin.RULE, 0.9, (Evidence("dispositif:PEMD"),)),
            ),
            published_on=date(2026, 3, 28),
        )
        add_item(
            session,
            "tri-biodechets",
            "Biodéchets : ce que la collecte change pour les guides composteurs",
            summary="Le ministère rappelle les règles : https://www.ecologie.gouv.fr/" + "tri" * 30,
            tags=(
                Tag(TermKind.SECTEUR, "EC", Origin.RULE, 0.88, (Evidence("dispositif:AGEC"),)),
                Tag(TermKind.DISPOSITIF, "AGEC", Origin.RULE, 0.7, ()),
            ),
            source_id="partenaire",
            published_on=None,
        )
        noise = add_item(session, "nomination", NOISE, state=ItemState.NEW)
        aside = Decision(Action.SET_ASIDE, "regle:bruit:nomination", NOW)
        decide(session, noise.slug, aside)
        add_item(session, "vieux-rejet", "Arrêté sans effet", state=ItemState.REJECTED)


def get_item(store: Store, slug: str) -> ItemRow:
    with store.read() as session:
        item = find_item(session, slug)
    assert item is not None
    return item
