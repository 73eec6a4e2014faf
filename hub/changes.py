"""What changed between two readings of a page, dress left out, word by word. Pure.

A page is read as lines (paragraphs, headings, list items, table rows). What dresses a page (dates
of update, counters, share links, menus, list marks, order, spaces, kinds of quotes, case) is left
out by rules that each name one habit of French public pages; whatever no rule names counts, for a
missed change costs more than an alarm too many.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hub.text import MONTHS, WEEKDAYS, canonical_url, clean, fold

CONTEXT = 40
"""Words kept on each side of a change, when its sentence is longer."""
FEW = 4
"""Fewer words than that are not worth hiding."""
FOLDED = "[…]"
SIMILAR = 0.4
"""Share of words two paragraphs must have in common to be one that changed."""
COMMON_WORD = 12
"""A word found in more paragraphs than that says nothing of which goes with which."""
CANDIDATES = 4
EFFORT = 60_000
"""Pairs of equal words the word-level alignment may look at; past it, the whole run is shown."""


class Op(StrEnum):
    EGAL = "egal"
    AJOUT = "ajout"
    RETRAIT = "retrait"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words with one fate. Paragraphs end with a blank line inside the text."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class _Word:
    """`key` is the form in which two writings of one word are equal; `space` follows it."""

    key: str
    shown: str
    space: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A meaningful line. `tail` is its last punctuation, which depends on its place in a list."""

    key: str
    words: tuple[_Word, ...]
    tail: str


def meaning(text: str) -> tuple[str, ...]:
    """The meaningful lines of a page's text, each in the form in which wordings are compared."""
    return tuple(line.key for line in _Reader().read(text))


def fingerprint(text: str) -> str:
    """One value per meaning; the order of the lines does not count."""
    return hashlib.sha256("\n".join(sorted(meaning(text))).encode()).hexdigest()


def is_same(old: str, new: str) -> bool:
    """Whether only the dress changed."""
    if old == new:
        return True
    reader = _Reader()
    lines, others = reader.read(old), reader.read(new)
    return sorted(line.key for line in lines) == sorted(line.key for line in others)


def diff_words(before: str, after: str, *, whole: bool = False) -> tuple[Segment, ...]:
    """What a person needs to see: each change in its sentence, the rest folded to « […] ».

    In the order of `after`; a removed paragraph stands where it was. Paragraphs that only moved
    are not shown as changes. A number with its unit, or a date, is never split. Empty exactly when
    `is_same`. `whole` folds nothing.
    """
    paragraphs = _diff_paragraphs(before, after)
    return tuple(_join(_show_whole(paragraphs) if whole else _show_folded(paragraphs)))


def headline(segments: Sequence[Segment]) -> str:
    """The sentence around the first addition, as it now reads; with none, around the first removal.

    "" without any change. It is not cut: whoever shows it knows how much room there is.
    """
    ops = {segment.op for segment in segments}
    wanted = next((op for op in (Op.AJOUT, Op.RETRAIT) if op in ops), None)
    for paragraph in _split_paragraphs(segments):
        if wanted and any(segment.op is wanted for segment in paragraph):
            return _sentence_around(paragraph, wanted)
    return ""


def to_json(segments: Iterable[Segment]) -> list[list[str]]:
    """As they are stored: pairs of an operation and its text."""
    return [[segment.op.value, segment.text] for segment in segments]


def from_json(stored: Iterable[Sequence[Any]]) -> tuple[Segment, ...]:
    return tuple(Segment(Op(op), str(text)) for op, text in stored)


# --- Words -------------------------------------------------------------------------------------

_MONTHS = "|".join(MONTHS)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_LETTER = rf"[^\W\d_{_SUPERSCRIPTS}]"
_WORD = re.compile(
    rf"""(
      (?i:https?://|www\.)\S*[^\s.,;:!?)\]»"”]
    | (?i:(?:{_MONTHS})\ ?\d{{4}})(?!\w)
    | {_LETTER}+(?:[’-]{_LETTER}+)*
    | \d{{1,2}}(?i:er|ᵉʳ)?\ (?i:{_MONTHS})(?:\ \d{{4}})?(?!\w)
    | \d{{1,3}}(?:\ \d{{3}})+(?!\d)(?:,\d+)?(?:\ ?[€%‰])?
    | \d\w*(?:[.,/:–−-]\d\w*)*(?:\ ?[€%‰])?
    | [{_SUPERSCRIPTS}]+
    | \S
    )([ ]?)""",
    re.VERBOSE,
)
"""A word and the space after it. Numbers keep their unit, dates stay whole."""
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_LINE_ENDS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_HYPHENS = re.compile("[‐‑]")
_APOSTROPHES = re.compile("['‘‛ʼʹ′`´＇]")
_DOTS = re.compile(r"\.{3,}")
_KEY_FOLDS = str.maketrans(
    {
        **dict.fromkeys("‒–—―−﹣－⁃", "-"),
        **dict.fromkeys("«»“”„‟‹›＂", '"'),
        **dict.fromkeys("’", "'"),
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
        "º": "°",
        "⁄": "/",
    }
)
_RAISED = re.compile(rf"(?<=\d)[{_SUPERSCRIPTS}¼-¾⅐-⅞]")
_TAIL = frozenset(".;,:…")
_HOLDS_WORD = re.compile(r"[^\W_]")


class _Vocabulary(dict[tuple[str, str], _Word]):
    """Each writing of a word is read once per comparison."""

    def __missing__(self, writing: tuple[str, str]) -> _Word:
        shown, space = writing
        key = _link_key(shown) if _LINK.match(shown) else _word_key(shown)
        word = self[writing] = _Word(key, shown.replace(" ", "\u00a0"), bool(space))
        return word


class _Reader:
    """Reads lines, each different one once: two readings of a page share most of theirs."""

    def __init__(self) -> None:
        self._known: dict[str, _Line | None] = {}
        self._vocabulary = _Vocabulary()

    def read(self, text: str) -> list[_Line]:
        """The meaningful lines of a text."""
        found = []
        for raw in _LINE_ENDS.split(text):
            if raw not in self._known:
                self._known[raw] = self._read_line(raw)
            if line := self._known[raw]:
                found.append(line)
        return found

    def _read_line(self, raw: str) -> _Line | None:
        """None for a line that only dresses the page."""
        line = _DOTS.sub("…", _HYPHENS.sub("-", _APOSTROPHES.sub("’", clean(raw))))
        line = clean(_strip_marks(_TOKENS.sub("", line)))
        if not line or _is_dress(line):
            return None
        words = [self._vocabulary[writing] for writing in _WORD.findall(line)]
        end = len(words)
        while end and words[end - 1].shown in _TAIL:
            end -= 1
        key = " ".join([word.key for word in words[:end]])
        if not _HOLDS_WORD.search(key):
            return None
        return _Line(key, tuple(words[:end]), "".join(word.shown for word in words[end:]))


def _word_key(shown: str) -> str:
    """Ligatures, raised letters, kinds of quotes and dashes, case and inner spaces do not count.

    A raised digit after a digit does: 10² is not 102.
    """
    if shown.isascii():
        return shown.replace(" ", "").lower()
    plain = _RAISED.sub(r"^\g<0>", shown.translate(_KEY_FOLDS))
    folded = unicodedata.normalize("NFKC", plain).casefold().translate(_KEY_FOLDS)
    return unicodedata.normalize("NFKC", folded).replace(" ", "")


_SESSION = re.compile(r"(?:php|j|asp)?sess(?:ion)?_?(?:id)?|sid|token|csrf\w*|nonce|cache|_", re.I)
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.I)


def _link_key(link: str) -> str:
    """A link without tracking, fragment and session: they change at each visit."""
    address = canonical_url(_PATH_SESSION.sub("", link))
    if not address:
        return link.casefold()
    parts = urlsplit(address)
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _SESSION.fullmatch(name)
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


# --- Dress -------------------------------------------------------------------------------------

_BULLET = re.compile(r"(?:[-–—―−*›»→➔➤✓✔☐☑]\s+|>\s+(?!\d)|[•·◦▪▫■□●○►▸▶‣∙⁃❖]\s*)(?=\S)")
_NUMBERING = re.compile(
    r"(?:\d{1,3}[.)]\s+(?!\d{3}\b)"  # « 1. », « 2) », never the 2 of « 2. 500 € »
    r"|\(?[a-zA-Z]\)\s+"
    r"|\d{1,2}\s?°(?!\s?[CF]\b)\s*(?:(?:bis|ter|quater)\b)?\s*"  # lists of the law; no temperature
    r"|[IVX]{1,5}(?:\)\s+|\s?\.\s?[-–—]\s?)"  # « II. - »; « V. Hugo » is no list
    r")(?=\S)"
)
_TOKENS = re.compile(
    r"(?<![\w/=&?.-])(?:"
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{16,}"
    r"|(?=\w*[a-z])(?=\w*[A-Z])(?=(?:[A-Za-z_+]*\d+[A-Za-z_+]+){3})[A-Za-z0-9+_]{24,}={0,2}"
    r")(?![\w=-])"
)
"""Identifiers drawn at random at each visit. Those of the law (JORFTEXT…, NOR) are no such."""


def _strip_marks(line: str) -> str:
    """Bullets and list numbers: the place of an item, not its words."""
    unbulleted = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
    mark = _NUMBERING.match(unbulleted)
    return unbulleted[mark.end() :] if mark else unbulleted


_DAY_OF_WEEK = f"(?:(?:{'|'.join(WEEKDAYS)}),? )?"
_MONTH = "|".join(fold(month) for month in MONTHS)
_DAY = (
    rf"{_DAY_OF_WEEK}(?:\d{{1,2}}(?:er)? (?:{_MONTH})(?: \d{{4}})?|(?:{_MONTH}) \d{{4}}"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}(?:t[\d:.]+(?:z|\+[\d:]+)?)?"
    r"|hier|aujourd'hui|il y a \d+ (?:seconde|minute|heure|jour|semaine|mois|an)s?)"
)
_HOUR = r"(?:a |vers )?\d{1,2} ?(?:h|:) ?(?:\d{2})?(?::\d{2})?(?: ?min)?"
_STAMP = re.compile(
    r"(?:(?:cette |la )?(?:page|fiche|article|contenu|information|document|actualite)s? )?"
    r"(?:derniere (?:mise a jour|modification|verification|actualisation|publication)"
    r"|date de (?:la )?(?:derniere )?(?:mise a jour|modification|publication|mise en ligne)"
    r"|(?:mise?s? a jour|mise?s? en ligne|(?:publie|modifie|verifie|actualise|poste|redige)e?s?))"
    rf"(?: de (?:la|cette) page| du contenu| par l'editeur)? ?(?:le|du|en|depuis le)? ?:? ?{_DAY}"
    rf"(?: ?{_HOUR})?"
)
"""« Mis à jour le… »: when the page was touched, not what it says."""
_AFTER_STAMP = re.compile(
    rf"{_HOUR}"
    r"|(?:par (?:la |le |l')?|la |le |l')?"
    r"(?:direction|ministere|service|redaction|equipe|premiere? ministre)[^\d]{0,90}"
)
"""« 10 h 12 », or who checked: service-public.gouv.fr signs its fiches after the date."""
_COUNTED = r"(?:consultation|vue|partage|commentaire|telechargement|visiteur|j'aime|like)s?"
_COUNTER = re.compile(
    rf"(?:deja |nombre de )?\d[\d .]*k? {_COUNTED}(?: au total)?|aucun commentaire"
    rf"|(?:nombre de )?{_COUNTED} ?:? ?\(?\d[\d .]*k?\)?"
    r"|(?:lu|vu|consulte|telecharge|partage)e?s? \d[\d .]* fois"
    r"|(?:temps|duree) de lecture ?:? ?(?:environ )?\d+ ?min(?:ute)?s?\.?"
)
_NETWORK = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|mastodon|bluesky|instagram|youtube|threads|telegram"
    r"|messenger|viadeo|pinterest|courriel|e-?mail|mail|messagerie)"
)
_URL = r"(?:https?://|www\.)\S+"
_SHARE = re.compile(
    r"(?:partage[rz]|envoye[rz]|recommande[rz]|tweete[rz])"
    r"(?: (?:cette|la) page| (?:cet|l')? ?article| (?:le|ce) contenu| ce lien)?"
    rf"(?: ?(?:sur|par|via)? ?:? ?{_NETWORK}(?: ?(?:,|et|/|\||-)? ?{_NETWORK})*)?"
    r"(?: a un ami)?"
    r"(?: ?[-–(]? ?(?:nouvelle fenetre|ouvre une nouvelle fenetre|lien externe)\)?)?"
    rf" ?:? ?(?:{_URL})?"
    r"|(?:copier|copiez) (?:le lien|l'adresse|le lien de la page)(?: dans le presse-papiers?)?"
    rf" ?:? ?(?:{_URL})?"
    rf"|(?:imprimer|imprimez)(?: (?:la|cette) page| l'article)?|(?:suivez|retrouvez)-nous"
    rf"(?: sur)?(?: ?[,/|]?(?: et)? ?{_NETWORK})*|(?:facebook|twitter|linkedin|whatsapp)"
)
_SKIP = re.compile(
    r"(?:aller|passer|acceder|acces direct|retour|retourner|revenir) (?:directement )?"
    r"(?:au|a la|a l'|en) ?(?:contenu|menu|navigation|recherche|pied de page|haut|accueil|sommaire)"
    r"(?: principale?| de (?:la )?page)?|haut de page|fermer(?: le menu)?|ouvrir le menu|menu"
    r"|accueil|rechercher|recherche|se connecter"
    r"|(?:tout |j')?(?:accepter?|refuser|je refuse)(?: tout| les cookies| tous les cookies)?"
    r"|(?:gerer|gestion|personnaliser|parametrer)(?: (?:mes|les|des|de) cookies)?"
    r"|(?:ce site|notre site|nous) utilis(?:e|ons) des cookies\b.*"
    r"|en poursuivant (?:votre|la) navigation\b.*\bcookies?\b.*"
)
_PARTS = re.compile(
    r"\s+[-–—―|·•/]\s*|\s*[|·•()]\s*|,\s+|;\s+|\s+et\s+(?=mis|publ|modif|verif|actual|dern|\d)"
)
_DRESS_LENGTH = 400
"""Longer lines are prose, whatever they start with."""
_LABEL_LENGTH = 130
_LONG_DRESS = re.compile(
    r"ce site|notre site|nous utilis|en poursuivant|.*(?:[|·•›≫→]|\s[>»/]\s)", re.I
)
"""Past the length of a label, only banners and menus dress a page."""

_ARROWS = re.compile(r"\s+(?:>|›|»|→|≫|/)\s+|\s*[›≫→]\s*")
_BARS = re.compile(r"\s*[|·•]\s*|\s+/\s+")
_HOME = frozenset({"accueil", "menu", "navigation", "vous etes ici", "fil d'ariane", "home"})
_NAVIGATION = _HOME | {
    *("contact", "contacts", "nous contacter", "contactez-nous", "plan du site", "annuaire"),
    *("mentions legales", "accessibilite", "recherche", "rechercher", "actualites", "demarches"),
    *("faq", "foire aux questions", "se connecter", "connexion", "mon compte", "mon espace"),
    *("newsletter", "lettre d'information", "s'abonner", "donnees personnelles", "cookies"),
    *("gestion des cookies", "aide", "presse", "recrutement", "a propos", "qui sommes-nous"),
    *("agenda", "publications", "fiches", "english", "services en ligne", "documentation"),
}
_LABEL_WORDS = 6
_TITLE_WORDS = 20
"""The last step of a breadcrumb is the title of the page."""
_AMOUNT = re.compile(r"[€%‰]|\d+ ?euros?\b")


def _is_dress(line: str) -> bool:
    """Whether a line holds nothing but what dresses a page."""
    if len(line) > _DRESS_LENGTH:
        return False
    if len(line) > _LABEL_LENGTH and not _LONG_DRESS.match(line):
        return False
    plain = fold(line)
    bare = plain.strip(" .:!-–—|·•>›»/")
    if not bare or _SKIP.fullmatch(bare) or _SHARE.fullmatch(bare):
        return bool(bare)
    return _is_stamp(plain) or _is_menu(plain)


def _is_stamp(plain: str) -> bool:
    """Dates of update and counters, in any order and number, and nothing else."""
    parts = [part.strip(" .:-–—") for part in _PARTS.split(plain)]
    kinds = [_stamp_kind(part) for part in parts if part]
    if None in kinds:
        return False
    return "stamp" in kinds or "counter" in kinds


def _stamp_kind(part: str) -> str | None:
    if _STAMP.fullmatch(part):
        return "stamp"
    if _COUNTER.fullmatch(part):
        return "counter"
    return "after" if _AFTER_STAMP.fullmatch(part) else None


def _is_menu(plain: str) -> bool:
    """A breadcrumb, or a bar of links. Rows of tables and steps of a procedure look like them: when
    « Accueil » does not open the line, it takes words of navigation, and never an amount."""
    return not _AMOUNT.search(plain) and (_is_breadcrumb(plain) or _is_bar(plain))


def _is_breadcrumb(plain: str) -> bool:
    steps = _labels(_ARROWS, re.sub(r"^vous etes ici ?:? ?", "accueil > ", plain))
    if len(steps) < 2 or not _are_short(steps[:-1], _LABEL_WORDS):
        return False
    is_plain_path = len(steps) > 2 and not re.search(r"\d|[→»≫]|\s/\s", plain)
    return (steps[0] in _HOME or is_plain_path) and _are_short(steps, _TITLE_WORDS)


def _is_bar(plain: str) -> bool:
    labels = _labels(_BARS, plain)
    if len(labels) < 3 or not _are_short(labels, _LABEL_WORDS) or re.search(r"\d", plain):
        return False
    return labels[0] in _HOME or sum(label in _NAVIGATION for label in labels) * 2 >= len(labels)


def _labels(separator: re.Pattern[str], plain: str) -> list[str]:
    return [label.strip(" :") for label in separator.split(plain) if label.strip(" :")]


def _are_short(labels: Sequence[str], words: int) -> bool:
    return all(len(label.split()) <= words for label in labels)


# --- Alignment ---------------------------------------------------------------------------------

_Piece = tuple[Op, tuple[_Word, ...]]
_Paragraph = tuple[list[_Piece], str]
"""The pieces of one paragraph and its last punctuation. Equal pieces hold the words of `after`."""


def _diff_paragraphs(before: str, after: str) -> list[_Paragraph]:
    """Every paragraph of `after`, and the removed ones where they stood."""
    if before == after:
        return []
    reader = _Reader()
    old, new = reader.read(before), reader.read(after)
    partner = _match_lines(old, new)
    if len(partner) == len(old) == len(new) and all(
        old[i].key == new[j].key for j, i in partner.items()
    ):
        return []
    removed = _place_removed(old, partner)
    paragraphs = [([(Op.RETRAIT, line.words)], line.tail) for line in removed.pop(-1, [])]
    for j, line in enumerate(new):
        if j not in partner:
            paragraphs.append(([(Op.AJOUT, line.words)], line.tail))
        elif old[partner[j]].key == line.key:
            paragraphs.append(([(Op.EGAL, line.words)], line.tail))
        else:
            paragraphs.append((_diff_line(old[partner[j]].words, line.words), line.tail))
        paragraphs += [([(Op.RETRAIT, gone.words)], gone.tail) for gone in removed.pop(j, [])]
    return paragraphs


def _match_lines(old: Sequence[_Line], new: Sequence[_Line]) -> dict[int, int]:
    """The line of `old` that each line of `new` is: the equal ones wherever, then the alike."""
    places: dict[str, list[int]] = defaultdict(list)
    for i in reversed(range(len(old))):
        places[old[i].key].append(i)
    partner: dict[int, int] = {}
    for j, line in enumerate(new):
        if places.get(line.key):
            partner[j] = places[line.key].pop()
    taken = set(partner.values())
    left = [i for i in range(len(old)) if i not in taken]
    right = [j for j in range(len(new)) if j not in partner]
    return partner | _match_alike(old, new, left, right, partner)


def _match_alike(
    old: Sequence[_Line],
    new: Sequence[_Line],
    left: Sequence[int],
    right: Sequence[int],
    matched: dict[int, int],
) -> dict[int, int]:
    """Pair the lines that share most words, best first."""
    bags = {i: Counter(word.key for word in old[i].words) for i in left}
    holders: dict[str, list[int]] = defaultdict(list)
    for i, bag in bags.items():
        for key in bag:
            holders[key].append(i)
    scored = []
    for j in right:
        bag = Counter(word.key for word in new[j].words)
        for i in {*_nearest(bag, holders), matched.get(j - 1, -1) + 1} & bags.keys():
            share = 2 * (bag & bags[i]).total() / (bag.total() + bags[i].total())
            if share >= SIMILAR:
                scored.append((-share, abs(i - j), j, i))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, j, i in sorted(scored):
        if j not in partner and i not in taken:
            partner[j] = i
            taken.add(i)
    return partner


def _nearest(bag: Iterable[str], holders: dict[str, list[int]]) -> list[int]:
    """The few lines that share most of these words, common words left out."""
    shared: Counter[int] = Counter()
    for key in bag:
        if len(lines := holders.get(key, ())) <= COMMON_WORD:
            shared.update(lines)
    return [i for i, _ in shared.most_common(CANDIDATES)]


def _place_removed(old: Sequence[_Line], partner: dict[int, int]) -> dict[int, list[_Line]]:
    """The removed lines, by the line of `new` they followed (-1: at the head)."""
    follower = {i: j for j, i in partner.items()}
    place, removed = -1, defaultdict(list)
    for i, line in enumerate(old):
        if i in follower:
            place = follower[i]
        else:
            removed[place].append(line)
    return removed


def _diff_line(old: Sequence[_Word], new: Sequence[_Word]) -> list[_Piece]:
    """Sentence by sentence first: long paragraphs stay quick and read better."""
    pieces: list[_Piece] = []
    olds, news = _sentences(old), _sentences(new)
    codes = _opcodes([_keys(s) for s in olds], [_keys(s) for s in news])
    for equal, i1, i2, j1, j2 in codes:
        gone = [word for sentence in olds[i1:i2] for word in sentence]
        come = [word for sentence in news[j1:j2] for word in sentence]
        pieces += [(Op.EGAL, tuple(come))] if equal else _diff_run(gone, come)
    return _merge(pieces)


def _diff_run(old: Sequence[_Word], new: Sequence[_Word]) -> list[_Piece]:
    pieces: list[_Piece] = []
    for equal, i1, i2, j1, j2 in _opcodes([w.key for w in old], [w.key for w in new]):
        if equal:
            pieces.append((Op.EGAL, _spaced(old[i1:i2], new[j1:j2])))
        else:
            pieces += [(Op.RETRAIT, tuple(old[i1:i2])), (Op.AJOUT, tuple(new[j1:j2]))]
    return pieces


def _spaced(old: Sequence[_Word], new: Sequence[_Word]) -> tuple[_Word, ...]:
    """The words of `new`; what follows the last one differs, so a space on either side is kept."""
    *head, last = new
    return (*head, _Word(last.key, last.shown, last.space or old[-1].space))


def _opcodes(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Runs of equal and of different things, ends first; a run too entangled is one difference."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    i_end, j_end = len(old) - tail, len(new) - tail
    if head:
        yield True, 0, head, 0, head
    yield from _middle_opcodes(old[head:i_end], new[head:j_end], head)
    if tail:
        yield True, i_end, len(old), j_end, len(new)


def _middle_opcodes(
    old: Sequence[Any], new: Sequence[Any], head: int
) -> Iterator[tuple[bool, int, int, int, int]]:
    counts, others = Counter(old), Counter(new)
    effort = sum(count * others[thing] for thing, count in counts.items())
    if not effort or effort > EFFORT:
        if old or new:
            yield False, head, head + len(old), head, head + len(new)
        return
    for name, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield name == "equal", head + i1, head + i2, head + j1, head + j2


def _keys(words: Sequence[_Word]) -> tuple[str, ...]:
    return tuple(word.key for word in words)


_ENDS = frozenset(".!?…;")
_ABBREVIATIONS = frozenset({"art", "al", "cf", "ex", "tel", "env", "max", "min", "mme", "etc"})


def _sentences(words: Sequence[_Word]) -> list[tuple[_Word, ...]]:
    found, start = [], 0
    for position, word in enumerate(words):
        if word.shown in _ENDS and _ends_sentence(words, position):
            found.append(tuple(words[start : position + 1]))
            start = position + 1
    return [*found, tuple(words[start:])] if start < len(words) else found


def _ends_sentence(words: Sequence[_Word], position: int) -> bool:
    """« art. L. 114 » does not end a sentence: what precedes a full stop is a word, or a number."""
    if position + 1 >= len(words) or not words[position].space:
        return False
    before = words[position - 1].key.rpartition("'")[2] if position else ""
    if words[position].shown in ".…" and before in _ABBREVIATIONS:
        return False
    is_letter = len(before) == 1 and before.isalpha()
    follows = words[position + 1].shown[0]
    return not is_letter and not (words[position].shown == "." and follows.islower())


def _merge(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Join edits that only a word or two keep apart: one replacement reads better than three."""
    out: list[_Piece] = []
    gone: list[_Word] = []
    come: list[_Word] = []
    waiting: tuple[_Word, ...] = ()

    def flush() -> None:
        out.extend((op, tuple(w)) for op, w in ((Op.RETRAIT, gone), (Op.AJOUT, come)) if w)
        gone.clear()
        come.clear()

    for op, words in pieces:
        if op is Op.EGAL:
            waiting += words
            continue
        if not words:
            continue
        if waiting and (gone or come) and _is_slight(waiting):
            gone += waiting
            come += waiting
        elif waiting:
            flush()
            out.append((Op.EGAL, waiting))
        waiting = ()
        (gone if op is Op.RETRAIT else come).extend(words)
    flush()
    return [*out, (Op.EGAL, waiting)] if waiting else out


def _is_slight(words: Sequence[_Word]) -> bool:
    return len(words) <= 2 and sum(len(word.shown) for word in words) <= 6


# --- What is shown -----------------------------------------------------------------------------


def _show_whole(paragraphs: Iterable[_Paragraph]) -> Iterator[Segment]:
    for paragraph in paragraphs:
        yield from _show_paragraph(paragraph, lambda words, *_: _text_of(words))


def _show_folded(paragraphs: Iterable[_Paragraph]) -> Iterator[Segment]:
    """Unchanged paragraphs and far words are folded."""
    is_folding = False
    for paragraph in paragraphs:
        is_unchanged = all(op is Op.EGAL for op, _ in paragraph[0])
        if not is_unchanged:
            yield from _show_paragraph(paragraph, _fold_run)
        elif not is_folding:
            yield Segment(Op.EGAL, f"{FOLDED}\n\n")
        is_folding = is_unchanged


def _show_paragraph(
    paragraph: _Paragraph, show_equal: Callable[[Sequence[_Word], bool, bool], str]
) -> Iterator[Segment]:
    pieces, tail = paragraph
    for position, (op, words) in enumerate(pieces):
        is_last = position == len(pieces) - 1
        if op is Op.EGAL:
            text = show_equal(words, position == 0, is_last)
        else:
            text = _text_of(words)
            needs_space = op is Op.RETRAIT and not is_last and text[-1].isalnum()
            text += " " if needs_space else ""
        yield Segment(op, text)
    fate = pieces[0][0] if len(pieces) == 1 else Op.EGAL
    yield Segment(fate, "\n\n" if text.endswith(FOLDED) else f"{tail}\n\n")


def _text_of(words: Iterable[_Word]) -> str:
    return "".join(word.shown + (" " if word.space else "") for word in words)


def _fold_run(words: Sequence[_Word], is_first: bool, is_last: bool) -> str:
    """Keep the end of the sentence that a change is in, and the start of the next change's."""
    sentences = _sentences(words)
    ending = () if is_first else sentences[0][:CONTEXT]
    leading = () if is_last or _is_closed(words) else sentences[-1][-CONTEXT:]
    if len(sentences) == 1 and not is_first and not is_last:
        leading = tuple(words[CONTEXT:][-CONTEXT:])
    if len(ending) + len(leading) + FEW > len(words):
        return _text_of(words)
    space = "" if is_last else " "
    return f"{_text_of(ending).rstrip()} {FOLDED}{space}{_text_of(leading)}".lstrip()


def _is_closed(words: Sequence[_Word]) -> bool:
    return words[-1].shown in _ENDS


def _join(segments: Iterable[Segment]) -> list[Segment]:
    """Neighbours of one kind become one; the last paragraph needs no end."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].op is segment.op:
            joined[-1] = Segment(segment.op, joined[-1].text + segment.text)
        elif segment.text:
            joined.append(segment)
    if joined:
        joined[-1] = Segment(joined[-1].op, joined[-1].text.rstrip("\n"))
    return [segment for segment in joined if segment.text]


# --- A title line ------------------------------------------------------------------------------

_WHOLE_END = re.compile(rf"(?<=[.!?…]) {re.escape(FOLDED)}$")
_WHOLE_START = re.compile(rf"^{re.escape(FOLDED)} (?=[A-ZÀ-Ý«(])")
"""What is folded beyond a whole sentence is not worth telling in a title."""


def _split_paragraphs(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    paragraph: list[Segment] = []
    for segment in segments:
        *complete, rest = segment.text.split("\n\n")
        for text in complete:
            yield [*paragraph, Segment(segment.op, text)]
            paragraph = []
        paragraph.append(Segment(segment.op, rest))
    yield paragraph


def _sentence_around(paragraph: Sequence[Segment], wanted: Op) -> str:
    """The sentences that hold the first change of that kind, on its side of the diff."""
    side = [segment for segment in paragraph if segment.op in (Op.EGAL, wanted)]
    first = next(i for i, segment in enumerate(side) if segment.op is wanted)
    start = sum(len(segment.text) for segment in side[:first])
    end = start + len(side[first].text.rstrip())
    text = "".join(segment.text for segment in side)
    ends = _sentence_ends(text)
    left = max((place for place in ends if place <= start), default=0)
    right = min((place for place in ends if place >= end), default=len(text))
    return _WHOLE_START.sub("", _WHOLE_END.sub("", clean(text[left:right])))


def _sentence_ends(text: str) -> list[int]:
    vocabulary = _Vocabulary()
    matches = list(_WORD.finditer(text.replace("\u00a0", " ")))
    words = [vocabulary[match[1], match[2]] for match in matches]
    return [
        match.end(1)
        for position, match in enumerate(matches)
        if words[position].shown in _ENDS and _ends_sentence(words, position)
    ]
