"""arXiv's API: papers by id, by query and by title."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote_plus, urlsplit, urlunsplit

from ingest.merge.merge import is_telling
from ingest.net.http import Answer, BadAnswer, FlawedAnswer, Http
from ingest.sources.arxiv import atom, queries
from ingest.sources.arxiv import titles as arxiv_titles
from ingest.sources.arxiv.atom import Feed
from ingest.sources.citations.references import in_batches
from kg.entities import Paper
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id

if TYPE_CHECKING:
    from ingest.sources.arxiv.package import Pages

Search: TypeAlias = Any
"""`arxiv.Search`; the package publishes no types."""

BATCH: Final = 100
"""Ids in one request."""

MOST: Final = 30_000
"""Papers that arXiv gives of one search."""

_PASSES = 3  # over a search whose list changed while it was read
_REFUSED = 5  # ids refused together, none accepted: it is not the ids that are wrong
_PART_TRIES = 2  # for a part of what could not be read as a whole
_BROKEN = frozenset({200, 500, 504})  # statuses of answers that one entry may have broken
_MISSES = 5  # answers broken in a row: it is not the entries that are wrong
_TITLES = 10  # titles in one request
_TITLES_URL = 1800  # characters of a query for titles


@dataclass(frozen=True, slots=True)
class Found:
    """What arXiv knows of some ids."""

    papers: tuple[Paper, ...]
    missing: tuple[str, ...]
    """Ids that arXiv does not have, as they were asked for."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Ids whose record could not be read, as they were asked for, with the reasons."""


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
        self.removed = 0
        """Characters that were taken out of answers so far, since XML forbids them."""
        self.flaws: list[str] = []
        """What was wrong with entries that were passed over so far."""
        self.doubtful: set[str] = set()
        """Titles that `by_titles` did not find in answers that were not whole."""
        self._check: Callable[[bytes], Feed] = atom.check
        self._tries: int | None = None
        self._feed = Feed(0, (), b"")
        self._misses = 0

    def by_ids(self, ids: Sequence[str]) -> Iterator[Found]:
        """Yield the newest version of papers, a hundred ids at a time.

        Parameters
        ----------
        ids : sequence of str
            arXiv ids, with or without version. What is no arXiv id is missing without being
            asked for; what arXiv refuses is missing, and costs no other id. Nor does an id whose
            record spoils the answer.
        """
        asked: dict[str, list[str]] = {}
        wrong = []
        for text in dict.fromkeys(ids):
            if found := parse_arxiv_id(text):
                asked.setdefault(found, []).append(text)
            else:
                wrong.append(text)
        if wrong:
            yield Found((), tuple(wrong))
        names = list(asked)
        for at in range(0, len(names), BATCH):
            batch = names[at : at + BATCH]
            papers, failed = self._batch(batch)
            known = {paper.id for paper in papers} | failed.keys()
            missing = (text for name in batch if name not in known for text in asked[name])
            reasons = {text: failed[name] for name in failed for text in asked[name]}
            yield Found(tuple(papers), tuple(missing), reasons)

    def search(self, query: str, careful: bool = False) -> Iterator[tuple[Paper, ...]]:
        """Yield the papers of a query page by page, the oldest first and each once.

        A list that changes while it is read may pass a paper from a page that is still to come to
        one that was read; such a list is read again.

        Parameters
        ----------
        query : str
            In the grammar of arXiv; see `ingest.sources.arxiv.queries`.
        careful : bool
            Ask for a page that stays broken in parts, and pass over the entries that break it.

        Raises
        ------
        SourceError
            After what could be had, where the query has more papers than `MOST`.
        """
        seen: set[str] = set()
        for _ in range(_PASSES):
            before, totals = len(seen), []
            for total, papers in self._pages(query, careful):
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

    def _batch(self, ids: list[str]) -> tuple[list[Paper], dict[str, str]]:
        """Return the papers of ids, and the ids whose records cannot be read, with reasons.

        What arXiv refuses, or answers in a way that cannot be read, is asked for in parts until
        only the bad ids are left.
        """
        papers: list[Paper] = []
        failed: dict[str, str] = {}
        waiting, answered = [ids], False

        def fetch(part: Sequence[str]) -> tuple[list[Paper], Feed]:
            found = self._of_ids(part, None if len(part) == len(ids) else _PART_TRIES)
            return found, self._feed

        while waiting:
            asked = waiting.pop()
            try:
                for part, got in in_batches(asked, BATCH, fetch):
                    if isinstance(got, SourceError):
                        failed |= {} if got.status == 400 else {part[0]: got.reason}
                        continue
                    answered = True
                    found, feed = got
                    papers += found
                    left, reasons = _unanswered(part, found, feed)
                    failed |= reasons
                    if left and len(part) == 1:
                        failed[part[0]] = _lacking(feed)
                    elif left:
                        half = len(left) // 2 if len(left) == len(part) else 0
                        waiting += filter(None, (left[half:], left[:half]))
            except SourceError as error:
                if error.status == 400 and len(asked) < _REFUSED:
                    continue
                if not answered or error.status not in _BROKEN:
                    raise
                failed |= dict.fromkeys(asked, error.reason)
        return papers, failed

    def _of_ids(self, ids: Sequence[str], tries: int | None) -> list[Paper]:
        def check(body: bytes) -> Feed:
            feed = atom.check(body, 0, BATCH)
            if not set(feed.ids) <= set(ids):
                raise FlawedAnswer("papers that were not asked for")
            if len(set(feed.ids)) < len(feed.ids):
                raise FlawedAnswer("a paper twice")
            if feed.flaws or feed.lacking:
                raise FlawedAnswer(_lacking(feed), feed)
            return feed

        return self._fetch(self._package.search(ids=tuple(ids)), 0, BATCH, check, tries)

    def _pages(self, query: str, careful: bool) -> Iterator[tuple[int, list[Paper]]]:
        """Yield each page's papers with how many the whole list has, as that page says."""
        search = self._package.search(query, by_date=True)
        start, total = 0, 1
        while start < min(total, MOST):
            size = min(self._page, MOST - start)
            papers = (self._in_parts if careful else self._one_page)(search, start, size)
            total = self._feed.total
            yield total, papers
            start += size

    def _in_parts(self, search: Search, start: int, size: int) -> list[Paper]:
        """Return what can be read of a page, asked for in parts where the whole is broken."""

        def fetch(part: Sequence[int]) -> list[Paper]:
            return self._one_page(search, part[0], len(part), tries=_PART_TRIES)

        papers: list[Paper] = []
        for part, got in in_batches(range(start, start + size), size, fetch):
            if isinstance(got, SourceError):
                self.flaws.append(f"entry {part[0] + 1} of a search: {got.reason}")
            else:
                papers += got
        return papers

    def _titles(
        self, titles: dict[str, str], found: dict[str, Paper], tries: int | None = None
    ) -> None:
        """Look for the titles of these clauses; ask apart where the answer is too long to tell."""
        search = self._package.search(" OR ".join(titles.values()))
        pairs = list(titles.items())
        try:
            papers = self._one_page(search, 0, BATCH, in_full=False, tries=tries)
        except SourceError as error:
            if error.status not in (400, *_BROKEN):
                raise
            if error.status != 400:
                self._misses += 1
                if self._misses > _MISSES:
                    raise
                if len(pairs) == 1:
                    self.flaws.append(f"{pairs[0][0]}: {error.reason}")
                    self.doubtful |= titles.keys()
                tries = _PART_TRIES
            papers, cut, whole = [], True, True
        else:
            self._misses = 0
            cut = self._feed.total > BATCH
            whole = not self._feed.flaws and not self._feed.lacking
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
        search: Search,
        start: int,
        size: int,
        in_full: bool = True,
        tries: int | None = None,
    ) -> list[Paper]:
        def check(body: bytes) -> Feed:
            feed = atom.check(body, start, size)
            if feed.flaws or feed.lacking:
                usable = not in_full or (feed.ids and not feed.lacking)
                raise FlawedAnswer(_lacking(feed), feed if usable else None)
            return feed

        papers = self._fetch(search, start, size, check, tries)
        self.flaws += self._feed.flaws
        return papers

    def _fetch(
        self,
        search: Search,
        start: int,
        size: int,
        check: Callable[[bytes], Feed],
        tries: int | None = None,
    ) -> list[Paper]:
        # The package calls `_body` for the page, and knows of no check.
        self._check, self._tries = check, tries
        papers = []
        for result in self._package.entries(search, start, size):
            try:
                papers.append(atom.paper(result))
            except SourceError as error:
                self._feed = replace(self._feed, flaws=(*self._feed.flaws, error.reason))
        self.removed += self._feed.removed
        return papers

    @cached_property
    def _package(self) -> "Pages":
        from ingest.sources.arxiv.package import Pages  # Takes longer to import than all else.

        return Pages(self._body, self.url)

    def _body(self, url: str) -> tuple[bytes, int]:
        """Fetch a page for the package, checked."""

        def check(answer: Answer) -> Feed:
            if answer.status == 400:
                raise SourceError(self._http.manners.source, _reason(answer), 400)
            return self._check(answer.body)

        self._feed = self._http.get(url, check, accept=(200, 400), tries=self._tries)
        return self._feed.body, len(self._feed.ids)


def _reason(answer: Answer) -> str:
    """What arXiv says is wrong with a request."""
    try:
        atom.check(answer.body)
    except SourceError as error:
        return f"HTTP 400 ({error.reason})"
    except BadAnswer as error:
        return f"HTTP 400 ({error})"
    return "HTTP 400"


def _unanswered(
    asked: Sequence[str], found: Sequence[Paper], feed: Feed
) -> tuple[list[str], dict[str, str]]:
    """Return the ids of which a feed leaves open what is with them, and those that it spoilt.

    Whose record is not there is unknown to arXiv only where the feed has all that it promises.
    """
    rest = set(asked) - {paper.id for paper in found}
    reasons = {name: flaw for flaw in feed.flaws for name in rest if named_by(flaw) == name}
    nameless = len(feed.flaws) - len(reasons)
    left = [name for name in asked if name in rest - reasons.keys()]
    return (left if nameless or feed.lacking else []), reasons


def named_by(flaw: str) -> str | None:
    """Return the arXiv id of the entry that a flaw is about, where the entry told it.

    >>> named_by("2401.00002 without a title")
    '2401.00002'
    """
    return parse_arxiv_id(flaw.partition(" ")[0].rstrip(":"))


def _lacking(feed: Feed) -> str:
    """What is wrong with a feed."""
    if feed.flaws:
        return feed.flaws[0]
    return f"{len(feed.ids)} entries where {len(feed.ids) + feed.lacking} were promised"


def _title_batches(titles: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield titles with the clauses that find them, as many as one request takes."""
    batch: dict[str, str] = {}
    length = 0
    for title in dict.fromkeys(titles):
        clause = queries.title_clause(title) if is_telling(title) else None
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
