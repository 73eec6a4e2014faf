"""Mail as it comes from anybody: head, readable part, links; and what of it may be kept. Pure.

Nothing here trusts a message: headers are cut, charsets guessed, nesting bounded, and what cannot
be decoded is replaced rather than refused.
"""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from email.header import Header, decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from urllib.parse import quote, quote_plus, unquote, urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.text import clean, clean_paragraphs, fold, paris_day, short_hash
from spiders.reading import cut, link_to, plain, plausible

HEADER_LIMIT = 10_000
SUBJECT_LIMIT = 1_000
DEEPEST = 20
MOST_PARTS = 200
MOST_TEXT = 2_000_000

RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc", "Bcc")
MOST_RECIPIENTS = 20
MASK = "…"
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_ID = re.compile(r"<?([\w.!#$%&'*+/=?^`{|}~-]{1,150}@[\w.-]{1,150})>?")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a message says. `sender` is "" unless From names exactly one address."""

    sender: str
    subject: str
    day: date | None
    url: str
    message_id: str = ""
    date_header: str = ""

    def to_bytes(self, content_type: str = "text/plain") -> bytes:
        """The head alone, as it may be kept: who, what, when, and nothing of the recipient."""
        lines = {
            "From": self.sender,
            "Subject": Header(self.subject, "utf-8").encode() if self.subject else "",
            "Date": self.date_header,
            "Message-ID": f"<{self.message_id}>" if self.message_id else "",
            "MIME-Version": "1.0",
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        }
        text = "".join(f"{name}: {value}\n" for name, value in lines.items() if value)
        return f"{text}\n".encode()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a heading, with the links in it: their words and their addresses."""

    text: str
    is_heading: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    blocks: tuple[Block, ...] = ()

    @property
    def text(self) -> str:
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str
    summary: str = ""


# --- Message -------------------------------------------------------------------------------------


def parse_mail(raw: bytes) -> Message:
    """The structure of a message, however broken.

    Raises:
        ParseError: parts inside parts without end.
    """
    try:
        return email.message_from_bytes(raw)
    except (RecursionError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise ParseError(f"not a message: {type(error).__name__}") from error


def head_of(message: Message) -> Head:
    """The head of a message. Its address is made of its id, or of a digest where the id is absent,
    odd, or tells the recipient.
    """
    recipients = recipients_of(message)
    subject = without_recipient(header_of(message, "Subject"), recipients)
    written = _one_line(message, "Date")
    sender = _sender_of(message)
    found = _ID.fullmatch(_one_line(message, "Message-ID").strip())
    message_id = found[1] if found else ""
    if without_recipient(message_id, recipients) != message_id:
        message_id = ""
    digest = short_hash("\n".join((sender, written, subject)), 32)
    return Head(
        sender=sender,
        subject=cut(subject, SUBJECT_LIMIT),
        day=_day_of(written),
        url=f"mid:{quote(message_id, safe='@.+-_~!$*')}" if message_id else f"mid:{digest}",
        message_id=message_id,
        date_header=cut(written, 100),
    )


def _one_line(message: Message, name: str) -> str:
    """A header as it is written, on one line and of bearable length; "" when there is none.

    Bytes that should have been encoded are read as UTF-8, else as what Windows writes.
    """
    found = (value for header, value in message.raw_items() if header.lower() == name.lower())
    written = str(next(found, ""))[:HEADER_LIMIT]
    return plain(decode(written.encode("utf-8", "surrogateescape"), ""))


def header_of(message: Message, name: str) -> str:
    """A header in plain words. One that holds line ends, even encoded, stays on one line."""
    written = _one_line(message, name)
    try:
        chunks = decode_header(written)
    except (ValueError, LookupError, TypeError):
        return written
    words = (
        decode(chunk, charset or "") if isinstance(chunk, bytes) else chunk
        for chunk, charset in chunks
    )
    return plain("".join(words))


def _sender_of(message: Message) -> str:
    """The one address of the one From header. Names that look like addresses do not count."""
    written = _one_line(message, "From")
    try:
        found = getaddresses([written])
    except (ValueError, TypeError, IndexError):
        return ""
    if len(message.get_all("From", [])) != 1 or len(found) != 1:
        return ""
    address = found[0][1].lower()
    is_bare = _ADDRESS.fullmatch(written) is not None
    is_last = written.lower().endswith(f"<{address}>")
    return address if _ADDRESS.fullmatch(address) and (is_bare or is_last) else ""


def _day_of(written: str) -> date | None:
    try:
        moment = parsedate_to_datetime(written)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return plausible(paris_day(moment))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def decode(body: bytes, charset: str) -> str:
    """Bytes as text: in the charset that is claimed, else UTF-8, else what Windows writes."""
    for name in (charset, "utf-8"):
        try:
            return body.decode(name)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def _readable(message: Message) -> list[tuple[str, str]]:
    """The parts that may be read, best first: HTML, then plain text."""
    found: dict[str, str] = {}
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("text/html", "text/plain") and kind not in found and not _is_attached(part):
            found[kind] = _text_of(part)
    return [(kind, found[kind]) for kind in ("text/html", "text/plain") if found.get(kind)]


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order. Messages attached to the message are somebody else's letters."""
    waiting = [(message, 0)]
    count = 0
    while waiting and count < MOST_PARTS:
        part, depth = waiting.pop()
        count += 1
        inside = part.get_payload()
        if not isinstance(inside, list):
            yield part
        elif part.get_content_maintype() != "message" and depth < DEEPEST:
            waiting += [(one, depth + 1) for one in reversed(inside) if isinstance(one, Message)]


def _is_attached(part: Message) -> bool:
    return _one_line(part, "Content-Disposition").lower().startswith("attachment")


def _text_of(part: Message) -> str:
    try:
        body = part.get_payload(decode=True)
        charset = part.get_content_charset() or ""
    except (ValueError, LookupError, TypeError, AssertionError):
        return ""
    return decode(body, charset)[:MOST_TEXT] if isinstance(body, bytes) else ""


# --- What may be kept ----------------------------------------------------------------------------


def keep_letter(raw: bytes) -> bytes:
    """The message as it may be kept: its head and its readable part, in UTF-8.

    Taken away: images, attributes, all other headers; the recipients of `recipients_of` in every
    form that `without_recipient` knows; links to leave, to choose or to see the letter on line, and
    those whose paragraph speaks of leaving (see `_personal_links`).

    What may stay: a number or a digest that stands for the subscriber in any other link (only its
    sender can tell whose it is), a first name that the letter greets, and in plain text a link to
    leave that stands in another paragraph than the words that say so.
    """
    message = parse_mail(raw)
    recipients = recipients_of(message)
    kind, text, _ = _best_part(message)
    kept = _kept_html(text, recipients) if kind == "text/html" else _kept_text(text)
    body = without_recipient(kept.strip(), recipients).encode("utf-8", "replace")
    return head_of(message).to_bytes(kind) + body + b"\n"


def recipients_of(message: Message) -> tuple[str, ...]:
    """The addresses that a message was sent to and the names written beside them, longest first;
    the first `MOST_RECIPIENTS` of them, those that received it before those it was written to.
    """
    found: dict[str, None] = {}
    for name in RECIPIENT_HEADERS:
        for written in message.get_all(name, []):
            line = plain(str(written)[:HEADER_LIMIT])
            addresses = [address.lower() for address in _ADDRESS.findall(line)]
            found |= dict.fromkeys((*addresses, *sorted(_names_in(line))))
    # Some letters are sent to themselves.
    senders = {_sender_of(message), *_names_in(_one_line(message, "From"))}
    kept = [word for word in found if word not in senders][:MOST_RECIPIENTS]
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


def _names_in(line: str) -> set[str]:
    """Full names, of two words at least: a single word is too common to be taken away."""
    try:
        pairs = getaddresses([line])
    except (ValueError, TypeError, IndexError):
        return set()
    names = {_decoded(name).lower() for name, _ in pairs}
    return {name for name in names if len(name.split()) >= 2 and len(name) >= 5}


def _decoded(written: str) -> str:
    carrier = Message()
    carrier["X"] = plain(written)
    return header_of(carrier, "X")


def without_recipient(text: str, recipients: tuple[str, ...]) -> str:
    """A text where the addresses and names of recipients are masked, in any case.

    Also with `=` for `@`, as bounces are addressed, and where they are percent-encoded (up to
    `MOST_LAYERS` times) or inside base64 (of either alphabet, padded or not) or hexadecimal: what
    was encoded is then masked whole. Not where they are encrypted, compressed or digested.
    """
    forms = sorted(_forms_of(recipients), key=lambda form: (-len(form), form))
    if not forms:
        return text
    pattern = "|".join(re.escape(form) for form in forms)
    plainly = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return _WORD.sub(lambda match: MASK if _hides(match[0], forms) else match[0], plainly)


def _forms_of(recipients: tuple[str, ...]) -> set[str]:
    return {
        form.lower() for word in recipients for form in (*_quoted(word), word.replace("@", "="))
    }


def _quoted(word: str) -> tuple[str, ...]:
    return word, quote(word, safe=""), quote(word), quote_plus(word)


MOST_LAYERS = 3
_WORD = re.compile(r"[^\s/?&#=;:<>\"']{6,}=*")
"""What stands between the marks of an address. In base64 no address holds one, unless it has a `?`
in it."""
_ENCODED = re.compile(r"[A-Za-z0-9+_-]{6,}")
_HEX = re.compile(r"[0-9A-Fa-f]{6,}")


def _hides(word: str, forms: list[str]) -> bool:
    """Whether a word holds one of these, longest first, in another writing: never a shorter one."""
    for _ in range(MOST_LAYERS):
        if len(word) < len(forms[-1]):
            return False
        if any(form in said for said in _decodings(word) for form in forms):
            return True
        word, before = unquote(word), word
        if word == before:
            return False
    return any(form in word.lower() for form in forms)


def _decodings(word: str) -> Iterator[str]:
    """All that a word may say. Where the encoding began is not known: each start is tried."""
    yield word.lower()
    for run in _ENCODED.findall(word):
        for start in range(4):
            digits = run[start:]
            whole = digits[: len(digits) - (len(digits) % 4 == 1)]  # one digit more says nothing
            yield _said(base64.urlsafe_b64decode(whole.replace("+", "-") + "=" * (-len(whole) % 4)))
    for run in _HEX.findall(word):
        for start in range(2):
            yield _said(bytes.fromhex(run[start : len(run) - (len(run) - start) % 2]))


def _said(body: bytes) -> str:
    return body.decode("utf-8", "replace").lower()


def _kept_text(text: str) -> str:
    """Plain text without its personal lines, paragraph by paragraph."""
    paragraphs = _PARAGRAPHS.split("\n".join(text.splitlines()))
    return "\n\n".join("\n".join(_kept_lines(paragraph)) for paragraph in paragraphs)


def _kept_lines(paragraph: str) -> Iterator[str]:
    is_leaving = _is_leaving(paragraph)
    for line in paragraph.splitlines():
        is_link = _BARE_LINK.search(line) is not None
        if not is_personal(line, line) and not (is_link and (is_leaving or _speaks_of_leave(line))):
            yield line


def _kept_html(markup: str, recipients: tuple[str, ...]) -> str:
    """The elements and words of a page, with the addresses of its links and the words that stand
    for images; no other attribute, image or style: marks of a subscriber hide there.
    """
    root = _parse_html(markup)
    if root is None:
        return ""
    for link in _personal_links(root):
        _remove(link)
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            _remove(element)
            continue
        kept = {name: element.get(name) for name in ("href", "alt") if element.get(name)}
        if "href" in kept:
            kept["href"] = without_recipient(_with_at_sign(kept["href"]), recipients)
        element.attrib.clear()
        element.attrib.update(kept)
    written: str = etree.tostring(root, method="html", encoding="unicode")
    return written


def _with_at_sign(href: str) -> str:
    """An address in which an @ written %40 reads as one, so that it is recognised and masked."""
    return href.replace("%40", "@")


_SILENT = frozenset(
    ("script", "style", "head", "meta", "link", "title", "noscript", "template", "iframe", "object")
)


def _remove(element: etree._Element) -> None:
    """Take an element away, not the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _parse_html(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    storable = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "", markup)
    try:
        return etree.fromstring(storable.encode(), parser) if storable.strip() else None
    except etree.XMLSyntaxError:
        return None


# --- Reading -------------------------------------------------------------------------------------


def read_letter(message: Message) -> Letter:
    """The blocks of the best part that says something, in order."""
    return Letter(_best_part(message)[2])


def _best_part(message: Message) -> tuple[str, str, tuple[Block, ...]]:
    """The content type, text and blocks of the part to read: HTML unless it says nothing."""
    for kind, text in _readable(message):
        blocks = _html_blocks(text) if kind == "text/html" else _text_blocks(text)
        if found := tuple(blocks):
            return kind, text, found
    return "text/plain", "", ()


_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HOLDERS = _HEADINGS | frozenset(("p", "div", "td", "th", "li", "blockquote", "caption"))
_BLOCKS = _HEADINGS | frozenset(
    ("p", "div", "br", "hr", "table", "caption", "tr", "td", "th", "li", "ul", "ol", "blockquote")
)


@dataclass(slots=True)
class _Pen:
    """What is being written of the current block."""

    words: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    elements: list[etree._Element] = field(default_factory=list)
    element: etree._Element | None = None
    link: str = ""
    link_words: list[str] = field(default_factory=list)
    headings: int = 0

    def write(self, text: str | None) -> None:
        if text:
            self.words.append(text)
            if self.link:
                self.link_words.append(text)

    def start_link(self, element: etree._Element) -> None:
        self.end_link()
        self.element, self.link = element, element.get("href") or ""

    def end_link(self) -> None:
        if self.link:
            self.links.append((clean(" ".join(self.link_words)), self.link))
            self.elements.append(self.element)
        self.link, self.link_words = "", []

    def end_block(self) -> _Drawn | None:
        text, links, elements = plain(" ".join(self.words)), tuple(self.links), self.elements
        self.words, self.links, self.elements = [], [], []
        return (Block(text, self.headings > 0, links), elements) if text or links else None


_Drawn = tuple[Block, list[etree._Element]]
"""A block, and the elements of its links."""


def _html_blocks(markup: str) -> Iterator[Block]:
    """Blocks in the order of reading, without the links that are the subscriber's own."""
    root = _parse_html(markup)
    if root is not None:
        yield from (block for block, _ in _sort_links(root) if block.text or block.links)


def _personal_links(root: etree._Element) -> list[etree._Element]:
    """The links that are the subscriber's own by their words or address, or because what they stand
    in speaks of leaving: their line, or their whole paragraph or cell when it is short.

    In a long one only the line counts, so that a letter all in one cell does not lose every link.
    """
    return [element for _, own in list(_sort_links(root)) for element in own]


def _sort_links(root: etree._Element) -> Iterator[_Drawn]:
    """Blocks with the links that anybody may follow, and the elements of the others."""
    known: dict[etree._Element, bool] = {}
    for block, elements in _draw(root):
        is_leaving = _speaks_of_leave(block.text)
        links, own = [], []
        for link, element in zip(block.links, elements, strict=True):
            if is_leaving or _is_own(link, element) or _is_among_leaving(element, known):
                own.append(element)
            else:
                links.append(link)
        yield replace(block, links=tuple(links)), own


def _is_own(link: tuple[str, str], element: etree._Element) -> bool:
    return is_personal(*link) or is_personal("".join(element.itertext()), "")


def _is_among_leaving(link: etree._Element, known: dict[etree._Element, bool]) -> bool:
    """Whether the paragraph or the cell of a link is short and speaks of leaving."""
    above = [one for one in link.iterancestors() if one.tag in _HOLDERS]
    cells = [one for one in above if one.tag in ("td", "th")]
    for holder in (*above[:1], *cells[:1]):
        if holder not in known:
            pieces = list(islice(holder.itertext(), SHORT))
            known[holder] = _is_leaving(" ".join(pieces)) or _is_leaving("".join(pieces))
        if known[holder]:
            return True
    return False


def _draw(root: etree._Element) -> Iterator[_Drawn]:
    """Blocks in the order of reading. A link around several blocks belongs to the last one."""
    pen = _Pen()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _SILENT:
            pen.write(element.tail if event == "end" else "")
            continue
        if tag in _BLOCKS and not pen.link and (block := pen.end_block()):
            yield block
        if event == "start":
            if tag == "a":
                pen.start_link(element)
            pen.headings += tag in _HEADINGS
            pen.write(element.text if tag != "img" else element.get("alt"))
            continue
        pen.headings -= tag in _HEADINGS
        if tag == "a":
            pen.end_link()
        pen.write(element.tail if element is not root else "")
    pen.end_link()
    if block := pen.end_block():
        yield block


_PARAGRAPHS = re.compile(r"\n\s*\n")
_BARE_LINK = re.compile(r"<?(https?://[^\s<>\"]{4,2000})>?")


def _text_blocks(text: str) -> Iterator[Block]:
    """Paragraphs of plain text, without their personal lines. The words of a link are those before
    it in its paragraph.
    """
    for paragraph in _PARAGRAPHS.split(_kept_text(text)):
        links, start = [], 0
        for match in _BARE_LINK.finditer(paragraph):
            links.append((plain(paragraph[start : match.start()]).rstrip(" :(["), match[1]))
            start = match.end()
        words = plain(_BARE_LINK.sub(" ", paragraph))
        if words or links:
            yield Block(words, links=tuple(links))


# --- Links ---------------------------------------------------------------------------------------

_MORE = re.compile(
    r"[\W_]*(?:(?:pour )?en savoir (?:plus|\+)|plus d'infos?|plus d'informations?|suite|ici|"
    r"(?:je |cliquez |c'est )?(?:par )?ici|cliquez ici|je (?:decouvre|consulte|lis|participe)|"
    r"(?:re)?(?:lire|voir|consulter|consultez|decouvrir|decouvrez|acceder|lisez|telecharger)"
    r"(?: (?:a |au |l'|la |le |les |tout |toute |cet |cette |notre )*"
    r"(?:suite|article|actualite|page|texte|dossier|document|communique|fiche|site|plus|"
    r"information|offre|replay|programme)?"
    r"(?: (?:complete?|entiere?|en entier|en ligne|sur (?:le|notre) site|de l'article))?)?)[\W_]*"
)
_LEAVE = re.compile(
    r"desinscri|desabonn|unsubscri|se desinscrire|gerer (?:mes|vos|ses) (?:abonnement|preference)|"
    r"(?:mes|vos) preferences|preference.?cent|mettre a jour (?:mes|vos)|ne plus recevoir|"
    r"opt-?out|manage.?subscription|list-manage\.com/(?:unsub|profile)"
)
_LEAVE_AROUND = re.compile(r"ne (?:souhaitez|voulez|desirez) plus|desinscri|desabonn|unsubscri")
"""Words beside a link that make it one to leave; fewer than those that it says itself."""
SHORT = 500
"""Characters of a paragraph or cell that is about one thing."""
_ONLINE = re.compile(
    r"version (?:en ligne|web|navigateur)|voir (?:dans|dans votre) (?:le )?navig|"
    r"view (?:this email )?in|visualiser|s'affiche (?:mal|pas)|miroir"
)
_SOCIAL = re.compile(
    r"(.+\.)?(facebook\.com|twitter\.com|x\.com|linkedin\.com|instagram\.com|youtube\.com|youtu\.be|"
    r"tiktok\.com|threads\.net|bsky\.app|pinterest\.(com|fr)|whatsapp\.com|wa\.me|t\.me)"
)
FAR = 12
"""How many blocks above a link its heading is looked for."""


def is_personal(words: str, href: str) -> bool:
    """Whether a link is the subscriber's own: to leave, to choose, to see the letter on line."""
    said, address = fold(words[:5_000]), fold(unquote(href[:5_000]))
    return any(_LEAVE.search(text) for text in (said, address)) or bool(_ONLINE.search(said))


def _speaks_of_leave(text: str) -> bool:
    return _LEAVE_AROUND.search(fold(clean(text[:5_000]))) is not None


def _is_leaving(paragraph: str) -> bool:
    """Whether a paragraph is short and speaks of leaving: all its links are then personal."""
    return len(clean(paragraph[: 10 * SHORT])) <= SHORT and _speaks_of_leave(paragraph)


def is_social(url: str) -> bool:
    return _SOCIAL.fullmatch(urlsplit(url).hostname or "") is not None


def links_of(letter: Letter, min_words: int) -> list[Link]:
    """The links that say what they lead to, once each, in the order of the letter.

    The title is the link's own words, or the nearest heading above when they only say « lire la
    suite »; the summary is what stands around. Of several links to one address, the best title.
    """
    found: dict[str, Link] = {}
    for index, block in enumerate(letter.blocks):
        for words, href in block.links:
            url = _address(href)
            if not url or is_social(url) or is_personal(words, href):
                continue
            link = _link(letter.blocks, index, words, url)
            if len(link.title.split()) < min_words:
                continue
            known = found.get(url)
            if known is None or (not known.summary and link.summary):
                title = known.title if known else link.title
                found[url] = Link(url, title, link.summary)
    return list(found.values())


def _address(href: str) -> str:
    """The canonical address, or "" for what is no page of the web, or too long to be kept."""
    try:
        return link_to("", href)
    except ParseError:
        return ""


def is_more(words: str) -> bool:
    """« Lire la suite », « En savoir plus », and their like: words that say nothing."""
    return not words.strip() or _MORE.fullmatch(fold(clean(words))) is not None


def _link(blocks: tuple[Block, ...], index: int, words: str, url: str) -> Link:
    if not is_more(words):
        return Link(url, words, _summary(blocks, index, words))
    for above in range(index, max(-1, index - FAR), -1):
        block = blocks[above]
        if block.is_heading and not is_more(block.text):
            between = (one.text for one in blocks[above + 1 : index + 1] if not is_more(one.text))
            return Link(url, block.text, _without(clean_paragraphs("\n".join(between)), words))
    return Link(url, "")


def _summary(blocks: tuple[Block, ...], index: int, words: str) -> str:
    """The rest of the paragraph, or the one below when the link is a title alone."""
    block = blocks[index]
    if len(block.text) > len(words) + 20:
        return block.text
    below = blocks[index + 1] if index + 1 < len(blocks) else None
    is_about_it = below is not None and not below.is_heading and not is_more(below.text)
    if below is None or not is_about_it or any(not is_more(w) for w, _ in below.links):
        return ""
    return below.text


def _without(text: str, words: str) -> str:
    """A paragraph without the « lire la suite » at its end."""
    return text.removesuffix(words).strip() if words else text
