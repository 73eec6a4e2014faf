"""« Avant / après » as people read it: text for a letter or a terminal, HTML for a page. Pure.

The HTML stands alone and prints in black and white: what is removed is struck through, what is
added underlined (what browsers do with <del> and <ins>), each change bears its label, and words for
screen readers stand inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from hub.changes import Op
from hub.legal.avant_apres import Alinea, Comparison, Fate
from hub.legal.pairs import Move
from hub.legal.versions import ArticleVersion, Etat, Link
from hub.legal.wording import Piece
from hub.messages import typeset
from hub.text import format_date

_LABELS = {
    Fate.SAME: "Identique",
    Fate.CHANGED: "Modifié",
    Fate.RENUMBERED: "Renuméroté",
    Fate.ADDED: "Ajouté",
    Fate.REMOVED: "Supprimé",
}
_NO_BEFORE = {
    Move.CREATED: "L’article n’existait pas.",
    Move.UNCHANGED: "Aucune rédaction ne s’appliquait.",
}
_NO_AFTER = {
    Move.REPEALED: "L’article ne s’applique plus.",
    Move.TRANSFERRED: "L’article a été déplacé : son contenu est ailleurs.",
    Move.UNCHANGED: "Aucune rédaction ne s’appliquait.",
}
_UNREAD = "Cette rédaction n’est pas connue de nous."
_MARKS = {Op.RETRAIT: ("[-", "-]"), Op.AJOUT: ("{+", "+}"), Op.EGAL: ("", "")}
_TAGS = {Op.RETRAIT: ("del", "supprimé : "), Op.AJOUT: ("ins", "ajouté : ")}


def describe(version: ArticleVersion) -> str:
    """« version en vigueur du 1er juillet 2021 au 1er mai 2026 »."""
    start, end = version.start, version.end
    if start is None:
        return "version dont la date d’entrée en vigueur n’est pas connue"
    if end is not None:
        return f"version en vigueur du {format_date(start)} au {format_date(end)}"
    since = "à partir du" if version.state == Etat.VIGUEUR_DIFF else "depuis le"
    return f"version en vigueur {since} {format_date(start)}"


def describe_links(links: Iterable[Link], word: str) -> str:
    """« issue de : Décret n° 2026-200 du 20 mars 2026 - art. 3 »; "" when no text is named."""
    names = ", ".join(dict.fromkeys(name_of(link) for link in links))
    return f"{word} : {names}" if names else ""


def name_of(link: Link) -> str:
    """The title of a text, else what identifies it."""
    number = f"{link.nature.lower()} n° {link.number}".strip() if link.number else ""
    return link.title.replace("n°", "n° ").replace("n°  ", "n° ") or number or link.nor or link.text


# --- Text --------------------------------------------------------------------------------------


def to_text(comparison: Comparison) -> str:
    """Paragraphs: the article, its two versions, then what changed: `[-removed-] {+added+}`."""
    lines = [comparison.title] if comparison.title else []
    lines += [
        f"Avant : {', '.join(_about(comparison, is_after=False))}",
        f"Après : {', '.join(_about(comparison, is_after=True))}",
    ]
    lines += _notes(comparison)
    alone = _only_wording(comparison)
    body = alone or [_told(rows, is_news) for is_news, rows in _folded(comparison)]
    return "\n\n".join([typeset("\n".join(lines)), *body])


def _told(rows: Sequence[Alinea], is_news: bool) -> str:
    if not is_news:
        return typeset(_fold_words(len(rows)))
    return "\n\n".join(_told_one(row) for row in rows)


def _told_one(row: Alinea) -> str:
    label = "(déplacé) " if row.is_moved else ""
    words = "".join(f"{_MARKS[p.op][0]}{p.text}{_MARKS[p.op][1]}" for p in row.pieces)
    return label + words.replace("-]{+", "-] {+")


# --- HTML --------------------------------------------------------------------------------------


def to_html(comparison: Comparison, *, level: int = 3) -> str:
    """A section with two columns, « Avant » and « Après » (headings of that level): only the
    alinéas that changed. All that comes from outside is escaped.
    """
    name = f"Avant et après, {comparison.title}" if comparison.title else "Avant et après"
    parts = [
        f'<section class="ava" aria-label="{_escape(name)}">',
        _columns(
            f"<h{level}>Avant</h{level}>{_paragraphs(_about(comparison, is_after=False))}",
            f"<h{level}>Après</h{level}>{_paragraphs(_about(comparison, is_after=True))}",
        ),
        *(f'<p class="ava-note">{_escape(note)}</p>' for note in _notes(comparison)),
        *_body(comparison),
        "</section>",
    ]
    return "\n".join(parts)


def _body(comparison: Comparison) -> Iterator[str]:
    """One wording alone is shown as it is: to mark each of its words would say nothing."""
    if alone := _only_wording(comparison):
        words = _paragraphs(alone)
        yield _columns("", words) if comparison.after else _columns(words, "")
        return
    for is_news, rows in _folded(comparison):
        if is_news:
            yield from (_row(row) for row in rows)
        else:
            yield f'<p class="ava-pli">{_escape(_fold_words(len(rows)))}</p>'


def _row(row: Alinea) -> str:
    old = "" if row.was is None else f"<p>{_marked(row.side(Op.AJOUT))}</p>"
    new = "" if row.now is None else f"<p>{_marked(row.side(Op.RETRAIT))}</p>"
    return f'<p class="ava-sort"><b>{label_of(row)}</b></p>\n{_columns(old, new)}'


def label_of(row: Alinea) -> str:
    """« Modifié », « Renuméroté et déplacé »..."""
    if not row.is_moved:
        return _LABELS[row.fate]
    return "Déplacé" if row.fate is Fate.SAME else f"{_LABELS[row.fate]} et déplacé"


def _marked(pieces: Sequence[Piece]) -> str:
    """A space around a change is not marked."""
    out = []
    for piece in pieces:
        if piece.op is Op.EGAL:
            out.append(_escape(piece.text))
        else:
            tag, word = _TAGS[piece.op]
            hidden = f'<span class="h-sr">{_escape(word)}</span>'
            out.append(f"<{tag}>{hidden}{_escape(piece.text)}</{tag}>")
    return "".join(out)


def _columns(left: str, right: str) -> str:
    return f'<div class="h-ava"><div>{left}</div><div>{right}</div></div>'


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{_escape(text)}</p>" for text in texts)


def _escape(text: str) -> str:
    return escape(typeset(text))


# --- Both --------------------------------------------------------------------------------------


def _about(comparison: Comparison, *, is_after: bool) -> list[str]:
    """What stands under a heading: the life of the version, and the text that made it."""
    version = comparison.after if is_after else comparison.before
    if version is None:
        absent = (_NO_AFTER if is_after else _NO_BEFORE).get(comparison.move, _UNREAD)
        other = comparison.before if is_after else None
        closing = [link for link in (other.changed_by if other else ()) if link.closes]
        word = "déplacé par" if comparison.move is Move.TRANSFERRED else "abrogé par"
        return [absent, *filter(None, [describe_links(closing, word)])]
    opening = [link for link in version.changed_by if not link.closes]
    return [describe(version), *filter(None, [describe_links(opening, "issue de")])]


def _only_wording(comparison: Comparison) -> tuple[str, ...]:
    """The wording of the one version that there is; nothing when there are two."""
    if comparison.before and comparison.after:
        return ()
    return tuple(text for text in _alone(comparison) if not _is_note(text))


def _alone(comparison: Comparison) -> tuple[str, ...]:
    version = comparison.after or comparison.before
    return version.text if version else ()


def _notes(comparison: Comparison) -> list[str]:
    """What is to be known, ours then the publisher's: « [Dispositions déclarées non conformes à la
    Constitution…] » stands between brackets, among the alinéas but not of the law.
    """
    same = [_words(row) for row in comparison.alineas if not row.is_news]
    texts = same if comparison.before and comparison.after else _alone(comparison)
    said = [text[1:-1].strip() for text in texts if _is_note(text)]
    return list(dict.fromkeys([*comparison.notes, *said]))


def _is_note(text: str) -> bool:
    is_between = text.startswith("[") and text.endswith("]") and text.count("[") == 1
    return is_between and len(text.split()) > 3  # « [image] » stands for something


def _folded(comparison: Comparison) -> Iterator[tuple[bool, list[Alinea]]]:
    """Runs of alinéas that changed, and of those that did not; notes apart."""
    rows = [row for row in comparison.alineas if row.is_news or not _is_note(_words(row))]
    for is_news, run in groupby(rows, key=lambda row: row.is_news):
        yield is_news, list(run)


def _words(row: Alinea) -> str:
    return "".join(piece.text for piece in row.pieces)


def _fold_words(count: int) -> str:
    many = "s" if count > 1 else ""
    return f"[…] {count} alinéa{many} inchangé{many}, non repris"
