from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ParseError
from hub.legal.dole import parse_dossier, read_dole
from tests.archives import pack_files

NAME = "JORFDOLE000047533100"
DOSSIER = f"""<?xml version="1.0" encoding="UTF-8"?>
<DOSSIER_LEGISLATIF><META><META_COMMUN><ID>{NAME}</ID><ANCIEN_ID/><ORIGINE>JORF</ORIGINE>
<URL>dole/JORF/DOLE/00/00/47/53/31/{NAME}.xml</URL></META_COMMUN>
<META_DOSSIER_LEGISLATIF><TITRE>LOI n° 2020-105 du 10 février 2020 relative à la lutte contre le
gaspillage et à l'économie circulaire</TITRE><TYPE>LOI_PUBLIEE</TYPE>
<DATE_CREATION>2019-07-10</DATE_CREATION>
<DATE_DERNIERE_MODIFICATION>2026-09-02 10:12:00</DATE_DERNIERE_MODIFICATION>
<LEGISLATURE><NUMERO>15</NUMERO><LIBELLE>XVe législature</LIBELLE></LEGISLATURE>
<ID_TEXTE_1>JORFTEXT000041553759</ID_TEXTE_1><ID_TEXTE_2/></META_DOSSIER_LEGISLATIF></META>
<CONTENU><ARBORESCENCE><NIVEAU id="1" libelle="Travaux préparatoires">
<LIEN id="2" libelle="Sénat" lien="https://www.senat.fr/dossier">Projet de loi n° 660</LIEN>
</NIVEAU></ARBORESCENCE>
<LIBELLE_TEXTE_1>Texte de la loi</LIBELLE_TEXTE_1>
<EXPOSE_MOTIF>&lt;p&gt;Mesdames, Messieurs,&lt;/p&gt;&lt;p&gt;Le gaspillage &amp;amp; les
déchets.&lt;/p&gt;</EXPOSE_MOTIF>
<CONTENU_DOSSIER_1><p>La loi prévoit<br/>la reprise sans frais.</p></CONTENU_DOSSIER_1>
<ECHEANCIER derniere_maj="2026-09-01"><LIGNE><ARTICLE>Article 72, 4°</ARTICLE>
<BASE_LEGALE>Article L. 541-10-23, code de l'environnement</BASE_LEGALE>
<CID_LOI_CIBLE>JORFTEXT000041553759</CID_LOI_CIBLE>
<OBJET>Conditions de reprise</OBJET><DATE_PREVUE>Juin 2026</DATE_PREVUE>
<DECRET>Décret n° 2021-1941 du 31/12/2021</DECRET><NUMERO_ORDRE>1</NUMERO_ORDRE></LIGNE>
</ECHEANCIER></CONTENU></DOSSIER_LEGISLATIF>""".encode()


def test_a_dossier_is_followed_as_a_page() -> None:
    mention = parse_dossier(DOSSIER, "dole")
    assert (mention.key, mention.is_watched) == (NAME, True)
    assert mention.url == f"https://www.legifrance.gouv.fr/dossierlegislatif/{NAME}/"
    assert mention.title.endswith("contre le gaspillage et à l'économie circulaire")
    assert mention.text.split("\n\n") == [
        "Travaux préparatoires",
        "Sénat : Projet de loi n° 660",
        "Mesdames, Messieurs,",
        "Le gaspillage & les déchets.",
        "La loi prévoit",
        "la reprise sans frais.",
        (
            "Article 72, 4° | Article L. 541-10-23, code de l'environnement | Conditions de reprise"
            " | Juin 2026 | Décret n° 2021-1941 du 31/12/2021"
        ),
    ]
    assert mention.extra == {
        "legislature": "15",
        "texts": ["JORFTEXT000041553759"],
        "modified_on": "2026-09-02",
        "echeancier": [
            {
                "article": "Article 72, 4°",
                "base": "Article L. 541-10-23, code de l'environnement",
                "objet": "Conditions de reprise",
                "prevue": "Juin 2026",
                "decret": "Décret n° 2021-1941 du 31/12/2021",
                "loi": "JORFTEXT000041553759",
            }
        ],
    }


def test_a_dossier_is_not_the_item_of_its_law() -> None:
    mention = parse_dossier(DOSSIER, "dole")
    assert (mention.identifiers, mention.published_on) == ((), None)


def test_id_and_title_are_enough() -> None:
    body = (
        f"<DOSSIER_LEGISLATIF><META><META_COMMUN><ID>{NAME}</ID></META_COMMUN>"
        "<META_DOSSIER_LEGISLATIF><TITRE>Projet de loi</TITRE></META_DOSSIER_LEGISLATIF></META>"
        "</DOSSIER_LEGISLATIF>"
    ).encode()
    mention = parse_dossier(body, "dole")
    assert (mention.title, mention.text, mention.extra) == ("Projet de loi", "", {})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (DOSSIER.replace(NAME.encode(), b"JORFTEXT000047533100"), "without id"),
        (DOSSIER.replace(b"<TITRE>", b"<AUTRE>").replace(b"</TITRE>", b"</AUTRE>"), "or title"),
        (b"<TEXTE/>", "expected 'DOSSIER_LEGISLATIF'"),
        (DOSSIER[:-5], "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><DOSSIER_LEGISLATIF/>', "DTD"),
    ],
)
def test_a_dossier_that_is_none_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse_dossier(body, "dole")


def test_a_delivery_gives_what_can_be_read() -> None:
    other = DOSSIER.replace(b"047533100", b"047533200")
    files = [
        (f"20260902-203012/dole/global/JORF/DOLE/00/{NAME}.xml", DOSSIER),
        ("20260902-203012/dole/global/JORF/DOLE/00/JORFDOLE000047533200.xml", other),
        ("20260902-203012/dole/global/JORF/DOLE/00/JORFDOLE000047533300.xml", b"<DOSSIER"),
        ("liste_suppression_dole.dat", b"dole/global/JORF/DOLE/00/JORFDOLE000000000001\n"),
    ]
    delivery = read_dole(pack_files(files), "dole")
    assert [m.key[-4:] for m in delivery.mentions] == ["3100", "3200"]
    assert [t.split(":")[0] for t in delivery.troubles] == ["JORFDOLE000047533300.xml"]
    assert delivery.is_whole
    cut = read_dole(pack_files(files, "w")[:4_000], "dole")
    assert ([m.key for m in cut.mentions], cut.is_whole) == ([NAME], False)
    assert read_dole(pack_files([]), "dole").troubles == ("archive without any DOLE file",)


@given(st.text(max_size=200))
def test_any_exposition_is_read_as_text(words: str) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in words if c.isprintable())
    body = DOSSIER.replace(b"Messieurs", escaped.encode())
    text = parse_dossier(body, "dole").text
    assert "Juin 2026" in text
    assert "\n\n\n" not in text
