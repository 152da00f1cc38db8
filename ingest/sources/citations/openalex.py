"""OpenAlex as a source of citations, and of papers by DOI."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from ingest.net.http import BadResponse, FlawedResponse, Http, HttpResponse, RequestPolicy
from ingest.sources.batches import in_batches
from ingest.sources.citations import openalex_work
from ingest.sources.citations.source import CitingPaper, PaperReferences, WorkFacts, work_facts
from kg.errors import SourceError, TooLarge
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.records import Paper
from kg.store.citations import OutsideReference

if TYPE_CHECKING:
    from ingest.net.outside import Clients

_MAX_WORKS: Final = 100
"""Most works on a page, and most values in a filter."""

_MAX_DOIS: Final = 50
"""DOIs in a filter: a hundred long ones would make too long an address."""

_FIELDS: Final = ("id", "doi", "ids", "locations")

_CITING_FIELDS: Final = (
    *("referenced_works", "cited_by_count", "best_oa_location", "open_access"),
    "primary_location",
)
"""What is asked of papers besides, but not of those that they refer to."""

_UNSAFE_IN_FILTER: Final = re.compile(r"[\s,|&+!\"'<>]")
"""Signs that have a meaning within a filter, and would spoil the whole query."""

Work = dict[str, Any]


class OpenAlex:
    """OpenAlex, asked for works by DOI and for what they refer to by OpenAlex id.

    Nothing is asked page by page, as paging by cursor needs a key: a query whose works do not fit
    on one page is asked in parts.

    Parameters
    ----------
    http : Http
        A key goes into its headers, as ``Authorization: Bearer``.
    """

    name = "openalex"
    batch = 50

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        self._url = url.rstrip("/")
        self._names: dict[str, tuple[OutsideReference, ...]] = {}

    @classmethod
    def open(cls, clients: "Clients") -> Self:
        """Return the service that the settings name, asked at most every half second."""
        settings = clients.settings
        key = settings.openalex_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return cls(clients.paced(RequestPolicy(cls.name), 0.5, headers), settings.openalex_url)

    def references(self, asked: Sequence[CitingPaper]) -> Iterator[PaperReferences]:
        """Give an answer for each of `asked`; see `CitationSource.references`."""
        dois = {one.key: _dois(one) for one in asked}
        works: dict[str, list[Work]] = defaultdict(list)
        failed: dict[str, str] = {}
        values = list(dict.fromkeys(value for some in dois.values() for value in some))
        works_by_doi = partial(self._works, "doi", _CITING_FIELDS)
        for batch, found in in_batches(values, _MAX_DOIS, works_by_doi):
            if isinstance(found, SourceError):
                failed[batch[0]] = found.reason
                continue
            for work in found:
                for value in _dois_of(work):
                    works[value].append(work)
        cited = {
            key: {name for value in some for work in works[value] for name in _cited(work)}
            for key, some in dois.items()
        }
        self._resolve({name for names in cited.values() for name in names})
        for key, some in dois.items():
            reasons = [failed[value] for value in some if value in failed]
            found_it = any(works[value] for value in some)
            if reasons and not found_it:
                yield PaperReferences(key, found=False, failed=reasons[0])
                continue
            references = {one for name in cited[key] for one in self._names.get(name, ())}
            known = {work["id"]: work for value in some for work in works[value]}
            facts = _facts(list(known.values()))
            names = tuple(sorted(references))
            yield PaperReferences(key, found_it, len(cited[key]), names, facts=facts)

    def papers(self, dois: Sequence[str]) -> dict[str, Paper]:
        """Return the papers of these DOIs, as far as the service knows them."""
        asked = [doi for doi in dict.fromkeys(dois) if not _UNSAFE_IN_FILTER.search(doi)]
        found: dict[str, Paper] = {}
        records = partial(self._works, "doi", openalex_work.FIELDS)
        for batch, works in in_batches(asked, _MAX_DOIS, records):
            if isinstance(works, SourceError):
                continue  # This one DOI breaks the service.
            for work in works:
                arxiv = [one.value for one in _identifiers(work) if one.scheme == "arxiv"]
                doi = _bare(work.get("doi"))
                if doi in batch and (paper := openalex_work.paper(work, doi, *arxiv[:1])):
                    found[doi] = paper
        return found

    def _resolve(self, ids: set[str]) -> None:
        """Learn by which names the atlas may know the works of these OpenAlex ids."""
        new = sorted(one for one in ids if one not in self._names and re.fullmatch(r"W\d+", one))
        for batch, works in in_batches(new, _MAX_WORKS, partial(self._works, "ids.openalex", ())):
            # A work that was deleted, or became part of another, is not among the answers.
            self._names |= dict.fromkeys(batch, ())
            if not isinstance(works, SourceError):
                self._names |= {_id(work["id"]): tuple(_identifiers(work)) for work in works}

    def _works(self, field: str, more: Sequence[str], values: Sequence[str]) -> list[Work]:
        """Return `_FIELDS` and more of all works of which a field has one of these values."""
        params = {
            "per-page": str(_MAX_WORKS),
            "filter": f"{field}:{'|'.join(values)}",
            "select": ",".join((*_FIELDS, *more)),
        }

        def check(answer: HttpResponse) -> list[Work]:
            return _results(answer, self.http.policy.source)

        return self.http.get(f"{self._url}/works", check, params=params, accept=(200, 400))


def _results(answer: HttpResponse, source: str) -> list[Work]:
    """Return the works of a page that has all that there are."""
    if answer.status == 400:
        raise SourceError(source, "HTTP 400", 400)
    try:
        # Texts may hold control characters, which strict JSON forbids.
        document = json.loads(answer.body, strict=False)
        results = list(document["results"])
        count = int(document["meta"]["count"])
        page = min(count, int(document["meta"].get("per_page") or _MAX_WORKS))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadResponse("not a JSON list of works") from None
    if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in results):
        raise FlawedResponse("a work that is none")
    works = {_id(work["id"]): work for work in results}
    if len(works) < page:
        raise BadResponse(f"{len(works)} works where {page} were promised")
    if len(works) < count:
        raise TooLarge(source, "more works than fit on a page", 200)
    return list(works.values())


def _dois(paper: CitingPaper) -> list[str]:
    """Return the DOIs by which a paper may be known, that of arXiv first."""
    arxiv = _arxiv_doi(paper.arxiv_id) if paper.arxiv_id else ""
    own = _bare(paper.doi)
    return [one for one in (arxiv, own) if one and not _UNSAFE_IN_FILTER.search(one)]


def _dois_of(work: Work) -> set[str]:
    """Return the DOIs by which a work may have been asked for: it shows one of them."""
    arxiv = [_arxiv_doi(one.value) for one in _identifiers(work) if one.scheme == "arxiv"]
    return {_bare(work.get("doi")), *arxiv}


def _arxiv_doi(arxiv_id: str) -> str:
    return f"10.48550/arxiv.{arxiv_id}".lower()


def _bare(doi: object) -> str:
    """Return a DOI without its resolver, lower-case, those of arXiv too; empty if there is none."""
    found = re.search(r"10\.\d{4,9}/\S+", doi) if isinstance(doi, str) else None
    return found[0].lower() if found else ""


def _id(address: str) -> str:
    return address.rpartition("/")[2].upper()


def _cited(work: Work) -> list[str]:
    cited = work.get("referenced_works")
    return [_id(one) for one in cited if isinstance(one, str)] if isinstance(cited, list) else []


def _facts(works: Sequence[Work]) -> WorkFacts | None:
    """Return what the works of one paper say of it: its preprint and its publication, say."""
    counts = [one for work in works if isinstance(one := work.get("cited_by_count"), int)]
    places: list[object] = []
    for work in works:
        best, free = work.get("best_oa_location"), work.get("open_access")
        if isinstance(best, dict):
            places += [best.get("pdf_url"), best.get("landing_page_url")]
        if isinstance(free, dict):
            places.append(free.get("oa_url"))
    venues = (openalex_work.venue(work.get("primary_location")) for work in works)
    # One citing paper may cite both.
    return work_facts(max(counts, default=None), places, next(filter(None, venues), None))


def _identifiers(work: Work) -> Iterator[OutsideReference]:
    """Give the identifiers of a work that the atlas knows papers by, each once."""
    doi = _bare(work.get("doi"))
    addresses: list[object] = [doi]
    for one in work.get("locations") or []:
        if isinstance(one, dict):
            addresses += [one.get("landing_page_url"), one.get("pdf_url")]
    found = (parse_arxiv_id(text) for text in addresses if isinstance(text, str))
    yield from (OutsideReference("arxiv", one) for one in dict.fromkeys(found) if one)
    if own := parse_doi(doi):
        yield OutsideReference("doi", own)
