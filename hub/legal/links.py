"""What a text of law does to others: modifies, repeals, creates, applies, transposes, ratifies.

Each link carries the place that says it. A text is never said to do more than it says: having
another in its visas is citing it, and what is in the new wording of an article is no act of the
text that words it. « Modifié par » is the same link seen from the other text: see `invert`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hub.legal.amendments import find_changes, hide_quotes
from hub.legal.articles import find_whole_codes
from hub.legal.citations import find_citations
from hub.legal.linkkind import Link, LinkKind, invert
from hub.legal.norms import Citation, CitationKind, split_act
from hub.legal.plain import Plain, plain, visible_places
from hub.legal.titles import find_in_title, own_citation, targets
from hub.model import TextField

__all__ = ["Link", "LinkKind", "find_links", "invert"]

_THIS = r"(?:decret|arrete|ordonnance|loi|texte|deliberation)"
_TAKEN = re.compile(
    rf"(?<!\w){_THIS}\s{{1,4}}(?:est|a\s{{1,4}}ete)\s{{1,4}}pris[e]?\s{{1,4}}"
    r"(?:(?:en|pour\s{1,4}l')\s{0,4}application|sur\s{1,4}le\s{1,4}fondement)(?!\w)",
    re.ASCII,
)
_NOTICE_TAKEN = re.compile(
    r"(?<!\w)pris[e]?\s{1,4}(?:(?:en|pour\s{1,4}l')\s{0,4}application"
    r"|sur\s{1,4}le\s{1,4}fondement)(?!\w)",
    re.ASCII,
)
_TRANSPOSES = re.compile(
    rf"(?<!\w){_THIS}\s{{1,4}}(?:transpose|assure\s{{1,4}}la\s{{1,4}}transposition"
    r"|(?:vise|a\s{1,4}pour\s{1,4}objet)\s{1,4}(?:a\s{1,4}|de\s{1,4})transposer)(?!\w)",
    re.ASCII,
)
_NOTICE_TRANSPOSES = re.compile(r"(?<!\w)transpos(?:e|ant|er|ition)(?!\w)", re.ASCII)
_BY_THIS = re.compile(
    rf"(?P<verb>modifie|complete|cree|abroge)e?s?\s{{1,4}}par\s{{1,4}}(?:le|la|l')\s{{0,4}}present"
    rf"e?\s{{1,4}}{_THIS}(?!\w)"
    rf"|dans\s{{1,4}}(?:sa|leur)\s{{1,4}}redaction\s{{1,4}}issue\s{{1,4}}(?:du|de\s{{1,4}}la)"
    rf"\s{{1,4}}present[e]?\s{{1,4}}(?:{_THIS}|modification)(?!\w)",
    re.ASCII,
)
_BY_THIS_KINDS = {
    "cree": LinkKind.CREE,
    "abroge": LinkKind.ABROGE,
}
_BY_THIS_REACH = 300
_AFTER_REACH = 1000
_LONGEST_TITLE = 3000
"""Beyond it a title is no title."""
_SENTENCE_END = re.compile(r"\n|(?<!\W[lrda])(?<!\Wart)\.(?=\s)", re.ASCII)
_VISA = re.compile(r"^\s{0,4}vu\s", re.ASCII | re.MULTILINE)
_SUSVISE = re.compile(
    r"[^.;:\n]{0,60}?(?<!\w)(?:susvise|precite|vise\s{1,4}ci-dessus)e?s?(?!\w)", re.ASCII
)
_ABOUT = re.compile(
    r"\s{0,4}(?:(?:modifie|susvise)e?s?,?\s{1,4})?"
    r"(?P<about>(?:relatif|relative|fixant|portant|pris|prise|definissant|precisant|determinant"
    r"|concernant|instituant|etablissant|approuvant|homologuant|autorisant)s?\s[^;\n]{1,300})",
    re.ASCII,
)
_ABOUT_END = re.compile(
    r"(?<!\W[lrda])\.(?=\s|$)|,?\s(?:est|sont)\s|,?\s(?:et|ainsi\s{1,4}que)\s{1,4}(?:le|l'|la|les)"
    r"\s{0,4}(?:decret|arrete|loi|ordonnance)|\snotamment\s|,\s{0,4}$|\(",
    re.ASCII,
)
_ACTS = (
    CitationKind.LOI,
    CitationKind.LOI_ORGANIQUE,
    CitationKind.ORDONNANCE,
    CitationKind.DECRET,
    CitationKind.ARRETE,
)


def find_links(title: str, text: str, notice: str = "") -> tuple[Link, ...]:
    """The links of one text, in the order title, notice, text, then place; each once.

    What a field says again of one target is not repeated. `CITE` is what is cited and nothing
    more; the text itself is no target.
    """
    named = _read(title[:_LONGEST_TITLE])
    own = own_citation(named.citations)
    known = own.norm if own else ""
    body, summary = _read(text), _read(notice)
    visas = _visas(body)
    found = [
        *(_placed(link, named) for link in _of_title(named, own)),
        *(_placed(link, summary) for link in _of_notice(summary)),
        *(_placed(link, body) for link in _of_body(body, visas)),
    ]
    cited = [
        _placed(link, read)
        for read, where in (
            (named, TextField.TITLE),
            (summary, TextField.SUMMARY),
            (body, TextField.TEXT),
        )
        for link in _cited(read, where, visas)
    ]
    return _once(found, cited, known)


# --- What was read -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """A text without marks apart from their letter, plain, with its citations by place."""

    plain: str
    source: str
    whole: Plain
    citations: tuple[Citation, ...]
    targets: tuple[Citation, ...]
    """The citations, and the codes named for themselves."""


def _read(source: str) -> _Read:
    places = visible_places(source)
    seen = source if places is None else "".join(source[place] for place in places)
    text = plain(seen)
    citations = find_citations(seen)
    codes = tuple(find_whole_codes(text, citations))
    whole = Plain(text.text, source, places)
    return _Read(text.text, seen, whole, citations, tuple(sorted({*citations, *codes})))


def _placed(link: Link, read: _Read) -> Link:
    """The link with its places in the source."""
    if read.whole.places is None:
        return link
    start, end = read.whole.span(link.start, link.end)
    first, last = read.whole.span(link.target.start, link.target.end)
    words = read.whole.source[first:last]
    target = replace(link.target, start=first, end=last, words=words)
    return replace(link, target=target, start=start, end=end)


def _once(found: Sequence[Link], cited: Sequence[Link], own: str) -> tuple[Link, ...]:
    kept: dict[tuple[LinkKind, str], Link] = {}
    for link in found:
        if link.target.norm != own:
            key = (link.kind, link.target.norm)
            kept[key] = _richer(kept[key], link) if key in kept else link
    acted = {norm for _, norm in kept}
    for link in cited:
        if link.target.norm != own and link.target.norm not in acted:
            kept.setdefault((LinkKind.CITE, link.target.norm), link)
    fields = list(TextField)
    return tuple(sorted(kept.values(), key=lambda k: (fields.index(k.where), k.start, k.target)))


def _richer(first: Link, other: Link) -> Link:
    return first if first.about or not other.about else replace(first, about=other.about)


# --- Title and notice --------------------------------------------------------------------------


def _of_title(read: _Read, own: Citation | None) -> Iterator[Link]:
    others = tuple(c for c in read.targets if c != own)
    for kind, target, start in find_in_title(read.plain, read.source, others):
        about = _about(read, target)
        yield Link(kind, target, TextField.TITLE, start, target.end, about)


def _of_notice(read: _Read) -> Iterator[Link]:
    yield from _after(read, _NOTICE_TAKEN, LinkKind.APPLIQUE, TextField.SUMMARY)
    yield from _after(read, _NOTICE_TRANSPOSES, LinkKind.TRANSPOSE, TextField.SUMMARY)
    yield from _by_this(read, TextField.SUMMARY)


def _after(
    read: _Read, formula: re.Pattern[str], kind: LinkKind, where: TextField
) -> Iterator[Link]:
    for match in formula.finditer(read.plain):
        reach = min(len(read.plain), match.end() + _AFTER_REACH)
        sentence = _SENTENCE_END.search(read.plain, match.end(), reach)
        stop = sentence.start() if sentence else reach
        near = _between(read.citations, match.end(), stop)
        for target in targets(read.plain, match.end(), stop, near):
            yield Link(kind, target, where, match.start(), target.end, _about(read, target))


def _by_this(read: _Read, where: TextField) -> Iterator[Link]:
    """« Les dispositions du code de l'énergie modifiées par le présent décret peuvent … »."""
    for match in _BY_THIS.finditer(read.plain):
        near = _between(read.targets, match.start() - _BY_THIS_REACH, match.start())
        sentence = [c for c in near if not _SENTENCE_END.search(read.plain, c.end, match.start())]
        if sentence:
            kind = _BY_THIS_KINDS.get(match["verb"] or "", LinkKind.MODIFIE)
            target = sentence[-1]
            kind = LinkKind.MODIFIE if target.kind is CitationKind.LEGITEXT else kind
            yield Link(kind, target, where, target.start, match.end(), _about(read, target))


def _between(citations: Sequence[Citation], start: int, end: int) -> Sequence[Citation]:
    """Those that begin from `start` on and before `end`; they are in the order of places."""
    first = bisect_left(citations, start, key=_start)
    return citations[first : bisect_left(citations, end, key=_start)]


def _start(citation: Citation) -> int:
    return citation.start


# --- Body --------------------------------------------------------------------------------------


def _of_body(read: _Read, visas: _Visas) -> Iterator[Link]:
    yield from _after(read, _TAKEN, LinkKind.APPLIQUE, TextField.TEXT)
    yield from _after(read, _TRANSPOSES, LinkKind.TRANSPOSE, TextField.TEXT)
    yield from _by_this(read, TextField.TEXT)
    for change in find_changes(read.plain, read.targets):
        target, about = _resolve(read, change.target, visas)
        yield Link(change.kind, target, TextField.TEXT, change.start, change.end, about)


def _cited(read: _Read, where: TextField, visas: _Visas) -> Iterator[Link]:
    unquoted = hide_quotes(read.plain)
    known = visas if where is TextField.TEXT else _NO_VISAS
    for citation in read.citations:
        if not unquoted[citation.start : citation.end].isspace():
            target, about = _resolve(read, citation, known)
            yield Link(LinkKind.CITE, target, where, citation.start, citation.end, about)


@dataclass(frozen=True, slots=True)
class _Visas:
    """What « Vu … » names at the head of a line, by nature and day."""

    by_day: Mapping[tuple[str, date], tuple[Citation, ...]]
    end: int

    def of(self, citation: Citation) -> tuple[Citation, ...]:
        """What an act cited after the visas may be: of its nature, its day and its number."""
        prefix, number, day = _split(citation)
        if day is None or citation.start < self.end:
            return ()
        same = self.by_day.get((prefix, day), ())
        return tuple(visa for visa in same if not number or visa.norm == citation.norm)


_NO_VISAS = _Visas({}, 0)


def _visas(read: _Read) -> _Visas:
    by_day: dict[tuple[str, date], tuple[Citation, ...]] = {}
    at, end = 0, 0
    for match in _VISA.finditer(read.plain):
        line = _LINE.search(read.plain, match.end())
        end = line.start() if line else len(read.plain)
        while at < len(read.citations) and read.citations[at].start < end:
            citation = read.citations[at]
            prefix, _, day = _split(citation)
            if day and citation.start >= match.start():
                by_day[prefix, day] = (*by_day.get((prefix, day), ())[:_ENOUGH], citation)
            at += 1
    return _Visas(by_day, end)


_ENOUGH = 2
"""Of one nature and day: with a second, « susvisé » no longer says which."""
_LINE = re.compile(r"\n")


def _resolve(read: _Read, citation: Citation, visas: _Visas) -> tuple[Citation, str]:
    """« L'arrêté du 5 mai 2020 susvisé » is the one of the visas, if one alone has that day: it
    takes from there its number and what it is about (Guide de légistique, fiche 3.1.5, « Visas
    d'une ordonnance, d'un décret ou d'un arrêté »).
    """
    same = visas.of(citation)
    is_said = bool(_split(citation)[1]) or _SUSVISE.match(read.plain, citation.end)
    if len(same) != 1 or not is_said:
        return citation, _about(read, citation)
    return replace(citation, norm=same[0].norm), _about(read, same[0])


def _split(citation: Citation) -> tuple[str, str, date | None]:
    return split_act(citation.norm) if citation.kind in _ACTS else ("", "", None)


def _about(read: _Read, citation: Citation) -> str:
    """« relatif à … », as written after an act; "" after an article of a code or an identifier."""
    if citation.kind not in _ACTS:
        return ""
    match = _ABOUT.match(read.plain, citation.end)
    if match is None:
        return ""
    start, end = match.span("about")
    if stop := _ABOUT_END.search(read.plain, start, end):
        end = stop.start()
    return " ".join(read.source[start:end].split())
