"""JSON APIs: one module per dialect, which says how a service is asked and its fields are read."""

from __future__ import annotations

from collections.abc import Iterator

from hub.model import Source
from hub.sources import JsonApiOptions
from hub.text import paris_day
from spiders.base import Ask, Kind, Memory, Page, Reading
from spiders.json_api.aides_territoires import AidesTerritoires
from spiders.json_api.data_fair import DataFair
from spiders.json_api.datagouv import DataGouv
from spiders.json_api.evaluation import Evaluation
from spiders.json_api.fields import Dialect, Paper
from spiders.json_api.opendatasoft import Opendatasoft, page_url, parse_export, parse_records
from spiders.json_api.tee import Tee

__all__ = ["JsonApi", "page_url", "parse_export", "parse_records"]

_DIALECTS: dict[str, type[Dialect]] = {
    "boamp": Opendatasoft,
    "approch": Opendatasoft,
    "decp": Opendatasoft,
    "data_fair": DataFair,
    "tee": Tee,
    "aides_territoires": AidesTerritoires,
    "datagouv": DataGouv,
    "evaluation": Evaluation,
}


class JsonApi(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        options = JsonApiOptions.model_validate(source.options)
        paper = Paper(source.id, source.url, options, paris_day(memory.now))
        dialect = _DIALECTS[options.dialect]
        self.dialect = dialect(paper, memory, may_be_empty=source.may_be_empty)

    def first_asks(self) -> Iterator[Ask]:
        yield from self.dialect.first_asks()

    def read(self, page: Page) -> Reading:
        return self.dialect.read(page)

    def read_token(self, page: Page) -> Reading:
        return self.dialect.read_token(page)

    def read_export(self, page: Page) -> Reading:
        return self.dialect.read_export(page)
