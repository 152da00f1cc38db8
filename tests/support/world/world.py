"""The simulated outside world: its papers, lists and answers, and what was asked of it."""

import csv
import email.utils
import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

from kg.ids.arxiv_id import parse_arxiv_id
from kg.records import Paper
from tests.support.world import arxiv
from tests.support.world.citations import OpenAlex, SemanticScholar
from tests.support.world.oai import Oai
from tests.support.world.records import (
    Call,
    Record,
    Reply,
    Version,
    WorldRequest,
    record_of,
    withdrawn,
)

ARXIV = ("arxiv", "oai")
"""The services that share arXiv's gate."""


class World:
    """What is outside, and what was asked of it.

    Parameters
    ----------
    papers : iterable of Paper
        Those on arXiv; a paper without an arXiv id is left out.
    citations : iterable of pairs of str
        arXiv ids, citing and cited; a cited one need not be among the papers.
    lists : mapping of str to str
        Markdown by repository: ``{"owner/name": "# Awesome..."}``.
    now : callable
        Seconds since the epoch.
    oai_page : int
        Records on a page of OAI-PMH.
    """

    def __init__(
        self,
        papers: Iterable[Paper] = (),
        citations: Iterable[tuple[str, str]] = (),
        lists: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
        oai_page: int = 1000,
    ) -> None:
        self.now = now
        self.records: dict[str, Record] = {}
        for paper in papers:
            if paper.arxiv_id:
                self.records[paper.arxiv_id] = record_of(paper)
        self.calls: list[Call] = []
        self.cites: dict[str, dict[str, list[str]]] = {"semantic-scholar": {}, "openalex": {}}
        """What each paper cites, by service; tests may let one service lack what they like."""
        self.unknown: dict[str, set[str]] = {"semantic-scholar": set(), "openalex": set()}
        """Papers that a service does not have."""
        for citing, cited in citations:
            for edges in self.cites.values():
                edges.setdefault(citing, []).append(cited)
        self.oai = Oai(self.records, oai_page)
        s2, oa = ((self.records, self.cites[one], self.unknown[one]) for one in self.cites)
        self.semantic_scholar, self.openalex = SemanticScholar(*s2), OpenAlex(*oa)
        self._lists: dict[str, tuple[str, float]] = {}
        for name, text in (lists or {}).items():
            self.edit_list(name, text)

    # What happens in the world

    def add(self, paper: Paper, at: datetime | None = None) -> None:
        """Let a paper appear on arXiv, now or at another time."""
        assert paper.arxiv_id
        at = at or self._today
        self.records[paper.arxiv_id] = Record(paper.arxiv_id, [Version(at, paper)], at.date())

    def revise(self, name: str, **facts: object) -> None:
        """Let a new version of a paper appear, with other facts or the same."""
        record = self.records[name]
        self._change(record, replace(record.paper, **facts))  # type: ignore[arg-type]

    def annotate(self, name: str, **facts: object) -> None:
        """Let facts of a paper change without a new version, as a DOI does."""
        record = self.records[name]
        newest = record.versions[-1]
        record.versions[-1] = Version(newest.at, replace(newest.paper, **facts))  # type: ignore[arg-type]
        record.datestamp = self._today.date()
        record.words.clear()

    def withdraw(self, name: str) -> None:
        """Let the authors withdraw a paper: a new version whose comment says so."""
        self._change(self.records[name], withdrawn(self.records[name].paper))

    def delete(self, name: str) -> None:
        """Remove a record from the API; OAI-PMH reports it as deleted."""
        self.records[name].deleted = True
        self.records[name].datestamp = self._today.date()

    def edit_list(self, name: str, text: str | None) -> None:
        """Publish another text of a list, or none."""
        if text is None:
            del self._lists[name]
        else:
            self._lists[name] = (text, self.now())

    def _change(self, record: Record, paper: Paper) -> None:
        record.versions.append(Version(self._today, paper))
        record.datestamp = self._today.date()
        record.words.clear()

    @property
    def _today(self) -> datetime:
        return datetime.fromtimestamp(int(self.now()), UTC)

    # What it answers

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the true answer."""
        reply = self.reply(
            WorldRequest(method, url, {n.lower(): v for n, v in headers.items()}, body)
        )
        return reply.status, reply.headers, reply.body

    def reply(self, asked: WorldRequest) -> Reply:
        """Return the true answer."""
        answers: dict[str, Callable[[], Reply]] = {
            "arxiv": lambda: arxiv.answer(asked, self.records, self.now()),
            "oai": lambda: self.oai.answer(asked, self.now()),
            "semantic-scholar": lambda: self.semantic_scholar.answer(asked),
            "openalex": lambda: self.openalex.answer(asked),
            "lists": lambda: self._list(asked),
        }
        return answers[service_of(asked)]()

    def _list(self, asked: WorldRequest) -> Reply:
        owner_name, _, file = asked.path.strip("/").partition("/HEAD/")
        kept = self._lists.get(owner_name) if file == "README.md" else None
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        if kept is None:
            return Reply(404, plain, b"404: Not Found")
        text, changed = kept
        tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()}"'
        headers = {
            **plain,
            "ETag": tag,
            "Last-Modified": email.utils.formatdate(changed, usegmt=True),
            "Cache-Control": "max-age=300",
        }
        if none_match := asked.headers.get("if-none-match"):
            unchanged = none_match.removeprefix("W/") == tag.removeprefix("W/")
        elif since := asked.headers.get("if-modified-since"):
            unchanged = email.utils.parsedate_to_datetime(since).timestamp() >= int(changed)
        else:
            unchanged = False
        return Reply(304, headers) if unchanged else Reply(200, headers, text.encode())

    # What was asked

    def times(self, *services: str) -> list[float]:
        """Return when these services were asked."""
        return [call.time for call in self.calls if call.service in services]

    def shortest_gap(self, *services: str) -> float:
        """Return the least seconds between the starts of two requests to these services."""
        every = self.times(*services)
        return min((after - before for before, after in pairwise(every)), default=float("inf"))


def service_of(asked: WorldRequest) -> str:
    """Return which service is asked, by the path."""
    path = asked.path
    if path.endswith("/api/query"):
        return "arxiv"
    if path.endswith("/oai"):
        return "oai"
    if path.startswith("/graph/v1/paper/"):
        return "semantic-scholar"
    if path == "/works" or path.startswith("/works/"):
        return "openalex"
    return "lists"


def shared_papers(folder: Path) -> Iterator[Paper]:
    """Return the papers of the shared test data; each has categories, as on arXiv."""
    with gzip.open(folder / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            facts = json.loads(line)
            if parse_arxiv_id(facts["arxiv_id"]) != facts["arxiv_id"]:
                continue  # A few ids went through a spreadsheet: 1711.0585199999998.
            day = facts.get("date")
            yield Paper(
                id=facts["arxiv_id"],
                title=facts["title"],
                authors=tuple(facts.get("authors") or ()),
                abstract=facts["abstract"],
                published=date.fromisoformat(day) if day else None,
                year=facts["year"],
                arxiv_id=facts["arxiv_id"],
                categories=tuple(facts.get("categories") or ("cs.LG",)),
            )


def shared_world(folder: Path, now: Callable[[], float] = time.time) -> World:
    """Return the world of the shared test data."""
    with (folder / "citations.csv").open(encoding="utf-8") as file:
        edges = [(row["citing_arxiv_id"], row["cited_arxiv_id"]) for row in csv.DictReader(file)]
    lists = {
        path.stem.replace("+", "/", 1): path.read_text(encoding="utf-8")
        for path in sorted((folder / "lists").glob("*+*.md"))
    }
    return World(shared_papers(folder), edges, lists, now)
