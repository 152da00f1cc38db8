"""The protocol of a source of citations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.net.http import Http
from kg.store.citations import OutsideReference


@dataclass(frozen=True, slots=True)
class CitingPaper:
    """A paper whose references are asked for."""

    key: int
    """Its key in the catalogue."""
    arxiv_id: str | None
    """arXiv id without version."""
    doi: str | None
    """DOI, lower-case, without resolver."""


@dataclass(frozen=True, slots=True)
class PaperReferences:
    """A source's answer for one paper."""

    key: int
    """The paper's key in the catalogue."""
    found: bool
    """False where the source does not know the paper."""
    known: int = 0
    """How many references the source knows, with an identifier or without."""
    references: tuple[OutsideReference, ...] = ()
    """Those that have an identifier, by all of their identifiers."""
    failed: str = ""
    """Why there is no answer though others had one; empty where there is."""


class CitationSource(Protocol):
    """A source of references."""

    name: str
    """Its name in reports and at each edge: ``openalex``."""
    batch: int
    """Papers that are best asked about together."""
    http: Http
    """The client through which it is asked."""

    def references(self, asked: Sequence[CitingPaper]) -> Iterator[PaperReferences]:
        """Give an answer for each of `asked`, in any order, each once.

        Raises
        ------
        SourceError
            If the source cannot be asked any more; answers given before it are good.
        """
        ...
