"""The protocol of a source of citations."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ingest.net.http import Http
from kg.links import canonical_link
from kg.store.citations import OutsideReference
from kg.text.plain import without_controls
from kg.text.venues import canonical_venue

_MAX_CITATIONS: Final = 10_000_000
"""A paper that is cited more often has a wrong count."""

_MAX_VENUE_CHARS: Final = 300
_PREPRINTS: Final = re.compile(
    r"(?:arxiv|corr|biorxiv|medrxiv|ssrn|research square|preprints)\b", re.IGNORECASE
)


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
class WorkFacts:
    """What a source says of a paper beside its references."""

    citations: int | None = None
    """How often all papers that it knows cite this one."""
    open_access: str | None = None
    """Address of a free copy."""
    venue: str | None = None
    """Where it was published, by the venue's canonical name; no preprint server."""


def work_facts(citations: object, addresses: Iterable[object], venue: object) -> WorkFacts | None:
    """Return facts from what a service gives, or None where it gives none that make sense.

    Parameters
    ----------
    addresses : iterable
        Where free copies may be, the best first.

    Examples
    --------
    >>> work_facts(7, [None, "javascript:x", "https://a.org/p.pdf"], "NIPS")
    WorkFacts(citations=7, open_access='https://a.org/p.pdf', venue='NeurIPS')
    >>> work_facts("many", [], "arXiv.org")
    """
    count = citations if isinstance(citations, int) and 0 <= citations <= _MAX_CITATIONS else None
    links = (canonical_link(one) for one in addresses if isinstance(one, str))
    name = (
        canonical_venue(" ".join(without_controls(venue).split())) if isinstance(venue, str) else ""
    )
    named = name and len(name) <= _MAX_VENUE_CHARS and not _PREPRINTS.match(name)
    facts = WorkFacts(
        count,
        next((one for one in links if one), None),
        name if named else None,
    )
    return None if facts == WorkFacts() else facts


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
    facts: WorkFacts | None = None
    """What else the source says of the paper, where it says anything."""


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
