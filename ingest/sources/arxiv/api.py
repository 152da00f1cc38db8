"""arXiv's API: papers by id, by query and by title."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlsplit, urlunsplit

from ingest.net.http import BadResponse, FlawedResponse, Http, HttpResponse
from ingest.sources.arxiv import atom, queries
from ingest.sources.arxiv import titles as arxiv_titles
from ingest.sources.arxiv.atom import AtomPage
from ingest.sources.batches import BROKEN_STATUSES, in_batches
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.titles import is_distinctive
from kg.records import Paper

if TYPE_CHECKING:
    from arxiv import Search

MAX_IDS: Final = 100
"""Ids in one request."""

MAX_PAPERS: Final = 30_000
"""Papers that arXiv gives of one search."""

_MAX_PASSES = 3  # over a search whose list changed while it was read
_MAX_REFUSED_IDS = 5  # ids refused together, none accepted: the server fails, not the ids
_PART_TRIES = 2  # for a part of what could not be read as a whole
_MAX_BROKEN_ANSWERS = 5  # in a row: the server fails, not the entries
_MAX_TITLES = 10  # in one request
_MAX_TITLES_QUERY_CHARS = 1800


@dataclass(frozen=True, slots=True)
class IdLookup:
    """arXiv's answer for some ids."""

    papers: tuple[Paper, ...]
    missing: tuple[str, ...]
    """Ids that arXiv does not have, as they were asked for."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Ids whose record could not be read, as they were asked for, with the reasons."""


class ArxivApi:
    """arXiv's API, one page at a time.

    Parameters
    ----------
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
        self.removed = 0
        """Characters that were taken out of answers so far, since XML forbids them."""
        self.flaws: list[str] = []
        """What was wrong with entries that were skipped so far."""
        self.doubtful: set[str] = set()
        """Titles that `by_titles` did not find in incomplete answers: arXiv may have them."""
        self._broken_answers = 0

    def by_ids(self, ids: Sequence[str]) -> Iterator[IdLookup]:
        """Yield the newest version of papers, a hundred ids at a time.

        Parameters
        ----------
        ids : sequence of str
            arXiv ids, with or without version. What is no arXiv id is missing without being
            asked for. What arXiv refuses is missing, and does not affect other ids; nor does an id
            whose record spoils the answer.
        """
        asked: dict[str, list[str]] = {}
        wrong = []
        for text in dict.fromkeys(ids):
            if found := parse_arxiv_id(text):
                asked.setdefault(found, []).append(text)
            else:
                wrong.append(text)
        if wrong:
            yield IdLookup((), tuple(wrong))
        names = list(asked)
        for at in range(0, len(names), MAX_IDS):
            batch = names[at : at + MAX_IDS]
            papers, failed = self._batch(batch)
            known = {paper.id for paper in papers} | failed.keys()
            missing = (text for name in batch if name not in known for text in asked[name])
            reasons = {text: failed[name] for name in failed for text in asked[name]}
            yield IdLookup(tuple(papers), tuple(missing), reasons)

    def search(self, query: str, careful: bool = False) -> Iterator[tuple[Paper, ...]]:
        """Yield the papers of a query page by page, the oldest first and each once.

        A list that changes while it is read may pass a paper from a page that is still to come to
        one that was read; such a list is read again.

        Parameters
        ----------
        query : str
            In the grammar of arXiv; see `ingest.sources.arxiv.queries`.
        careful : bool
            Ask in parts for a page that stays broken, and skip the entries that break it.

        Raises
        ------
        SourceError
            After what could be had, where the query has more papers than `MAX_PAPERS`.
        """
        seen: set[str] = set()
        for _ in range(_MAX_PASSES):
            before, totals = len(seen), []
            for total, papers in self._pages(query, careful):
                totals.append(total)
                new = tuple({p.id: p for p in papers if p.id not in seen}.values())
                seen |= {paper.id for paper in new}
                if new:
                    yield new
            steady = min(totals) == max(totals)
            if steady and (len(seen) >= min(totals[-1], MAX_PAPERS) or len(seen) == before):
                break
        if totals[-1] > MAX_PAPERS:
            reason = f"a search has {totals[-1]:,} papers, of which arXiv gives {MAX_PAPERS:,}"
            raise SourceError(self._http.policy.source, reason)

    def by_titles(self, titles: Sequence[str]) -> dict[str, Paper]:
        """Return the paper of each title that arXiv has under almost the same title.

        Parameters
        ----------
        titles : sequence of str
            Those that are too short to identify a paper are left out, as are those that fit two
            papers equally.
        """
        found: dict[str, Paper] = {}
        for batch in _title_batches(titles):
            self._titles(batch, found)
        return found

    def _batch(self, ids: list[str]) -> tuple[list[Paper], dict[str, str]]:
        """Return the papers of ids, and the ids whose records cannot be read, with reasons.

        What arXiv refuses, or answers in a way that cannot be read, is asked for in parts until
        only the bad ids are left.
        """
        papers: list[Paper] = []
        failed: dict[str, str] = {}
        waiting, answered = [ids], False

        def fetch(part: Sequence[str]) -> AtomPage:
            return self._of_ids(part, None if len(part) == len(ids) else _PART_TRIES)

        while waiting:
            asked = waiting.pop()
            try:
                for part, got in in_batches(asked, MAX_IDS, fetch):
                    if isinstance(got, SourceError):
                        failed |= {} if got.status == 400 else {part[0]: got.reason}
                        continue
                    answered = True
                    papers += got.papers
                    left, reasons = _unanswered(part, got)
                    failed |= reasons
                    if left and len(part) == 1:
                        failed[part[0]] = got.flaw
                    elif left:
                        half = len(left) // 2 if len(left) == len(part) else 0
                        waiting += filter(None, (left[half:], left[:half]))
            except SourceError as error:
                if error.status == 400 and len(asked) < _MAX_REFUSED_IDS:
                    continue
                if not answered or error.status not in BROKEN_STATUSES:
                    raise
                failed |= dict.fromkeys(asked, error.reason)
        return papers, failed

    def _of_ids(self, ids: Sequence[str], tries: int | None) -> AtomPage:
        def check(page: AtomPage) -> None:
            found = {paper.id for paper in page.papers}
            if not found <= set(ids):
                raise FlawedResponse("papers that were not asked for")
            if len(found) < len(page.papers):
                raise FlawedResponse("a paper twice")
            if page.flaw:
                raise FlawedResponse(page.flaw, page)

        return self._fetch(_search(ids=ids), 0, MAX_IDS, check, tries)

    def _pages(self, query: str, careful: bool) -> Iterator[tuple[int, Sequence[Paper]]]:
        """Yield each page's papers with how many the whole list has, as that page says."""
        search = _search(query, by_date=True)
        start, total = 0, 1
        while start < min(total, MAX_PAPERS):
            size = min(self._page, MAX_PAPERS - start)
            if careful:
                total, papers = self._in_parts(search, start, size)
            else:
                page = self._one_page(search, start, size)
                total, papers = page.total, page.papers
            yield total, papers
            start += size

    def _in_parts(self, search: "Search", start: int, size: int) -> tuple[int, tuple[Paper, ...]]:
        """Return what can be read of a page, asked for in parts where the whole is broken."""

        def fetch(part: Sequence[int]) -> AtomPage:
            return self._one_page(search, part[0], len(part), tries=_PART_TRIES)

        total = 0
        papers: tuple[Paper, ...] = ()
        for part, got in in_batches(range(start, start + size), size, fetch):
            if isinstance(got, SourceError):
                self.flaws.append(f"entry {part[0] + 1} of a search: {got.reason}")
            else:
                total, papers = got.total, (*papers, *got.papers)
        return total, papers

    def _titles(
        self, titles: dict[str, str], found: dict[str, Paper], tries: int | None = None
    ) -> None:
        """Look for titles by their clauses; split them where the answer is not complete."""
        search = _search(" OR ".join(titles.values()))
        pairs = list(titles.items())
        papers: tuple[Paper, ...] = ()
        try:
            page = self._one_page(search, 0, MAX_IDS, in_full=False, tries=tries)
        except SourceError as error:
            if error.status not in (400, *BROKEN_STATUSES):
                raise
            if error.status != 400:
                self._broken_answers += 1
                if self._broken_answers > _MAX_BROKEN_ANSWERS:
                    raise
                if len(pairs) == 1:
                    self.flaws.append(f"{pairs[0][0]}: {error.reason}")
                    self.doubtful |= titles.keys()
                tries = _PART_TRIES
            cut = whole = True
        else:
            self._broken_answers = 0
            papers, cut, whole = page.papers, page.total > MAX_IDS, not page.flaw
        if cut and len(pairs) > 1:
            half = len(pairs) // 2
            self._titles(dict(pairs[:half]), found, tries)
            self._titles(dict(pairs[half:]), found, tries)
            return
        for title in titles:
            if paper := arxiv_titles.best(title, papers):
                found[title] = paper
            elif not whole:
                self.doubtful.add(title)

    def _one_page(
        self,
        search: "Search",
        start: int,
        size: int,
        in_full: bool = True,
        tries: int | None = None,
    ) -> AtomPage:
        def check(page: AtomPage) -> None:
            if page.flaw:
                usable = not in_full or (page.papers and not page.lacking)
                raise FlawedResponse(page.flaw, page if usable else None)

        page = self._fetch(search, start, size, check, tries)
        self.flaws += page.flaws
        return page

    def _fetch(
        self,
        search: "Search",
        start: int,
        size: int,
        check: Callable[[AtomPage], None],
        tries: int | None,
    ) -> AtomPage:
        def read(answer: HttpResponse) -> AtomPage:
            if answer.status == 400:
                raise SourceError(self._http.policy.source, _reason(answer), 400)
            page = atom.parse(answer.body, start, size)
            check(page)
            return page

        params = {
            "search_query": search.query,
            "id_list": ",".join(search.id_list),
            "sortBy": search.sort_by.value,
            "sortOrder": search.sort_order.value,
            "start": str(start),
            "max_results": str(size),
        }
        page = self._http.get(self.url, read, params=params, accept=(200, 400), tries=tries)
        self.removed += page.removed
        return page


def _search(query: str = "", ids: Sequence[str] = (), by_date: bool = False) -> "Search":
    """Return a search: by relevance, or the oldest first."""
    from arxiv import Search, SortCriterion, SortOrder  # Takes longer to import than all else.

    if not by_date:
        return Search(query, list(ids))
    return Search(query, sort_by=SortCriterion.SubmittedDate, sort_order=SortOrder.Ascending)


def _reason(answer: HttpResponse) -> str:
    """Return what arXiv says is wrong with a request."""
    try:
        atom.parse(answer.body, 0)
    except SourceError as error:
        return f"HTTP 400 ({error.reason})"
    except BadResponse as error:
        return f"HTTP 400 ({error})"
    return "HTTP 400"


def _unanswered(asked: Sequence[str], page: AtomPage) -> tuple[list[str], dict[str, str]]:
    """Return the ids that a page does not answer, and those whose records it spoilt, with reasons.

    An id without a record is unknown to arXiv only where the page has all entries that it promises.
    """
    rest = set(asked) - {paper.id for paper in page.papers}
    reasons = {name: flaw for flaw in page.flaws for name in rest if named_by(flaw) == name}
    nameless = len(page.flaws) - len(reasons)
    left = [name for name in asked if name in rest - reasons.keys()]
    return (left if nameless or page.lacking else []), reasons


def named_by(flaw: str) -> str | None:
    """Return the arXiv id of the entry that a flaw is about, where the entry had one.

    >>> named_by("2401.00002 without a title")
    '2401.00002'
    """
    return parse_arxiv_id(flaw.partition(" ")[0].rstrip(":"))


def _title_batches(titles: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield titles with the clauses that find them, as many as one request takes."""
    batch: dict[str, str] = {}
    length = 0
    for title in dict.fromkeys(titles):
        clause = queries.title_clause(title) if is_distinctive(title) else None
        if not clause:
            continue
        size = len(quote_plus(f"{clause} OR "))
        if batch and (length + size > _MAX_TITLES_QUERY_CHARS or len(batch) == _MAX_TITLES):
            yield batch
            batch, length = {}, 0
        batch[title] = clause
        length += size
    if batch:
        yield batch
