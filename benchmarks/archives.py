"""Seeded JORFSIMPLE archives: one Journal officiel each, in the shape that DILA delivers.

About one text in thirty concerns the hub's subjects; the rest is what fills the Journal officiel:
appointments, delegations of signature, extended agreements, disasters, vacancies.
"""

from __future__ import annotations

import gzip
import io
import math
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape, quoteattr

from benchmarks.french import MINISTERES, Writer
from hub.text import format_date

TEXTS_IN_ONE = 80
MEDIAN_SIZE = 6_000
SPREAD = 0.75
"""Of the logarithm of the sizes: one text in a hundred is beyond 30 kB."""
FRAME = 1_900
"""Characters of XML around the words of a short text."""
OURS = 0.03
FIRST_DAY = date(2024, 1, 2)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of text: `share` of the whole, where the summary files it, how it speaks."""

    share: int
    nature: str
    rubrique: str
    title: str
    visa: str
    sentence: str


_KINDS = (
    _Kind(
        45,
        "ARRETE",
        "Mesures nominatives",
        "Arrêté du {day} portant nomination ({town})",
        "Vu le décret n° 85-986 du 16 septembre 1985 relatif au régime particulier de certaines "
        "positions des fonctionnaires de l'État",
        "{person}, administrateur de l'État du deuxième grade, est affecté à {town} pour une durée "
        "de {n} mois à compter du {day}.",
    ),
    _Kind(
        18,
        "DECISION",
        "Textes généraux",
        "Décision du {day} portant délégation de signature (service de {town})",
        "Vu le décret n° 2005-850 du 27 juillet 2005 relatif aux délégations de signature des "
        "membres du Gouvernement, notamment son article 3",
        "Délégation est donnée à {person}, attaché d'administration, à l'effet de signer, dans la "
        "limite de ses attributions, tous actes, contrats et décisions relatifs au service de "
        "{town}.",
    ),
    _Kind(
        15,
        "ARRETE",
        "Conventions collectives",
        "Arrêté du {day} portant extension d'un avenant à la convention collective n° {n}",
        "Vu le code du travail, notamment ses articles L. 2261-15 et L. 2261-24",
        "Sont rendues obligatoires, pour tous les employeurs et tous les salariés compris dans son "
        "champ d'application, les stipulations de l'avenant n° {n} du {day}.",
    ),
    _Kind(
        12,
        "ARRETE",
        "Textes généraux",
        "Arrêté du {day} portant reconnaissance de l'état de catastrophe naturelle ({town})",
        "Vu le code des assurances, notamment ses articles L. 122-7, L. 125-1 à L. 125-7",
        "Les dommages causés par les inondations et coulées de boue du {day} dans la commune de "
        "{town} sont constatés, pour {n} déclarations.",
    ),
    _Kind(
        10,
        "AVIS",
        "Avis et communications",
        "Avis du {day} de vacance d'un emploi de direction à {town}",
        "Vu le décret n° 2019-1594 du 31 décembre 2019 relatif aux emplois de direction de l'État",
        "Le titulaire de cet emploi encadre {n} agents à {town} ; les candidatures sont transmises "
        "avant le {day}.",
    ),
)
_OUR_KIND = _Kind(
    0,
    "DECRET",
    "Textes généraux",
    "Décret n° {year}-{n} du {day} relatif à : {subject}",
    "Vu le code de l'environnement, notamment ses articles L. 541-10-1 et R. 543-290-3",
    "{ours}",
)


@dataclass(frozen=True, slots=True)
class _Text:
    id: str
    rubrique: str
    ministere: str
    title: str
    xml: str


def write_archives(folder: Path, texts: int, seed: int) -> list[Path]:
    """Write archives that hold `texts` texts in all, oldest first."""
    writer = Writer(Random(seed))  # noqa: S311 - seeded words, no secret
    paths = []
    for number, start in enumerate(range(0, texts, TEXTS_IN_ONE)):
        day = FIRST_DAY + timedelta(days=number)
        stamp = f"{day:%Y%m%d}-003035"
        path = folder / f"JORFSIMPLE_{stamp}.tar.gz"
        count = min(TEXTS_IN_ONE, texts - start)
        path.write_bytes(_pack(stamp, _files(writer, day, number, start, count)))
        paths.append(path)
    return paths


def _pack(stamp: str, files: Iterator[tuple[str, str]]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, xml in files:
            body = xml.encode()
            member = tarfile.TarInfo(f"{stamp}/{name}")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return gzip.compress(raw.getvalue(), compresslevel=6, mtime=0)


def _files(
    writer: Writer, day: date, number: int, start: int, count: int
) -> Iterator[tuple[str, str]]:
    digits = f"{54_000_000 + number:012d}"
    pairs = "/".join(digits[place : place + 2] for place in range(0, 10, 2))
    container = f"JORFCONT{digits}"
    folder = f"jorf/simple/JORF/CONT/{pairs}/{container}"
    issue = f"{number + 1:04d}"
    texts = [
        _make_text(writer, day, container, issue, start + rank, rank)
        for rank in range(1, count + 1)
    ]
    yield f"{folder}/{container}.xml", _summary(day, container, issue, texts)
    for text in texts:
        yield f"{folder}/{text.id}.xml", text.xml


# --- Summary -----------------------------------------------------------------------------------


def _summary(day: date, container: str, issue: str, texts: list[_Text]) -> str:
    levels = "\n".join(
        f'<TM niv="3">\n<TITRE_TM>{rubrique}</TITRE_TM>\n{_by_ministere(inside)}\n</TM>'
        for rubrique in sorted({text.rubrique for text in texts})
        if (inside := [text for text in texts if text.rubrique == rubrique])
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<JO>
<ID>{container}</ID>
<ID_ELI>https://www.legifrance.gouv.fr/eli/jo/{day.year}/{day.month}/{day.day}/{issue}</ID_ELI>
<ANCIEN_ID/>
<ORIGINE>JORF</ORIGINE>
<NATURE>JO</NATURE>
<TITRE>{_issue_title(day, issue)}</TITRE>
<NUM>{issue}</NUM>
<DATE_PUBLI>{day.isoformat()}</DATE_PUBLI>
<STRUCTURE_TXT>
<TM niv="1">
<TITRE_TM>Journal officiel "Lois et Décrets"</TITRE_TM>
<TM niv="2">
<TITRE_TM>Décrets, arrêtés, circulaires</TITRE_TM>
{levels}
</TM>
</TM>
</STRUCTURE_TXT>
</JO>
"""


def _by_ministere(texts: list[_Text]) -> str:
    return "\n".join(
        f'<TM niv="4">\n<TITRE_TM>{ministere}</TITRE_TM>\n{_links(inside)}\n</TM>'
        for ministere in MINISTERES
        if (inside := [text for text in texts if text.ministere == ministere])
    )


def _links(texts: list[_Text]) -> str:
    return "\n".join(
        f'<LIEN_TXT idtxt="{text.id}" titretxt={quoteattr(text.title)}/>' for text in texts
    )


def _issue_title(day: date, issue: str) -> str:
    return f"JORF n°{issue} du {_plain(day)}"


# --- Texts -------------------------------------------------------------------------------------


def _make_text(
    writer: Writer, day: date, container: str, issue: str, number: int, rank: int
) -> _Text:
    subject, ours = writer.our_subject()
    is_ours = writer.random.random() < OURS
    kind = _OUR_KIND if is_ours else writer.random.choices(_KINDS, [k.share for k in _KINDS])[0]
    signed = day - timedelta(days=writer.number(1, 20))
    facts = {"subject": subject, "ours": ours, "year": str(day.year)}
    text_id = f"JORFTEXT{50_000_000 + number:012d}"
    title = _fill(writer, kind.title.replace("{day}", _plain(signed)), facts)
    ministere = writer.pick(MINISTERES)
    size = MEDIAN_SIZE * math.exp(writer.random.gauss(0, SPREAD))
    articles = _articles(writer, kind, facts, int(size) - FRAME)
    nor = f"{'ABCDEFGH'[MINISTERES.index(ministere)]}RMX{number % 10_000_000:07d}A"
    head = _head(kind, text_id, title, nor, signed, _origin(day, container, issue, rank))
    names = f"<AUTORITE/>\n<MINISTERE>{ministere}</MINISTERE>\n<MCS_TEXT/>\n<LIENS/>\n"
    notice = f"<p>Notice : {escape(ours)}</p>" if is_ours else ""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<TEXTE>\n{head}{names}'
        f"<NOTICE><CONTENU>{notice}</CONTENU></NOTICE>\n"
        f'<VISAS><CONTENU>\n<p align="left">\n<br/>{escape(kind.visa)} ;<br/>Arrête :</p>\n'
        f"</CONTENU></VISAS>\n<ABRO><CONTENU/></ABRO>\n<RECT><CONTENU/></RECT>\n"
        f"<SM><CONTENU/></SM>\n<TP><CONTENU/></TP>\n<STRUCT>\n{articles}\n<SIGNATAIRES><CONTENU>"
        f"<p>Fait le {_plain(signed)}.</p><p>{writer.person()}</p></CONTENU></SIGNATAIRES>\n"
        '</STRUCT>\n<ENTREPRISE texte_entreprise="non"><DATES_EFFET/><DOMAINES/></ENTREPRISE>\n'
        "</TEXTE>\n"
    )
    return _Text(text_id, kind.rubrique, ministere, title, xml)


def _head(
    kind: _Kind, text_id: str, title: str, nor: str, signed: date, origin: tuple[str, str]
) -> str:
    eli = f"https://www.legifrance.gouv.fr/eli/{kind.nature.lower()}/{signed.year}/{nor}/jo/texte"
    number = title.split(" ")[2] if kind.nature == "DECRET" else ""
    place, published = origin
    return (
        f"<ID>{text_id}</ID>\n<ID_ELI>{eli}</ID_ELI>\n<ANCIEN_ID/>\n<ORIGINE>JORF</ORIGINE>\n"
        f"<NATURE>{kind.nature}</NATURE>\n<NUM>{number}</NUM>\n{place}<NOR>{nor}</NOR>\n"
        f"{published.format(signed=signed.isoformat())}"
        f"<TITRE>{escape(title.split(' relatif')[0])}</TITRE>\n"
        f"<TITREFULL>{escape(title)}</TITREFULL>\n"
    )


def _origin(day: date, container: str, issue: str, rank: int) -> tuple[str, str]:
    """What stands before the NOR, and after it."""
    place = f"<NUM_PARUTION>{issue}</NUM_PARUTION>\n<NUM_SEQUENCE>{rank}</NUM_SEQUENCE>\n"
    return place, (
        f"<DATE_PUBLI>{day.isoformat()}</DATE_PUBLI>\n<DATE_TEXTE>{{signed}}</DATE_TEXTE>\n"
        f'<ORIGINE_PUBLI id="{container}">{_issue_title(day, issue)}</ORIGINE_PUBLI>\n'
        "<PAGE_DEB_PUBLI/>\n<PAGE_FIN_PUBLI/>\n"
    )


def _articles(writer: Writer, kind: _Kind, facts: dict[str, str], length: int) -> str:
    """At least one article, then as many as the length asks for."""
    articles: list[str] = []
    while not articles or sum(map(len, articles)) < length:
        articles.append(_article(writer, kind, facts, len(articles) + 1))
    return "\n".join(articles)


def _article(writer: Writer, kind: _Kind, facts: dict[str, str], number: int) -> str:
    said = [_fill(writer, kind.sentence, facts) for _ in range(writer.number(1, 5))]
    said += writer.sentences(writer.number(50, 600)) if number % 2 == 0 else []
    body = "<br/>".join(map(escape, said))
    return (
        f"<ARTICLE>\n<ID/>\n<NUM>{number}</NUM>\n<DATE_DEBUT>2999-01-01</DATE_DEBUT>\n"
        "<DATE_FIN>2999-01-01</DATE_FIN>\n<SM><CONTENU/></SM>\n<BLOC_TEXTUEL><CONTENU>\n<p>\n"
        f"<br/>{body}</p>\n</CONTENU></BLOC_TEXTUEL>\n<LIENS/>\n</ARTICLE>"
    )


def _fill(writer: Writer, pattern: str, facts: dict[str, str]) -> str:
    for name, value in {**facts, "person": writer.person()}.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return writer.fill(pattern)


def _plain(day: date) -> str:
    return format_date(day).replace("\u00a0", " ")
