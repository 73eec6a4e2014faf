"""JORF, the DILA's edition of the Journal officiel in five kinds of files. Pure.

One text is a `texte/version` (titles, notice, visas), a `texte/struct` (the order of its articles),
one `article` for each and one `section_ta` for each heading; the `conteneur` is the summary. They
are put together into the files of JORFSIMPLE, so that both editions are read by the same words and
give the same mentions.

An article or a structure that comes without its text says nothing: a part must not stand for the
whole. A text whose articles are not all there is marked partial.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.dila import Delivery, parse_xml, read_members, value_of
from hub.legal.jorfsimple import read_files
from hub.legal.references import normalise
from hub.legal.tararchive import MIB, Limits, Member
from hub.model import Scheme

_ROOTS = {
    "conteneur": "JO",
    "texte/version": "TEXTE_VERSION",
    "texte/struct": "TEXTELR",
    "article": "ARTICLE",
    "section_ta": "SECTION_TA",
}
_COMMON = "META/META_COMMUN"
_CHRONICLE = "META/META_SPEC/META_TEXTE_CHRONICLE"
_VERSION = "META/META_SPEC/META_TEXTE_VERSION"
_CONTAINER = "META/META_SPEC/META_CONTENEUR"
_PLACES = {
    "ID": _COMMON,
    "ID_ELI": _COMMON,
    "NATURE": _COMMON,
    "NUM": _CHRONICLE,
    "NUM_SEQUENCE": _CHRONICLE,
    "NOR": _CHRONICLE,
    "DATE_PUBLI": _CHRONICLE,
    "DATE_TEXTE": _CHRONICLE,
    "ORIGINE_PUBLI": _CHRONICLE,
    "TITRE": _VERSION,
    "TITREFULL": _VERSION,
    "MINISTERE": _VERSION,
}
_WHOLE = ("NOTICE", "VISAS", "ABRO", "RECT", "SM", "ENTREPRISE")
_DEEPEST = 30
HELD = Limits(total=192 * MIB, members=400_000)
"""The files of a delivery are held until its end: one text comes in several of them."""


def read_jorf(body: bytes, source_id: str, limits: Limits | None = None) -> Delivery:
    """Read a whole delivery. Never raises: trouble is in the answer."""
    files = _Files()
    for member in read_members(body, files.troubles, limits or HELD):
        files.add(member)
    missing = "; ".join(files.troubles)
    if not missing and not files.bodies:
        missing = "archive without any JORF file"
    delivery = read_files(list(files.assembled()), source_id, missing)
    mentions = tuple(
        replace(mention, is_partial=True) if mention.key in files.partial else mention
        for mention in delivery.mentions
    )
    troubles = (*delivery.troubles, *files.damaged)
    return replace(delivery, mentions=mentions, troubles=troubles)


def _kind_of(name: str) -> str:
    """`.../texte/struct/JORF/TEXT/.../JORFTEXT000012345678.xml` -> `texte/struct`; else ""."""
    parts = PurePosixPath(name).parts
    for kind in _ROOTS:
        words = tuple(kind.split("/"))
        for at in range(len(parts) - len(words)):
            if parts[at : at + len(words)] == words and parts[at + len(words)] == "JORF":
                return kind
    return ""


@dataclass(slots=True)
class _Files:
    """The files of one delivery, by kind and id. Bodies are kept, not trees: trees weigh more."""

    bodies: dict[str, dict[str, bytes]] = field(default_factory=dict)
    of_text: dict[str, list[str]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    partial: set[str] = field(default_factory=set)

    def add(self, member: Member) -> None:
        kind = _kind_of(member.name) if member.basename.endswith(".xml") else ""
        if not kind:
            return  # eli/: addresses that the texts carry already
        name = member.basename.removesuffix(".xml")
        self.bodies.setdefault(kind, {})[name] = member.body
        if kind == "article" and (text_id := _text_of_article(member.body)):
            self.of_text.setdefault(text_id, []).append(name)

    def tree(self, kind: str, name: str) -> etree._Element | None:
        """A file that is there and well-formed; one that is not costs only itself."""
        body = self.bodies.get(kind, {}).get(name)
        if body is None:
            return None
        try:
            return parse_xml(body, _ROOTS[kind])
        except ParseError as error:
            self.damaged.append(f"{name}.xml: {error.reason}")
            return None

    def assembled(self) -> Iterator[Member]:
        """The same delivery as JORFSIMPLE writes it."""
        for name in self.bodies.get("conteneur", ()):
            if (tree := self.tree("conteneur", name)) is not None:
                yield Member(f"{name}.xml", etree.tostring(_simple_container(tree)))
        for name in self.bodies.get("texte/version", ()):
            if (tree := self.tree("texte/version", name)) is not None:
                yield Member(f"{name}.xml", etree.tostring(self._simple_text(tree, name)))

    def _simple_text(self, version: etree._Element, name: str) -> etree._Element:
        text = etree.Element("TEXTE")
        for tag, place in _PLACES.items():
            etree.SubElement(text, tag).text = value_of(version, f"{place}/{tag}")
        for tag in _WHOLE:
            if (part := version.find(tag)) is not None:
                text.append(deepcopy(part))
        text.append(self._structure(name, value_of(version, f"{_COMMON}/ID") or name))
        return text

    def _structure(self, name: str, text_id: str) -> etree._Element:
        """The articles in the order of the struct, under their headings; then those it forgot."""
        target = etree.Element("STRUCT")
        seen: set[str] = set()
        struct = self.tree("texte/struct", name)
        if struct is not None and (links := struct.find("STRUCT")) is not None:
            self._place(target, links, text_id, seen, 0)
        for article_id in sorted(set(self.of_text.get(text_id, ())) - seen):
            self._place_article(target, article_id, text_id)
        if struct is None:
            self.partial.add(text_id)
        return target

    def _place(
        self,
        target: etree._Element,
        links: etree._Element,
        text_id: str,
        seen: set[str],
        depth: int,
    ) -> None:
        for link in links:
            name = link.get("id") or ""
            if name in seen or depth > _DEEPEST:
                continue
            if link.tag == "LIEN_ART":
                seen.add(name)
                self._place_article(target, name, text_id)
            elif link.tag == "LIEN_SECTION_TA":
                seen.add(name)
                self._place_section(target, name, text_id, seen, depth)

    def _place_article(self, target: etree._Element, name: str, text_id: str) -> None:
        tree = self.tree("article", name)
        if tree is None:
            self.partial.add(text_id)
            return
        article = etree.SubElement(target, "ARTICLE")
        etree.SubElement(article, "NUM").text = value_of(tree, "META/META_SPEC/META_ARTICLE/NUM")
        for tag in ("SM", "BLOC_TEXTUEL"):
            if (part := tree.find(tag)) is not None:
                article.append(part)

    def _place_section(
        self, target: etree._Element, name: str, text_id: str, seen: set[str], depth: int
    ) -> None:
        tree = self.tree("section_ta", name)
        if tree is None:
            self.partial.add(text_id)
            return
        section = etree.SubElement(target, "SECTION_TA")
        etree.SubElement(section, "TITRE_TA").text = value_of(tree, "TITRE_TA")
        if (links := tree.find("STRUCTURE_TA")) is not None:
            self._place(section, links, text_id, seen, depth + 1)


def _simple_container(tree: etree._Element) -> etree._Element:
    container = etree.Element("JO")
    etree.SubElement(container, "ID").text = value_of(tree, f"{_COMMON}/ID")
    for tag in ("TITRE", "NUM", "DATE_PUBLI"):
        etree.SubElement(container, tag).text = value_of(tree, f"{_CONTAINER}/{tag}")
    if (structure := tree.find("STRUCTURE_TXT")) is not None:
        container.append(structure)
    return container


def _text_of_article(body: bytes) -> str:
    """The text that an article is of; "" when it does not say, or is damaged."""
    try:
        context = parse_xml(body, "ARTICLE").find("CONTEXTE/TEXTE")
    except ParseError:
        return ""
    found = normalise(Scheme.JORFTEXT, context.get("cid") or "") if context is not None else None
    return found.value if found else ""
