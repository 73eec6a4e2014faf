"""Public contracts on Opendatasoft: one reading of the fields per data set.

Only fields seen in recorded answers are read.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import urlencode

from hub.legal.references import normalise, official_url
from hub.model import Mention, Scheme
from hub.text import canonical_url, format_moment, parse_date, short_hash
from spiders.json_api.fields import (
    Outcome,
    Paper,
    Record,
    day_at,
    key_at,
    label_at,
    list_at,
    moment_at,
    page_at,
    without_blanks,
    word,
)
from spiders.reading import SUMMARY_LIMIT, TEXT_LIMIT, TITLE_LIMIT, cut, plain, plausible

EXPORT = "/exports/json"

# --- BOAMP -------------------------------------------------------------------------------------


def read_boamp(record: Record, paper: Paper) -> Outcome:
    """One notice. The buyer's deadline is a fact, kept with its hour; an absurd one is left out."""
    identifier = normalise(Scheme.BOAMP, plain(record.get("idweb")))
    title = plain(record.get("objet"))
    if identifier is None or not title:
        return None, [f"notice without {'idweb' if identifier is None else 'objet'}"]
    day, ails = day_at(record, "dateparution")
    deadline = moment_at(record, "datelimitereponse")
    buyer = plain(record.get("nomacheteur"))
    mention = Mention(
        source_id=paper.source_id,
        key=identifier.value,
        url=page_at(record, "url_avis", "boamp.fr") or official_url(identifier),
        title=cut(title, TITLE_LIMIT),
        summary=cut(_boamp_summary(record, buyer, deadline), SUMMARY_LIMIT),
        published_on=day,
        nature=label_at(record, "nature"),
        rubrique=label_at(record, "nature_libelle"),
        identifiers=(identifier,),
        extra=without_blanks(
            buyer=buyer,
            deadline=deadline.isoformat() if deadline else "",
            type_marche=list_at(record, "type_marche"),
            criteres=list_at(record, "criteres"),
            descripteurs=list_at(record, "descripteur_libelle"),
            departements=list_at(record, "code_departement"),
            titulaire=list_at(record, "titulaire"),
            annonce_lie=list_at(record, "annonce_lie"),
            famille=plain(record.get("famille")),
            procedure=plain(record.get("procedure_libelle")),
        ),
    )
    return mention, ails


def _boamp_summary(record: Record, buyer: str, deadline: datetime | None) -> str:
    return _say(
        {
            "Acheteur": buyer,
            "Marché": ", ".join(list_at(record, "type_marche_facette")),
            "Objet": ", ".join(list_at(record, "descripteur_libelle")),
            "Critères": ", ".join(list_at(record, "criteres")),
            "Date limite de réponse": format_moment(deadline) if deadline else "",
        }
    )


def _say(parts: dict[str, str]) -> str:
    return "\n\n".join(f"{name}\u00a0: {value}." for name, value in parts.items() if value)


# --- APProch -----------------------------------------------------------------------------------


def read_approch(record: Record, paper: Paper) -> Outcome:
    """One project of purchase. No page of its own is known: its address is the API's answer for
    its code. The date of publication it gives is a forecast, not a publication.
    """
    key = word(record.get("code"))
    title = plain(record.get("libelle"))
    if not re.fullmatch(r"[\w-]{1,40}", key) or not title:
        return None, [f"project without {'libelle' if not title else 'code'}"]
    description = plain(record.get("description"))
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=_row_url(paper.url, f"code={key}"),
        title=cut(title, TITLE_LIMIT),
        text=cut(description, TEXT_LIMIT) if description != title else "",
        nature="PROJET_ACHAT",
        rubrique=label_at(record, "categorie_d_achat"),
        extra=without_blanks(
            deadline=_iso_at(record, "date_cible_de_remise_des_offres"),
            publication_prevue=_iso_at(record, "date_previsionnelle_de_publication"),
            buyer_siren=_siren(record.get("siren_de_l_entite_acheteuse")),
            montant=plain(record.get("montant_estime_du_marche")),
            cpv=plain(record.get("code_s_cpv")),
            departements=plain(record.get("departement_s_d_execution_du_marche")).split("|"),
            marche_reserve=plain(record.get("marche_reserve")),
            considerations_sociales=plain(record.get("considerations_sociales")),
            considerations_environnementales=plain(record.get("considerations_environnementales")),
            marche_de_l_inclusion=plain(
                record.get("a_publier_sur_le_site_du_marche_de_l_inclusion")
            ),
        ),
    )
    return mention, []


def _row_url(url: str, where: str) -> str:
    """The API's own answer for one row, where a data set has no page for it."""
    records = url.split("?")[0].removesuffix(EXPORT).removesuffix("/records")
    return canonical_url(f"{records}/records?{urlencode({'where': where})}")


def _iso_at(record: Record, name: str) -> str:
    day: date | None = plausible(parse_date(plain(record.get(name))))
    return day.isoformat() if day else ""


def _siren(value: object) -> str:
    """A number in the data, so that its leading zeros are lost."""
    return f"{value:09d}" if isinstance(value, int) and 0 < value < 10**9 else ""


# --- DECP --------------------------------------------------------------------------------------

MISSING = "CDL"
"""What the publisher writes where a buyer gave no value."""


def read_decp(record: Record, paper: Paper) -> Outcome:
    """One contract that was awarded. Its number is the buyer's own: the buyer is in the key. The
    same contract comes back on several rows, one for each modification.
    """
    known = {name: value for name, value in record.items() if value != MISSING}
    title, buyer, number = (
        plain(known.get("objet")),
        key_at(known, "acheteur_id"),
        word(known.get("id")),
    )
    if not title or not re.fullmatch(r"\d{9,14}", buyer):
        return None, [f"contract without {'objet' if not title else 'acheteur_id'}"]
    day, ails = day_at(known, "datenotification")
    amount = known.get("montant")
    key = f"{buyer}-{number or short_hash(f'{title} {day}')}"
    if len(key) > 100:
        key = f"{buyer}-{short_hash(number, 16)}"
    holders = [name for rank in (1, 2, 3) for name in list_at(known, f"titulaire_id_{rank}")]
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=_row_url(paper.url, _decp_where(buyer, number, title)),
        title=cut(title, TITLE_LIMIT),
        summary=cut(_decp_summary(known, amount), SUMMARY_LIMIT),
        published_on=day,
        nature="ATTRIBUTION",
        rubrique=label_at(known, "nature"),
        extra=without_blanks(
            buyer_siret=buyer,
            titulaires=holders,
            montant=word(amount),
            cpv=word(known.get("codecpv")),
            procedure=plain(known.get("procedure")),
            lieu=word(known.get("lieuexecution_code")),
            duree_mois=word(known.get("dureemois")),
            considerations_sociales=list_at(known, "considerationssociales"),
            considerations_environnementales=list_at(known, "considerationsenvironnementales"),
        ),
    )
    return mention, ails


def _decp_summary(record: Record, amount: object) -> str:
    return _say(
        {
            "Procédure": plain(record.get("procedure")),
            "Montant": f"{word(amount)}\u00a0€ HT" if word(amount) else "",
            "Durée": f"{word(record.get('dureemois'))} mois"
            if word(record.get("dureemois"))
            else "",
            "Considérations sociales": ", ".join(list_at(record, "considerationssociales")),
            "Considérations environnementales": ", ".join(
                list_at(record, "considerationsenvironnementales")
            ),
        }
    )


def _decp_where(buyer: str, number: str, title: str) -> str:
    """Quotes and backslashes would end the value: a number that holds one is looked for by name."""
    safe = re.sub(r'["\\]', " ", number or cut(title, 100))
    field = "id" if number else "objet"
    return f'acheteur_id="{buyer}" and {field}="{cut(safe, 200)}"'


READERS = {"boamp": read_boamp, "approch": read_approch, "decp": read_decp}
