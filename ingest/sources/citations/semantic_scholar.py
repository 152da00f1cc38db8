"""Semantic Scholar's Graph API as a source of citations."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from ingest.net.http import BadResponse, FlawedResponse, Http, HttpResponse, RequestPolicy
from ingest.sources.batches import in_batches
from ingest.sources.citations.source import CitingPaper, PaperReferences, work_facts
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.store.citations import OutsideReference

if TYPE_CHECKING:
    from ingest.net.outside import Clients

_FIELDS: Final = "referenceCount,references.externalIds,citationCount,openAccessPdf,venue"

Record: TypeAlias = dict[str, Any]
"""What was asked for of a paper: `_FIELDS`, the references without empty ones."""


class SemanticScholar:
    """Semantic Scholar, asked for the references of up to 500 papers at once.

    Parameters
    ----------
    http : Http
        A key goes into its headers, as ``x-api-key``.
    url : str
        Where the service answers, with ``/graph/v1`` or without.
    """

    name = "semantic-scholar"
    batch = 500

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        self._url = url.rstrip("/").removesuffix("/graph/v1").rstrip("/")

    @classmethod
    def open(cls, clients: "Clients") -> Self:
        """Return the service that the settings name, asked once a second at most with a key."""
        settings = clients.settings
        key = settings.semantic_scholar_key
        headers = {"x-api-key": key} if key else {}
        http = clients.paced(RequestPolicy(cls.name), 1.0 if key else 3.0, headers)
        return cls(http, settings.semantic_scholar_url)

    def references(self, asked: Sequence[CitingPaper]) -> Iterator[PaperReferences]:
        """Give an answer for each of `asked`; see `CitationSource.references`."""
        names = [(one, _names(one)) for one in asked]
        yield from (PaperReferences(one.key, found=False) for one, ids in names if not ids)
        waiting = [(one, ids) for one, ids in names if ids]
        while waiting:
            unknown = []
            asks = [(one, ids[0]) for one, ids in waiting]
            others = {one.key: ids[1:] for one, ids in waiting}
            for batch, papers in in_batches(asks, self.batch, self._papers):
                if isinstance(papers, SourceError):
                    yield PaperReferences(batch[0][0].key, found=False, failed=papers.reason)
                    continue
                for (one, _), paper in zip(batch, papers, strict=True):
                    if isinstance(paper, str):
                        yield PaperReferences(one.key, found=False, failed=paper)
                    elif paper:
                        yield _answered(one.key, paper)
                    elif rest := others[one.key]:
                        unknown.append((one, rest))
                    else:
                        yield PaperReferences(one.key, found=False)
            waiting = unknown

    def _papers(self, batch: Sequence[tuple[CitingPaper, str]]) -> list[Record | str | None]:
        """Return the record of each, the references complete so far as the service gives them.

        None stands for an unknown paper, and a text for what is wrong with a record.
        """
        ids = [name for _, name in batch]
        papers = self._ask(ids)
        # One answer has about 10,000 references at most, and those of the later papers are missing
        # without a word. Some are missing from every answer, as their publisher wishes.
        while lacking := {
            i: one for i, one in enumerate(papers) if isinstance(one, dict) and _lacks(one)
        }:
            again = self._ask([ids[i] for i in lacking])
            better = {
                i: new
                for (i, old), new in zip(lacking.items(), again, strict=True)
                if isinstance(new, str) or (new and len(new["references"]) > len(old["references"]))
            }
            if not better:
                break
            for i, record in better.items():
                papers[i] = record
        return papers

    def _ask(self, ids: Sequence[str]) -> list[Record | str | None]:
        def check(response: HttpResponse) -> list[Record | str | None]:
            found = _records(response, len(ids), self.http.policy.source)
            if flaw := next((one for one in found if isinstance(one, str)), None):
                raise FlawedResponse(flaw, found)
            return found

        return self.http.post(
            f"{self._url}/graph/v1/paper/batch",
            check,
            json={"ids": ids},
            params={"fields": _FIELDS},
            accept=(200, 400),
        )


def _names(paper: CitingPaper) -> list[str]:
    """Return the ids by which the service may know a paper, the likeliest first."""
    names = [("ARXIV", paper.arxiv_id), ("DOI", paper.doi)]
    return [f"{scheme}:{value}" for scheme, value in names if value]


def _records(answer: HttpResponse, asked: int, source: str) -> list[Record | str | None]:
    """Return the records of an answer in the order asked."""
    try:
        # Texts may hold control characters, which strict JSON forbids.
        document = json.loads(answer.body, strict=False)
    except (ValueError, RecursionError):
        document = None
    if answer.status == 400:
        if isinstance(document, dict) and "no valid paper ids" in str(document).lower():
            return [None] * asked
        raise SourceError(source, "HTTP 400", 400)
    if not isinstance(document, list):
        raise BadResponse("not a JSON list")
    if len(document) != asked:
        raise BadResponse(f"{len(document)} records for {asked} papers")
    return [None if record is None else _plain(record) for record in document]


def _plain(record: object) -> Record | str:
    """Return what was asked for of a record, or what is wrong with it."""
    if not isinstance(record, dict):
        return "a record that is none"
    cited = record.get("references") or []
    if not isinstance(cited, list) or not all(isinstance(one, dict | None) for one in cited):
        return "references that are none"
    references = [one for one in cited if one is not None]
    asked = ("referenceCount", "citationCount", "openAccessPdf", "venue")
    return {**{name: record.get(name) for name in asked}, "references": references}


def _lacks(record: Record) -> bool:
    count = record["referenceCount"]
    return isinstance(count, int) and len(record["references"]) < count


def _answered(key: int, record: Record) -> PaperReferences:
    cited = record["references"]
    names = (name for one in cited for name in _identifiers(one.get("externalIds")))
    free = record["openAccessPdf"]
    facts = work_facts(
        record["citationCount"],
        [free.get("url")] if isinstance(free, dict) else [],
        record["venue"],
    )
    return PaperReferences(key, True, len(cited), tuple(dict.fromkeys(names)), facts=facts)


def _identifiers(external: object) -> Iterator[OutsideReference]:
    """Give the identifiers in a record's `externalIds` that the atlas knows papers by."""
    if not isinstance(external, dict):
        return
    arxiv, doi = external.get("ArXiv"), external.get("DOI")
    for text in (arxiv, doi):
        if isinstance(text, str) and (found := parse_arxiv_id(text)):
            yield OutsideReference("arxiv", found)
    if isinstance(doi, str) and (found := parse_doi(doi)):
        yield OutsideReference("doi", found)
