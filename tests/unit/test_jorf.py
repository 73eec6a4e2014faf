"""One Journal officiel written as each edition writes it: both must say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.legal.jorf import read_jorf
from hub.legal.jorfsimple import read_delivery
from hub.legal.tararchive import Limits
from hub.model import Mention
from tests.archives import pack_files

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dila-jorf"
STAMP = "20260826-003035/jorf/global"
TABLE = (
    "<p><br/>Les montants sont fixés ainsi :</p><div><table><tr><th>Type</th><th><p>Prime</p></th>"
    "</tr><tr><td>1<sup>er</sup> geste</td><td>500 €</td></tr></table></div>"
)


@dataclass(frozen=True)
class Article:
    number: str
    text: str
    summary: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    inside: tuple[Article | Section, ...]


@dataclass(frozen=True)
class Text:
    id: str
    title: str
    nature: str = "ARRETE"
    num: str = ""
    nor: str = ""
    eli: str = ""
    signed: str = "2026-08-25"
    short: str = ""
    notice: str = ""
    visas: str = ""
    rect: str = ""
    ministry: str = "Ministère de la ville et du logement"
    business: str = "non"
    headings: tuple[str, ...] = ("Décrets, arrêtés, circulaires", "Textes généraux", "Logement")
    inside: tuple[Article | Section, ...] = ()


DECRET = Text(
    "JORFTEXT000054700001",
    "Décret n° 2026-822 du 25 août 2026 relatif à la prime de transition énergétique",
    nature="DECRET",
    num="2026-822",
    nor="ATDL2612345D",
    eli="https://www.legifrance.gouv.fr/eli/decret/2026/8/25/ATDL2612345D/jo/texte",
    short="Décret n°2026-822 du 25 août 2026",
    notice="<p>Publics concernés : propriétaires.</p><p>Entrée en vigueur : 1er septembre.</p>",
    visas="<p>Le Premier ministre,<br/>Vu le code de l&#39;énergie &amp; ses annexes ;</p>",
    business="oui",
    inside=(
        Section(
            "Titre Ier : Dispositions générales",
            (
                Section("Chapitre Ier", (Article("1", "<p>Le décret est modifié.</p>"),)),
                Article("2", TABLE, summary="<p>Modification du décret 2020-26</p>"),
            ),
        ),
        Article("3", "<p>Le ministre est chargé de l'exécution.</p>"),
        Section("Annexe", (Article("", "<p>Liste des travaux</p>"),)),
    ),
)
ARRETE = Text(
    "JORFTEXT000054700002",
    "Arrêté du 25 août 2026 fixant une liste",
    signed="2999-01-01",
    inside=(Article("1", "<p>La liste est annexée.</p>"),),
)
NOMINATION = Text(
    "JORFTEXT000054700003",
    "Arrêté du 25 août 2026 portant nomination",
    headings=("Décrets, arrêtés, circulaires", "Mesures nominatives", "Logement"),
    rect="<p>Rectificatif au Journal officiel</p>",
)
LOI = Text(
    "JORFTEXT000054700004",
    "LOI n° 2026-602 du 24 août 2026 visant à réduire l'impact (1)",
    nature="LOI",
    num="2026-602",
    headings=("LOIS",),
)
PAPER = (LOI, DECRET, ARRETE, NOMINATION)


# --- As JORFSIMPLE writes it ---------------------------------------------------------------------


def element(tag: str, value: str) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}>{escaped}</{tag}>"


def content(tag: str, markup: str) -> str:
    return f"<{tag}><CONTENU>{markup}</CONTENU></{tag}>"


def simple_inside(node: Article | Section) -> str:
    if isinstance(node, Section):
        inside = "".join(simple_inside(child) for child in node.inside)
        return f"<SECTION_TA>{element('TITRE_TA', node.title)}{inside}</SECTION_TA>"
    return (
        f"<ARTICLE><ID>JORFARTI</ID><NUM>{node.number}</NUM>{content('SM', node.summary)}"
        f"{content('BLOC_TEXTUEL', node.text)}</ARTICLE>"
    )


def simple_text(text: Text) -> bytes:
    inside = "".join(simple_inside(node) for node in text.inside)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><TEXTE><ID>{text.id}</ID>'
        f"<ID_ELI>{text.eli}</ID_ELI><NATURE>{text.nature}</NATURE><NUM>{text.num}</NUM>"
        f"<NUM_SEQUENCE>14</NUM_SEQUENCE><NOR>{text.nor}</NOR><DATE_PUBLI>2026-08-26</DATE_PUBLI>"
        f"<DATE_TEXTE>{text.signed}</DATE_TEXTE>"
        f"<ORIGINE_PUBLI>JORF n°0198 du 26 août 2026</ORIGINE_PUBLI>"
        f"{element('TITRE', text.short)}{element('TITREFULL', text.title)}"
        f"{element('MINISTERE', text.ministry)}{wholes(text)}"
        f"<STRUCT>{inside}<SIGNATAIRES><CONTENU><p>Fait le 25 août.</p></CONTENU></SIGNATAIRES>"
        f'</STRUCT><ENTREPRISE texte_entreprise="{text.business}"/></TEXTE>'
    ).encode()


def wholes(text: Text) -> str:
    return (
        content("NOTICE", text.notice)
        + content("VISAS", text.visas)
        + content("ABRO", "")
        + content("RECT", text.rect)
        + content("SM", "")
    )


def summary_of(texts: tuple[Text, ...]) -> str:
    links = "".join(
        "".join(f"<TM>{element('TITRE_TM', heading)}" for heading in text.headings)
        + f'<LIEN_TXT idtxt="{text.id}" titretxt="{text.title}"/>'
        + "</TM>" * len(text.headings)
        for text in texts
    )
    return (
        '<STRUCTURE_TXT><TM niv="1"><TITRE_TM>Journal officiel "Lois et Décrets"</TITRE_TM>'
        f"{links}</TM></STRUCTURE_TXT>"
    )


def simple_paper(texts: tuple[Text, ...]) -> bytes:
    name = "JORFCONT000054700000"
    summary = (
        f"<JO><ID>{name}</ID><TITRE>JORF n°0198 du 26 août 2026</TITRE><NUM>0198</NUM>"
        f"<DATE_PUBLI>2026-08-26</DATE_PUBLI>{summary_of(texts)}</JO>"
    )
    folder = f"20260826-003035/jorf/simple/JORF/CONT/00/00/54/70/00/{name}"
    files = [(f"{folder}/{name}.xml", summary.encode())]
    files += [(f"{folder}/{text.id}.xml", simple_text(text)) for text in texts if text is not LOI]
    return pack_files(files)


# --- As JORF writes it ---------------------------------------------------------------------------


@dataclass
class Global:
    """The files of a delivery; articles and sections are numbered as they come."""

    count: int = 0

    def files(self, texts: tuple[Text, ...]) -> Iterator[tuple[str, bytes]]:
        name = "JORFCONT000054700000"
        yield (
            f"{STAMP}/conteneur/JORF/CONT/00/00/54/70/00/{name}.xml",
            f"<JO><META><META_COMMUN><ID>{name}</ID><NATURE>JO</NATURE></META_COMMUN><META_SPEC>"
            "<META_CONTENEUR><TITRE>JORF n°0198 du 26 août 2026</TITRE><NUM>0198</NUM>"
            "<DATE_PUBLI>2026-08-26</DATE_PUBLI></META_CONTENEUR></META_SPEC></META>"
            f"{summary_of(texts)}</JO>".encode(),
        )
        for text in texts:
            if text is not LOI:
                yield from self.text_files(text)
        yield f"{STAMP}/eli/decret/2026/8/25/versions.xml", b"<VERSIONS/>"

    def text_files(self, text: Text) -> Iterator[tuple[str, bytes]]:
        place = f"JORF/TEXT/00/00/54/70/00/{text.id}.xml"
        common = (
            f"<META_COMMUN><ID>{text.id}</ID><ID_ELI>{text.eli}</ID_ELI><ORIGINE>JORF</ORIGINE>"
            f"<NATURE>{text.nature}</NATURE></META_COMMUN>"
        )
        chronicle = (
            f"<META_TEXTE_CHRONICLE><CID>{text.id}</CID><NUM>{text.num}</NUM>"
            "<NUM_PARUTION>0198</NUM_PARUTION><NUM_SEQUENCE>14</NUM_SEQUENCE>"
            f"<NOR>{text.nor}</NOR><DATE_PUBLI>2026-08-26</DATE_PUBLI>"
            f"<DATE_TEXTE>{text.signed}</DATE_TEXTE>"
            "<ORIGINE_PUBLI>JORF n°0198 du 26 août 2026</ORIGINE_PUBLI></META_TEXTE_CHRONICLE>"
        )
        yield (
            f"{STAMP}/texte/version/{place}",
            f"<TEXTE_VERSION><META>{common}<META_SPEC>{chronicle}<META_TEXTE_VERSION>"
            f"{element('TITRE', text.short)}{element('TITREFULL', text.title)}<AUTORITE/>"
            f"{element('MINISTERE', text.ministry)}<LIENS/></META_TEXTE_VERSION></META_SPEC></META>"
            f"{wholes(text)}<SIGNATAIRES><CONTENU><p>Fait le 25 août.</p></CONTENU></SIGNATAIRES>"
            f'<TP><CONTENU/></TP><ENTREPRISE texte_entreprise="{text.business}"><DATES_EFFET/>'
            "</ENTREPRISE></TEXTE_VERSION>".encode(),
        )
        inside: list[tuple[str, bytes]] = []
        links = "".join(self.link(node, text, inside) for node in text.inside)
        yield from inside
        yield (
            f"{STAMP}/texte/struct/{place}",
            f"<TEXTELR><META>{common}<META_SPEC>{chronicle}</META_SPEC></META>"
            f"<STRUCT>{links}</STRUCT></TEXTELR>".encode(),
        )

    def link(self, node: Article | Section, text: Text, into: list[tuple[str, bytes]]) -> str:
        # Numbered downwards: the order of the text must come from its structure, not from the ids.
        self.count += 1
        number = f"{int(text.id[8:]) * 100 - self.count:012d}"[-12:]
        if isinstance(node, Section):
            name = f"JORFSCTA{number}"
            links = "".join(self.link(child, text, into) for child in node.inside)
            body = (
                f"<SECTION_TA><ID>{name}</ID>{element('TITRE_TA', node.title)}<COMMENTAIRE/>"
                f"<STRUCTURE_TA>{links}</STRUCTURE_TA></SECTION_TA>"
            )
            into.append((f"{STAMP}/section_ta/JORF/SCTA/00/{name}.xml", body.encode()))
            return f'<LIEN_SECTION_TA cid="{name}" id="{name}" niv="1" url="/{name}.xml"/>'
        name = f"JORFARTI{number}"
        body = (
            f"<ARTICLE><META><META_COMMUN><ID>{name}</ID></META_COMMUN><META_SPEC><META_ARTICLE>"
            f"<NUM>{node.number}</NUM></META_ARTICLE></META_SPEC></META><CONTEXTE>"
            f'<TEXTE cid="{text.id}"/></CONTEXTE>{content("SM", node.summary)}'
            f"{content('BLOC_TEXTUEL', node.text)}</ARTICLE>"
        )
        into.append((f"{STAMP}/article/JORF/ARTI/00/{name}.xml", body.encode()))
        return f'<LIEN_ART id="{name}" num="{node.number}" origine="JORF"/>'


def said(mentions: tuple[Mention, ...]) -> dict[str, Mention]:
    return {m.key: replace(m, text=" ".join(m.text.split())) for m in mentions}


def files_of(texts: tuple[Text, ...] = PAPER) -> list[tuple[str, bytes]]:
    return list(Global().files(texts))


def test_both_editions_say_the_same() -> None:
    simple = read_delivery(simple_paper(PAPER), "jo")
    full = read_jorf(pack_files(files_of()), "jo")
    assert said(full.mentions) == said(simple.mentions)
    assert (full.texts, full.troubles, full.is_whole) == (3, (), True)
    decret = said(full.mentions)[DECRET.id]
    assert "Chapitre Ier Article 1 Le décret est modifié. Article 2" in decret.text
    assert "1er geste | 500 €" in decret.text
    assert "Fait le" not in decret.text  # names of people
    assert decret.rubrique == "Décrets, arrêtés, circulaires > Textes généraux > Logement"


def test_the_order_inside_an_archive_does_not_matter() -> None:
    there, back = (read_jorf(pack_files(f), "jo") for f in (files_of(), files_of()[::-1]))
    assert said(there.mentions) == said(back.mentions)


def without(words: str) -> list[tuple[str, bytes]]:
    return [(name, body) for name, body in files_of((DECRET,)) if words not in name]


@pytest.mark.parametrize("kind", ["/texte/struct/", "/section_ta/"])
def test_a_text_of_which_a_part_lacks_is_partial(kind: str) -> None:
    (mention,) = read_jorf(pack_files(without(kind)), "jo").mentions
    assert mention.is_partial
    assert "Le décret est modifié." in mention.text  # nothing that came is lost


def test_a_text_without_its_articles_is_partial() -> None:
    (mention,) = read_jorf(pack_files(without("/article/")), "jo").mentions
    assert mention.is_partial
    assert "Titre Ier" in mention.text


def test_articles_alone_do_not_stand_for_their_text() -> None:
    files = [(name, body) for name, body in files_of((DECRET,)) if "/article/" in name]
    body = pack_files(files)
    assert read_jorf(body, "jo").mentions == ()
    assert read_jorf(body, "jo").is_whole


def test_one_bad_file_costs_only_itself() -> None:
    files = [(n, b[:-9] if "/article/" in n and b"500" in b else b) for n, b in files_of()]
    delivery = read_jorf(pack_files(files), "jo")
    decret = said(delivery.mentions)[DECRET.id]
    assert decret.is_partial
    assert "500 €" not in decret.text
    assert not said(delivery.mentions)[ARRETE.id].is_partial
    assert len(delivery.troubles) == 1
    assert delivery.is_whole


def test_a_section_that_holds_itself_ends() -> None:
    loop = "JORFSCTA000000000001"
    links = f'<LIEN_SECTION_TA id="{loop}"/><LIEN_SECTION_TA id="{loop}"/>'
    files = [
        (name, body.replace(b"<STRUCT>", f"<STRUCT>{links}".encode()))
        for name, body in files_of((ARRETE,))
    ]
    section = (
        f"<SECTION_TA><TITRE_TA>Boucle</TITRE_TA><STRUCTURE_TA>{links}</STRUCTURE_TA></SECTION_TA>"
    )
    files.append((f"{STAMP}/section_ta/JORF/SCTA/00/{loop}.xml", section.encode()))
    (mention,) = read_jorf(pack_files(files), "jo").mentions
    assert mention.text.count("Boucle") == 1


def test_a_cut_archive_announces_nothing_that_it_may_hold() -> None:
    body = pack_files(files_of(), "w")
    delivery = read_jorf(body[: len(body) // 2], "jo")
    assert not delivery.is_whole
    assert LOI.id not in said(delivery.mentions)
    assert read_jorf(pack_files([("a/b.xml", b"<a/>")]), "jo").troubles == (
        "archive without any JORF file",
    )
    assert not read_jorf(body, "jo", Limits(total=2_000)).is_whole


WORDS = st.text("abc éà<&>\"' \n", max_size=40)


@given(title=WORDS.filter(str.strip), heading=WORDS, number=st.text("0123456789 bis", max_size=6))
def test_any_words_pass_through_both_editions(title: str, heading: str, number: str) -> None:
    text = Text(
        "JORFTEXT000054700009",
        title,
        inside=(Section(heading, (Article(number.strip(), "<p>a</p>"),)),),
    )
    parts = [f for f in Global().files((text,)) if "/conteneur/" not in f[0]]
    simple = read_delivery(pack_files([(f"x/{text.id}.xml", simple_text(text))]), "jo")
    full = read_jorf(pack_files(parts), "jo")
    assert said(simple.mentions) == said(full.mentions)
    assert len(full.mentions) == 1


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded files are not on this machine")
def test_recorded_files_are_read() -> None:
    version = (CORPUS / "JORFTEXT000027904809.xml").read_bytes()
    article = (CORPUS / "JORFARTI000054861446.xml").read_bytes()
    files = [
        (f"{STAMP}/texte/version/JORF/TEXT/00/JORFTEXT000027904809.xml", version),
        (f"{STAMP}/article/JORF/ARTI/00/JORFARTI000054861446.xml", article),
    ]
    (mention,) = read_jorf(pack_files(files), "jo").mentions
    assert mention.key == "JORFTEXT000027904809"
    assert "numero:decret-2013-776" in map(str, mention.identifiers)
    assert mention.is_partial
    text = article.replace(b"JORFARTI000054861446", b"JORFARTI000027904810").replace(
        b'cid="JORFTEXT000054861441"', b'cid="JORFTEXT000027904809"'
    )
    files.append((f"{STAMP}/article/JORF/ARTI/00/JORFARTI000027904810.xml", text))
    (mention,) = read_jorf(pack_files(files), "jo").mentions
    assert "Neurochirurgie | 2" in mention.text
