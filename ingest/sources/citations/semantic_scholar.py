"""References as Semantic Scholar knows them, through its Graph API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ingest.net.http import Answer, BadAnswer, FlawedAnswer, Http
from ingest.sources.citations.references import Answered, Asked, in_batches
from kg.errors import SourceError
from kg.ids import identifiers
from kg.store.citations import Reference

if TYPE_CHECKING:
    from semanticscholar.Paper import Paper

    from ingest.sources.citations.semantic_scholar_package import Package

SEMANTIC_SCHOLAR: Final = "semantic-scholar"

_FIELDS: Final = ("referenceCount", "references.externalIds")


class SemanticScholar:
    """Semantic Scholar, asked for the references of up to 500 papers at once.

    Parameters
    ----------
    http : Http
        A key goes into its headers, as ``x-api-key``.
    url : str
        Where the service answers, with ``/graph/v1`` or without.
    """

    name = SEMANTIC_SCHOLAR
    batch = 500

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        self._url = url.rstrip("/").removesuffix("/graph/v1").rstrip("/")
        self._package: Package | None = None
        self._flawed: dict[str, str] = {}

    def references(self, asked: Sequence[Asked]) -> Iterator[Answered]:
        """Give an answer for each of `asked`; see `References.references`."""
        names = [(one, _names(one)) for one in asked]
        yield from (Answered(one.key, found=False) for one, ids in names if not ids)
        waiting = [(one, ids) for one, ids in names if ids]
        while waiting:
            unknown = []
            asks = [(one, ids[0]) for one, ids in waiting]
            others = {one.key: ids[1:] for one, ids in waiting}
            for batch, papers in in_batches(asks, self.batch, self._papers):
                if isinstance(papers, SourceError):
                    yield Answered(batch[0][0].key, found=False, failed=papers.reason)
                    continue
                for (one, name), paper in zip(batch, papers, strict=True):
                    if flaw := self._flawed.pop(name, ""):
                        yield Answered(one.key, found=False, failed=flaw)
                    elif paper is not None:
                        yield _answered(one.key, paper)
                    elif rest := others[one.key]:
                        unknown.append((one, rest))
                    else:
                        yield Answered(one.key, found=False)
            waiting = unknown

    def _papers(self, batch: Sequence[tuple[Asked, str]]) -> "list[Paper | None]":
        """Return the record of each, the references complete so far as the service gives them."""
        ids = [name for _, name in batch]
        papers = self._ask(ids)
        # One answer has about 10,000 references at most, and those of the later papers are missing
        # without a word. Some are missing from every answer, as their publisher wishes.
        while lacking := [i for i, paper in enumerate(papers) if paper and _lacks(paper)]:
            better = [
                (i, paper)
                for i, paper in zip(lacking, self._ask([ids[i] for i in lacking]), strict=True)
                if paper and len(_cited(paper)) > len(_cited(papers[i]))
            ]
            if not better:
                break
            for i, paper in better:
                papers[i] = paper
        return papers

    def _ask(self, ids: Sequence[str]) -> "list[Paper | None]":
        if self._package is None:
            from ingest.sources.citations.semantic_scholar_package import Package

            self._package = Package(self._fetch, self._url)
        return self._package.papers(ids, _FIELDS)

    def _fetch(
        self, url: str, parameters: Mapping[str, str], payload: Any
    ) -> list[dict[str, Any] | None]:
        def check(answer: Answer) -> list[dict[str, Any] | None]:
            found = _records(answer, len(payload["ids"]), self.http.manners.source)
            for name, record in zip(payload["ids"], found, strict=True):
                if isinstance(record, str):
                    self._flawed[name] = record
                else:
                    self._flawed.pop(name, None)
            plain = [None if isinstance(one, str) else one for one in found]
            if flaw := next((one for one in found if isinstance(one, str)), None):
                raise FlawedAnswer(flaw, plain)
            return plain

        return self.http.post(url, check, json=payload, params=parameters, accept=(200, 400))


def _names(paper: Asked) -> list[str]:
    """Return the ids by which the service may know a paper, the likeliest first."""
    names = [("ARXIV", paper.arxiv_id), ("DOI", paper.doi)]
    return [f"{scheme}:{value}" for scheme, value in names if value]


def _records(answer: Answer, asked: int, source: str) -> list[dict[str, Any] | str | None]:
    """Return the records of an answer in the order asked.

    None stands for an unknown paper, and a text for what is wrong with a record.
    """
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
        raise BadAnswer("not a JSON list")
    if len(document) != asked:
        raise BadAnswer(f"{len(document)} records for {asked} papers")
    return [None if record is None else _plain(record) for record in document]


def _plain(record: object) -> dict[str, Any] | str:
    """Return what was asked for of a record, in a form that the package can read, or its flaw."""
    if not isinstance(record, dict):
        return "a record that is none"
    cited = record.get("references") or []
    if not isinstance(cited, list) or not all(isinstance(one, dict | None) for one in cited):
        return "references that are none"
    return {
        "referenceCount": record.get("referenceCount"),
        "references": [{"externalIds": one.get("externalIds")} for one in cited if one is not None],
    }


def _cited(paper: "Paper | None") -> "list[Paper]":
    return (paper and paper.references) or []


def _lacks(paper: "Paper") -> bool:
    count = paper.referenceCount
    return isinstance(count, int) and len(_cited(paper)) < count


def _answered(key: int, paper: "Paper") -> Answered:
    cited = _cited(paper)
    references = dict.fromkeys(name for one in cited for name in _identifiers(one.externalIds))
    return Answered(key, True, len(cited), tuple(references))


def _identifiers(external: object) -> Iterator[Reference]:
    """Give the identifiers in a record's `externalIds` that the atlas knows papers by."""
    if not isinstance(external, dict):
        return
    arxiv, doi = external.get("ArXiv"), external.get("DOI")
    for text in (arxiv, doi):
        if isinstance(text, str) and (found := identifiers.arxiv_id(text)):
            yield Reference("arxiv", found)
    if isinstance(doi, str) and (found := identifiers.doi(doi)):
        yield Reference("doi", found)
