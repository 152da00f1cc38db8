"""The sources of a refresh, from which the command, reports and pages take their names.

A new source of citations is a module with a `CitationSource`, and an entry in `CITATIONS`. It is
imported only when it is opened, so that names cost no time.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from ingest.net.outside import Clients
    from ingest.sources.citations.source import CitationSource

Open: TypeAlias = "Callable[[Clients], CitationSource]"
"""Makes a source, with its endpoint and key from the settings and a client of its own."""


def _semantic_scholar(clients: "Clients") -> "CitationSource":
    from ingest.sources.citations.semantic_scholar import SemanticScholar

    return SemanticScholar.open(clients)


def _openalex(clients: "Clients") -> "CitationSource":
    from ingest.sources.citations.openalex import OpenAlex

    return OpenAlex.open(clients)


PAPERS: Final = ("lists", "oai", "arxiv")
"""Sources of papers; each awesome list is one under its own name, too."""

CITATIONS: Final[Mapping[str, Open]] = {
    "semantic-scholar": _semantic_scholar,
    "openalex": _openalex,
}
"""Sources of citations. Each is asked about papers of which those before it know no reference."""

LINKS: Final = "links"
"""Name of the hosts of code, which are asked whether its repositories exist."""

NAMES: Final = (*PAPERS, *CITATIONS, LINKS)
"""All sources, in the order in which a refresh asks them."""
