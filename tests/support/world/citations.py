"""Semantic Scholar's Graph API and OpenAlex: who cites whom."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from tests.support.world.records import Record, Reply, WorldRequest

Edges = Mapping[str, list[str]]
"""What each paper cites, in its order."""

_JSON = {"Content-Type": "application/json"}
ARXIV_DOI = "10.48550/arxiv."


def _reply(status: int, document: object) -> Reply:
    return Reply(status, dict(_JSON), json.dumps(document).encode())


class _Service:
    """What both services share.

    Parameters
    ----------
    records : dict of str to Record
    cites : mapping of str to list of str
        Ids may be of papers that are no records.
    unknown : set of str
        Ids of papers that this service does not have.
    """

    def __init__(self, records: dict[str, Record], cites: Edges, unknown: set[str]) -> None:
        self.records, self.cites, self.unknown = records, cites, unknown
        self._by_number: dict[str, str] = {}

    def known(self, name: str) -> bool:
        return name in self.records and name not in self.unknown

    def by_doi(self, doi: str) -> str | None:
        doi = doi.lower().removeprefix("https://doi.org/")
        if doi.startswith(ARXIV_DOI):
            name = doi.removeprefix(ARXIV_DOI)
            return name if self.known(name) else None
        for name, record in self.records.items():
            if record.paper.doi == doi and self.known(name):
                return name
        return None

    def by_number(self, number: str) -> str | None:
        """Return the paper that has this service's own id."""
        if len(self._by_number) != len(self.records):
            self._by_number = {self.number(name): name for name in self.records}
        name = self._by_number.get(number)
        return name if name and self.known(name) else None

    def number(self, name: str) -> str:
        raise NotImplementedError


class SemanticScholar(_Service):
    """The Graph API, under ``/graph/v1/paper``."""

    def number(self, name: str) -> str:
        return hashlib.sha1(name.encode()).hexdigest()

    def answer(self, asked: WorldRequest) -> Reply:
        fields = asked.params.get("fields", "title").split(",")
        strange = sorted(one for one in fields if one and not self._is_field(one))
        if strange:
            told = ", ".join(strange)
            return _reply(400, {"error": f"Unrecognized or unsupported fields: [{told}]"})
        rest = unquote(asked.path.removeprefix("/graph/v1/paper/"))
        if rest == "batch":
            if asked.method != "POST":
                return _reply(405, {"error": "Method not allowed"})
            return self._batch(asked.body, fields)
        edge = re.fullmatch("(.+)/(references|citations)", rest)
        name = self.find(edge[1] if edge else rest)
        if name is None:
            return _reply(404, {"error": f"Paper with id {edge[1] if edge else rest} not found"})
        if edge:
            return self._edges(asked, name, edge[2], fields)
        return _reply(200, self.show(name, fields))

    def find(self, name: str) -> str | None:
        """Return the paper of an id in any of the service's forms."""
        kind, _, value = name.partition(":")
        if kind.upper() == "ARXIV":
            return value if self.known(value) else None
        if kind.upper() == "DOI" or name.startswith("10."):
            return self.by_doi(value or name)
        if kind.upper() == "CORPUSID":
            return next((one for one in self.records if str(_corpus(one)) == value), None)
        return self.by_number(name)

    def _batch(self, body: bytes, fields: list[str]) -> Reply:
        try:
            ids = json.loads(body)["ids"]
            assert isinstance(ids, list)
            assert all(isinstance(one, str) for one in ids)
        except (ValueError, KeyError, TypeError, AssertionError):
            return _reply(400, {"error": "Required field 'ids' is missing or no list of strings"})
        if len(ids) > 500:
            return _reply(400, {"error": "Requested more than the limit of 500 paper ids"})
        if not any(re.match(r"(?:\w+:|10\.|[0-9a-f]{40}$)", one) for one in ids):
            return _reply(400, {"error": "No valid paper ids given"})
        found = [self.find(one) for one in ids]
        return _reply(200, [name and self.show(name, fields) for name in found])

    def _edges(self, asked: WorldRequest, name: str, kind: str, fields: list[str]) -> Reply:
        start, size = (int(asked.params.get(one, n)) for one, n in (("offset", 0), ("limit", 100)))
        every = self._others(name, kind)
        side = "citedPaper" if kind == "references" else "citingPaper"
        page = [{side: self.show(one, fields)} for one in every[start : start + size]]
        more = {"next": start + size} if start + size < len(every) else {}
        return _reply(200, {"offset": start, **more, "data": page})

    def _others(self, name: str, kind: str) -> list[str]:
        if kind == "references":
            return list(self.cites.get(name, []))
        return [one for one, cited in self.cites.items() if name in cited and self.known(one)]

    def show(self, name: str, fields: list[str]) -> dict[str, Any]:
        """Return the document of a paper, which may be one that is only cited."""
        record = self.records.get(name) if self.known(name) else None
        shown: dict[str, Any] = {"paperId": self.number(name) if record else None}
        nested: dict[str, list[str]] = {}
        for field in fields:
            outer, _, inner = field.partition(".")
            if outer in ("references", "citations", "authors"):
                nested.setdefault(outer, []).extend([inner] if inner else [])
            elif outer:
                shown[outer] = _S2[outer](name, record) if record else _stranger(name, outer)
        for outer, deeper in nested.items():
            if outer == "authors":
                authors = record.paper.authors if record else ()
                shown[outer] = [{"authorId": _author(one), "name": one} for one in authors]
            else:
                others = self._others(name, outer)
                shown[outer] = [self.show(one, deeper or ["title"]) for one in others]
        if record and {"referenceCount", "citationCount"} & shown.keys():
            counts = {"referenceCount": "references", "citationCount": "citations"}
            shown |= {one: len(self._others(name, counts[one])) for one in counts if one in shown}
        return shown

    def _is_field(self, field: str) -> bool:
        outer, _, inner = field.partition(".")
        if outer in ("references", "citations"):
            return not inner or self._is_field(inner)
        if outer == "authors":
            return inner in ("", "authorId", "name")
        return outer in _S2 and (not inner or outer in ("externalIds", "journal"))


def _corpus(name: str) -> int:
    return int(hashlib.sha1(name.encode()).hexdigest()[:7], 16)


def _author(name: str) -> str:
    return str(_corpus(name))


def _external(name: str, record: Record) -> dict[str, Any]:
    doi = record.paper.doi or f"10.48550/arXiv.{name}"
    return {"ArXiv": name, "DOI": doi, "CorpusId": _corpus(name)}


def _stranger(name: str, field: str) -> object:
    """Return a field of a paper that is cited and otherwise unknown."""
    return f"A paper called {name}" if field == "title" else None


_S2: dict[str, Callable[[str, Record], object]] = {
    "paperId": lambda name, _: hashlib.sha1(name.encode()).hexdigest(),
    "externalIds": _external,
    "corpusId": lambda name, _: _corpus(name),
    "url": lambda name, _: (
        f"https://www.semanticscholar.org/paper/{hashlib.sha1(name.encode()).hexdigest()}"
    ),
    "title": lambda _, record: record.paper.title,
    "abstract": lambda _, record: record.paper.abstract,
    "venue": lambda _, record: record.paper.venue or "arXiv.org",
    "year": lambda _, record: record.paper.year or record.published.year,
    "publicationDate": lambda _, record: str(record.published.date()),
    "journal": lambda name, _: {"name": "ArXiv", "volume": f"abs/{name}"},
    "isOpenAccess": lambda *_: True,
    "referenceCount": lambda *_: 0,
    "citationCount": lambda *_: 0,
    "openAccessPdf": lambda name, _: {"url": f"https://arxiv.org/pdf/{name}", "status": "GREEN"},
}


class OpenAlex(_Service):
    """``/works``, filtered by DOI or by OpenAlex's own ids."""

    def number(self, name: str) -> str:
        return f"W{int(hashlib.sha1(name.encode()).hexdigest()[:8], 16)}"

    def answer(self, asked: WorldRequest) -> Reply:
        rest = unquote(asked.path.removeprefix("/works").strip("/"))
        params = asked.params
        select = [one for one in params.get("select", "").split(",") if one]
        if strange := [one for one in select if one not in _FIELDS]:
            return self._bad(f"{strange[0]} is not a valid select field.")
        if rest:
            name = self._find("doi" if "10." in rest else "openalex", rest)
            if name is None:
                return _reply(404, {"error": "404 Not Found", "message": "No such work."})
            return _reply(200, self.show(name, select))
        return self._list(params, select)

    def _list(self, params: dict[str, str], select: list[str]) -> Reply:
        size = params.get("per-page", params.get("per_page", "25"))
        cursor = params.get("cursor", "")
        page = params.get("page", "1")
        if not re.fullmatch("[0-9]+", size) or not 1 <= int(size) <= 100:
            return self._bad("per-page parameter must be between 1 and 100")
        if not re.fullmatch(r"(?:\*|at[0-9]+|)", cursor) or not re.fullmatch("[1-9][0-9]*", page):
            return self._bad(f"Cursor {cursor} or page {page} is invalid")
        try:
            found = list(dict.fromkeys(self._filtered(params.get("filter", ""))))
        except ValueError as error:
            return self._bad(str(error))
        start = int(cursor[2:]) if cursor.startswith("at") else (int(page) - 1) * int(size)
        shown = found[start : start + int(size)]
        meta: dict[str, object] = {
            "count": len(found),
            "db_response_time_ms": 9,
            "page": None if cursor else int(page),
            "per_page": int(size),
            "groups_count": None,
        }
        if cursor:
            # A full page has a next one, which may be empty.
            meta["next_cursor"] = f"at{start + len(shown)}" if len(shown) == int(size) else None
        results = [self.show(one, select) for one in shown]
        return _reply(200, {"meta": meta, "results": results, "group_by": []})

    def _bad(self, message: str) -> Reply:
        return _reply(400, {"error": "Invalid query parameters error.", "message": message})

    def _filtered(self, text: str) -> Iterator[str]:
        if not text:
            yield from filter(self.known, self.records)
            return
        kind, _, values = text.partition(":")
        if kind not in ("doi", "openalex", "ids.openalex", "openalex_id"):
            raise ValueError(f"{kind} is not a valid field.")
        every = values.split("|")
        if len(every) > 100:
            raise ValueError(f"Maximum number of values exceeded for {kind}.")
        for value in every:
            if (name := self._find(kind, value.strip())) is not None:
                yield name

    def _find(self, kind: str, value: str) -> str | None:
        if kind == "doi":
            return self.by_doi(value.removeprefix("doi:"))
        return self.by_number(value.removeprefix("https://openalex.org/").upper())

    def show(self, name: str, select: list[str]) -> dict[str, Any]:
        return {field: _FIELDS[field](self, name) for field in select or _FIELDS}

    def doi(self, name: str) -> str:
        return f"https://doi.org/{self.records[name].paper.doi or ARXIV_DOI + name}"

    def url(self, name: str) -> str:
        return f"https://openalex.org/{self.number(name)}"

    def locations(self, name: str) -> list[dict[str, Any]]:
        source = {"id": "https://openalex.org/S4306400194", "display_name": "arXiv"}
        arxiv = {
            "is_oa": True,
            "landing_page_url": f"http://arxiv.org/abs/{name}",
            "pdf_url": f"https://arxiv.org/pdf/{name}",
            "source": source,
            "version": "submittedVersion",
        }
        if self.records[name].paper.doi is None:
            return [arxiv]
        published = {"is_oa": False, "landing_page_url": self.doi(name), "pdf_url": None}
        return [{**published, "source": None, "version": "publishedVersion"}, arxiv]

    def references(self, name: str) -> list[str]:
        return [self.url(one) for one in self.cites.get(name, [])]

    def title(self, name: str) -> str:
        return self.records[name].paper.title

    def authorships(self, name: str) -> list[dict[str, Any]]:
        authors = self.records[name].paper.authors
        return [{"author": {"id": None, "display_name": one}} for one in authors]

    def abstract(self, name: str) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate((self.records[name].paper.abstract or "").split()):
            places.setdefault(word, []).append(place)
        return places


_FIELDS: dict[str, Callable[[OpenAlex, str], object]] = {
    "id": OpenAlex.url,
    "doi": OpenAlex.doi,
    "title": OpenAlex.title,
    "display_name": OpenAlex.title,
    "publication_year": lambda self, name: self.records[name].published.year,
    "publication_date": lambda self, name: str(self.records[name].published.date()),
    "ids": lambda self, name: {"openalex": self.url(name), "doi": self.doi(name)},
    "primary_location": lambda self, name: self.locations(name)[0],
    "locations": OpenAlex.locations,
    "authorships": OpenAlex.authorships,
    "referenced_works_count": lambda self, name: len(self.references(name)),
    "referenced_works": OpenAlex.references,
    "cited_by_count": lambda self, name: sum(name in cited for cited in self.cites.values()),
    "best_oa_location": lambda self, name: self.locations(name)[-1],
    "open_access": lambda _, name: {"is_oa": True, "oa_url": f"https://arxiv.org/pdf/{name}"},
    "abstract_inverted_index": OpenAlex.abstract,
}
