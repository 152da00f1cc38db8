"""arXiv's API: papers by id, by query and by title."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote_plus, urlsplit, urlunsplit

from ingest.http import Answer, BadAnswer, Http
from ingest.merge import is_telling
from ingest.sources import arxiv_atom, arxiv_queries, arxiv_titles
from ingest.sources.arxiv_atom import Feed
from kg import identifiers
from kg.entities import Paper
from kg.errors import SourceError

if TYPE_CHECKING:
    from ingest.sources.arxiv_package import Pages

Search: TypeAlias = Any
"""`arxiv.Search`; the package publishes no types."""

BATCH: Final = 100
"""Ids in one request."""

MOST: Final = 30_000
"""Papers that arXiv gives of one search."""

_PASSES = 3  # over a search whose list changed while it was read
_REFUSED = 5  # ids refused in a row, none accepted: it is not the ids that are wrong
_TITLES = 10  # titles in one request
_TITLES_URL = 1800  # characters of a query for titles


@dataclass(frozen=True, slots=True)
class Found:
    """What arXiv knows of some ids."""

    papers: tuple[Paper, ...]
    missing: tuple[str, ...]
    """Ids that arXiv does not have, as they were asked for."""


class ArxivApi:
    """arXiv's API, one page at a time.

    Parameters
    ----------
    http : Http
        Fetches, spaces and repeats the requests.
    url : str
        Where the API answers; without a path it is ``/api/query`` there.
    page : int
        Papers in one answer to a search; arXiv gives at most 2,000.
    """

    def __init__(self, http: Http, url: str, page: int = 500) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(path=parts.path.rstrip("/") or "/api/query"))
        self._http = http
        self._page = page
        self._check: Callable[[bytes], Feed] = arxiv_atom.check
        self._feed = Feed(0, ())

    def by_ids(self, ids: Sequence[str]) -> Iterator[Found]:
        """Yield the newest version of papers, a hundred ids at a time.

        Parameters
        ----------
        ids : sequence of str
            arXiv ids, with or without version. What is no arXiv id is missing without being
            asked for; what arXiv refuses is missing, and costs no other id.
        """
        asked: dict[str, list[str]] = {}
        wrong = []
        for text in dict.fromkeys(ids):
            if found := identifiers.arxiv_id(text):
                asked.setdefault(found, []).append(text)
            else:
                wrong.append(text)
        if wrong:
            yield Found((), tuple(wrong))
        names = list(asked)
        for at in range(0, len(names), BATCH):
            batch = names[at : at + BATCH]
            papers = self._batch(batch)
            known = {paper.id for paper in papers}
            missing = (text for name in batch if name not in known for text in asked[name])
            yield Found(tuple(papers), tuple(missing))

    def search(self, query: str) -> Iterator[tuple[Paper, ...]]:
        """Yield the papers of a query page by page, the oldest first and each once.

        A list that changes while it is read may pass a paper from a page that is still to come to
        one that was read; such a list is read again.

        Parameters
        ----------
        query : str
            In the grammar of arXiv; see `ingest.sources.arxiv_queries`.

        Raises
        ------
        SourceError
            After what could be had, where the query has more papers than `MOST`.
        """
        seen: set[str] = set()
        for _ in range(_PASSES):
            before, totals = len(seen), []
            for total, papers in self._pages(query):
                totals.append(total)
                new = tuple({p.id: p for p in papers if p.id not in seen}.values())
                seen |= {paper.id for paper in new}
                if new:
                    yield new
            steady = min(totals) == max(totals)
            if steady and (len(seen) >= min(totals[-1], MOST) or len(seen) == before):
                break
        if totals[-1] > MOST:
            reason = f"a search has {totals[-1]:,} papers, of which arXiv gives {MOST:,}"
            raise SourceError(self._http.manners.source, reason)

    def by_titles(self, titles: Sequence[str]) -> dict[str, Paper]:
        """Return the paper of each title that arXiv has under almost the same title.

        Parameters
        ----------
        titles : sequence of str
            Those that are too short to tell one paper from another are left out, as are those
            that two papers fit as well.
        """
        found: dict[str, Paper] = {}
        for batch in _title_batches(titles):
            self._titles(batch, found)
        return found

    def _batch(self, ids: list[str]) -> list[Paper]:
        """Return the papers of ids, halving what is refused until only the bad ids are left."""
        todo, papers, refused, answered = [ids], list[Paper](), 0, False
        while todo:
            part = todo.pop()
            try:
                papers += self._of_ids(part)
                answered = True
            except SourceError as error:
                if error.status != 400:
                    raise
                if half := len(part) // 2:
                    todo += [part[half:], part[:half]]
                    continue
                refused += 1
                if refused >= _REFUSED and not answered:
                    raise
        return papers

    def _of_ids(self, ids: list[str]) -> list[Paper]:
        def check(body: bytes) -> Feed:
            feed = arxiv_atom.check(body, 0, BATCH)
            if not set(feed.ids) <= set(ids):
                raise BadAnswer("papers that were not asked for")
            if len(set(feed.ids)) < len(feed.ids):
                raise BadAnswer("a paper twice")
            return feed

        return self._fetch(self._package.search(ids=tuple(ids)), 0, BATCH, check)

    def _pages(self, query: str) -> Iterator[tuple[int, list[Paper]]]:
        """Yield each page's papers with how many the whole list has, as that page says."""
        search = self._package.search(query, by_date=True)
        start, total = 0, 1
        while start < min(total, MOST):
            size = min(self._page, MOST - start)
            papers = self._one_page(search, start, size)
            total = self._feed.total
            yield total, papers
            start += size

    def _titles(self, titles: dict[str, str], found: dict[str, Paper]) -> None:
        """Look for the titles of these clauses; ask apart where the answer is too long to tell."""
        search = self._package.search(" OR ".join(titles.values()))
        pairs = list(titles.items())
        try:
            papers = self._one_page(search, 0, BATCH)
        except SourceError as error:
            if error.status != 400:
                raise
            papers, cut = [], True
        else:
            cut = self._feed.total > len(papers)
        if cut and len(pairs) > 1:
            half = len(pairs) // 2
            self._titles(dict(pairs[:half]), found)
            self._titles(dict(pairs[half:]), found)
            return
        for title in titles:
            if paper := arxiv_titles.best(title, papers):
                found[title] = paper

    def _one_page(self, search: Search, start: int, size: int) -> list[Paper]:
        return self._fetch(search, start, size, lambda body: arxiv_atom.check(body, start, size))

    def _fetch(
        self, search: Search, start: int, size: int, check: Callable[[bytes], Feed]
    ) -> list[Paper]:
        # The package calls `_body` for the page, and knows of no check.
        self._check = check
        return list(map(arxiv_atom.paper, self._package.entries(search, start, size)))

    @cached_property
    def _package(self) -> "Pages":
        from ingest.sources.arxiv_package import Pages  # Takes longer to import than all else.

        return Pages(self._body, self.url)

    def _body(self, url: str) -> tuple[bytes, int]:
        """Fetch a page for the package, checked."""

        def check(answer: Answer) -> bytes:
            if answer.status == 400:
                raise SourceError(self._http.manners.source, _reason(answer), 400)
            self._feed = self._check(answer.body)
            return answer.body

        return self._http.get(url, check, accept=(200, 400)), len(self._feed.ids)


def _reason(answer: Answer) -> str:
    """What arXiv says is wrong with a request."""
    try:
        arxiv_atom.check(answer.body)
    except SourceError as error:
        return f"HTTP 400 ({error.reason})"
    except BadAnswer as error:
        return f"HTTP 400 ({error})"
    return "HTTP 400"


def _title_batches(titles: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield titles with the clauses that find them, as many as one request takes."""
    batch: dict[str, str] = {}
    length = 0
    for title in dict.fromkeys(titles):
        clause = arxiv_queries.title_clause(title) if is_telling(title) else None
        if not clause:
            continue
        size = len(quote_plus(f"{clause} OR "))
        if batch and (length + size > _TITLES_URL or len(batch) == _TITLES):
            yield batch
            batch, length = {}, 0
        batch[title] = clause
        length += size
    if batch:
        yield batch
