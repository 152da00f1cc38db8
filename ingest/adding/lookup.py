"""Looking up papers by identifier: at arXiv, or at OpenAlex where arXiv has none."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ingest.net.outside import Clients, Outside
from ingest.sources.arxiv.api import ArxivApi
from ingest.sources.citations.openalex import OpenAlex
from kg.errors import SourceError
from kg.records import ListEntry, Paper
from kg.settings import Settings


@dataclass(slots=True)
class Records:
    """The services' records of some papers."""

    by_arxiv_id: dict[str, Paper] = field(default_factory=dict)
    by_doi: dict[str, Paper] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """arXiv ids and DOIs that no service has."""
    unasked: dict[str, str] = field(default_factory=dict)
    """arXiv ids and DOIs whose service failed, with the reason."""
    failures: list[str] = field(default_factory=list)
    """Failures of services, a line each."""

    def of(self, entry: ListEntry) -> Paper | None:
        """Return the record of the paper that an entry names by its identifiers."""
        found = self.by_arxiv_id.get(entry.arxiv_id or "") or self.by_doi.get(entry.doi or "")
        if found and not entry.arxiv_id and found.arxiv_id in self.by_arxiv_id:
            return self.by_arxiv_id[found.arxiv_id]
        return found

    def fetch(
        self, settings: Settings, arxiv_ids: Sequence[str], dois: Sequence[str], outside: Outside
    ) -> None:
        """Fetch the records that are not here yet."""
        with closing(Clients(settings, outside)) as clients:
            if dois:
                self._ask_openalex(OpenAlex.open(clients), dois)
                arxiv_ids = [*arxiv_ids, *(p.arxiv_id for p in self.by_doi.values() if p.arxiv_id)]
            if wanted := [one for one in dict.fromkeys(arxiv_ids) if one not in self.by_arxiv_id]:
                self._ask_arxiv(ArxivApi(clients.arxiv(), settings.arxiv_url), wanted)

    def _ask_openalex(self, service: OpenAlex, dois: Sequence[str]) -> None:
        try:
            self.by_doi |= service.papers(dois)
            self.unknown |= set(dois) - set(self.by_doi)
        except SourceError as error:
            self._add_failure("OpenAlex", error, dois)

    def _ask_arxiv(self, service: ArxivApi, ids: Sequence[str]) -> None:
        try:
            for found in service.by_ids(ids):
                self.by_arxiv_id |= {paper.id: paper for paper in found.papers}
                self.unknown |= set(found.missing)
                self.unasked |= found.failed
                for name, reason in found.failed.items():
                    self.failures.append(f"arXiv's record of {name} cannot be read: {reason}")
        except SourceError as error:
            self._add_failure("arXiv", error, ids)

    def _add_failure(self, service: str, error: SourceError, names: Iterable[str]) -> None:
        self.failures.append(f"{service} could not be asked: {error.reason}")
        known = self.by_arxiv_id.keys() | self.by_doi.keys() | self.unknown
        self.unasked |= dict.fromkeys((one for one in names if one not in known), error.reason)
