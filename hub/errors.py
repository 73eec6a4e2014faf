"""The error tree. The class says the kind, the attributes say the facts, the cause is chained.

Expected trouble (a source is down) is recorded on its source and the run goes on; trouble in the
store stops the run. Messages are English, lower case, for logs; what a person reads on a screen
comes from `hub.messages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class HubError(Exception):
    """Base of every error the hub raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote: where it stands and what was expected there."""

    file: Path
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f" {self.path}:" if self.path else ""
        return f"{self.file}:{self.line}:{where} {self.message}"


class ConfigError(HubError):
    """A configuration file is wrong. `problems` lists every mistake, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SourceError(HubError):
    """A source did not give what it should; `kind` is stable and `reason` is for people."""

    kind = "parse"

    def __init__(self, reason: str, *, url: str = "") -> None:
        self.reason = reason
        self.url = url
        super().__init__(f"{reason} url={url}" if url else reason)


class FetchError(SourceError):
    """The bytes could not be had."""

    kind = "http"

    def __init__(
        self, reason: str, *, url: str = "", status: int | None = None, is_transient: bool = False
    ) -> None:
        self.status = status
        self.is_transient = is_transient
        super().__init__(reason, url=url)


class ParseError(SourceError):
    """The bytes came but are not what the source usually gives."""

    kind = "parse"


class EmptySource(SourceError):
    """A page answered with nothing in it, where items are expected."""

    kind = "empty"


class ReplayError(HubError):
    """The captures could not all be read again."""


class TaxonomyError(HubError):
    """The référentiel contradicts itself."""


class UnknownTerm(TaxonomyError):
    """A term is named that the référentiel does not have."""

    def __init__(self, term: str) -> None:
        self.term = term
        super().__init__(f"unknown term term={term}")


class ReviewError(HubError):
    """An editor's move that the state of the item does not allow."""


class AlreadyReviewed(ReviewError):
    """Someone else decided first, or the text changed since the page was opened."""

    def __init__(self, slug: str, expected: int, found: int) -> None:
        self.slug = slug
        self.expected = expected
        self.found = found
        super().__init__(f"item moved slug={slug} expected={expected} found={found}")


class AccountError(HubError):
    """An editor's account cannot be opened or changed so; `reason` is stable (`short-password`)."""

    def __init__(self, reason: str, email: str) -> None:
        self.reason = reason
        self.email = email
        super().__init__(f"account refused reason={reason} email={email}")


class PublishError(HubError):
    """The site could not be built; the old one is still served."""


class DigestError(HubError):
    """A letter could not be prepared or sent."""


class RecipientRefused(DigestError):
    """The mail server refused this recipient; others are not concerned."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"recipient refused code={code} reason={reason}")


class Busy(HubError):
    """Another process holds the same job; nothing was done."""

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__(f"job already running job={job}")
