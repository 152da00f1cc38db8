"""What the data folder knows of papers besides the lists: records, abstracts and facts.

``papers.jsonl.gz`` has arXiv's records. ``more/`` has, each optional, ``abstracts_more.jsonl.gz``
(by arXiv id or by title), ``facts_more.jsonl.gz`` (categories, date and authors by arXiv id) and
``arxiv_ids_more.csv`` (arXiv ids of papers that lists give by title).
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from ingest.merge.corrections import built_in
from ingest.merge.merger import KnownRecords, paper_id
from ingest.merge.same_paper import same_title
from ingest.sources.arxiv import dump, record
from ingest.sources.words import ET_AL
from kg.errors import BadSource
from kg.ids.arxiv_id import arxiv_link, submission_year
from kg.ids.doi import parse_doi
from kg.ids.titles import is_distinctive, normalised_title
from kg.records import Paper

MATCHED_BY_ID = "id"
"""Value of ``match`` where an abstract was found by its arXiv id, whose title may be another."""
_ADDED = re.compile(r"\s*等\s*\d*\s*位作者.*|\.?\s*\b(?:19|20)\d\d[a-z]?$")
"""How many authors there are, in Chinese, or the year of a reference, behind the last name."""

UNTITLED = "-"
"""Title of a record of facts alone."""


@dataclass(slots=True)
class Metadata:
    """Records of papers by their identifiers; a partial one has no title of its own."""

    by_id: dict[str, Paper] = field(default_factory=dict)
    """arXiv id -> arXiv's record."""
    by_title: dict[str, Paper] = field(default_factory=dict)
    """Normalised title -> arXiv's record, or one with the arXiv id alone."""
    facts: dict[str, list[Paper]] = field(default_factory=dict)
    """arXiv id -> partial records, the most reliable first; one with a title was found by it."""
    abstracts: dict[str, list[Paper]] = field(default_factory=dict)
    """Normalised title -> partial records."""

    @property
    def known(self) -> KnownRecords:
        """The records by which entries of lists are completed and checked."""
        return KnownRecords(self.by_id, self.by_title)

    def completed(self, paper: Paper) -> Paper:
        """Return a paper with the facts that any source has; authors in full where one has them."""
        sources = self._sources(paper)
        authors = [clean_names(one.authors) for one in (*sources, paper)]
        published = paper.published or _first(one.published for one in sources)
        year = published.year if published else None
        if not year and paper.arxiv_id:
            year = submission_year(paper.arxiv_id)
        return replace(
            paper,
            authors=max(authors, key=len),
            abstract=paper.abstract or _first(one.abstract for one in sources),
            published=published,
            year=year or paper.year or _first(one.year for one in sources),
            venue=paper.venue or _first(one.venue for one in sources),
            doi=paper.doi or _first(one.doi for one in sources),
            categories=paper.categories or _first(one.categories for one in sources) or (),
        )

    def _sources(self, paper: Paper) -> list[Paper]:
        found = []
        if paper.arxiv_id:
            found += [self.by_id[paper.arxiv_id]] if paper.arxiv_id in self.by_id else []
            found += [
                one
                for one in self.facts.get(paper.arxiv_id, ())
                if one.title == UNTITLED or same_title(one.title, paper.title)
            ]
        correction = built_in().of_paper(paper.id)
        titles = {normalised_title(paper.title), *(correction.titles if correction else ())}
        return found + [one for title in sorted(titles) for one in self.abstracts.get(title, ())]


def read_metadata(data: Path) -> Metadata:
    """Return what the data folder knows of papers.

    Raises
    ------
    BadSource
        If a file cannot be read.
    """
    found, more = Metadata(), data / "more"
    for paper in dump.read(data / "papers.jsonl.gz", progress=True):
        if paper.arxiv_id:
            found.by_id[paper.arxiv_id] = paper
        if is_distinctive(paper.title):
            found.by_title.setdefault(normalised_title(paper.title), paper)
    for row in json_lines(more / "facts_more.jsonl.gz"):
        paper = partial_record(row)
        found.facts.setdefault(paper.id, []).append(paper)
    for row in json_lines(more / "abstracts_more.jsonl.gz"):
        paper = partial_record(row)
        by_id = row["match"] == MATCHED_BY_ID
        if paper.arxiv_id:
            facts = replace(paper, title=UNTITLED) if by_id else paper
            found.facts.setdefault(paper.arxiv_id, []).append(facts)
        if not by_id:
            title = normalised_title(row["title"])
            found.abstracts.setdefault(title, []).append(paper)
            if paper.arxiv_id and row["match"] == "title":
                found.by_title.setdefault(title, _identified(paper.arxiv_id, row["title"]))
    for line in csv_rows(more / "arxiv_ids_more.csv"):
        arxiv_id = dump.mended_id(line["arxiv_id"])
        paper = found.by_id.get(arxiv_id) or _identified(arxiv_id, line["title"])
        found.by_title.setdefault(normalised_title(line["title"]), paper)
    return found


def partial_record(row: dict[str, Any]) -> Paper:
    """Return the facts of a row of ``abstracts_more``, ``facts_more`` or ``recent_candidates``."""
    named = row.get("arxiv_id") or row.get("key")
    arxiv_id = dump.mended_id(named) if named else None
    day = row.get("date") or ""
    published = date.fromisoformat(day) if len(day) == len("2022-03-10") else None
    authors = [" ".join(name.split()) for name in row.get("authors") or ()]
    title = " ".join((row.get("title") or "").split())
    texts = {"title": title or UNTITLED, "abstract": row.get("abstract") or ""}
    if arxiv_id:  # As arXiv's own record will be, so that the text need not be embedded again.
        texts |= {"id": arxiv_id, "categories": " ".join(row.get("categories") or ())}
        made = record.paper(texts, authors, published=published, updated=None)
    else:
        abstract = " ".join(texts["abstract"].split()) or None
        made = Paper(paper_id(None, None, title), title, tuple(authors), abstract, published)
    doi = parse_doi(row.get("doi") or "")
    return replace(
        made,
        id=paper_id(arxiv_id, doi, title),
        year=made.year or row.get("year"),
        venue=row.get("venue"),
        doi=doi,
    )


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzipped file of JSON Lines; none where there is no such file."""
    try:
        with gzip.open(path) as file:
            for number, line in enumerate(file, 1):
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise BadSource(path, number, f"not JSON ({error.msg})") from error
    except FileNotFoundError:
        return
    except (EOFError, OSError) as error:
        raise BadSource(path, None, f"cannot be read ({error})") from error


def csv_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table by their columns' names; none where there is no such file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _identified(arxiv_id: str, title: str) -> Paper:
    return Paper(arxiv_id, title, arxiv_id=arxiv_id, url=arxiv_link(arxiv_id))


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a list of authors without what a collection or a reference adds to them.

    Examples
    --------
    >>> clean_names(["Ada Ant", ":", "Bea Bee. 2023b", "Cy Cat 等 10 位作者"])
    ('Ada Ant', 'Bea Bee', 'Cy Cat')
    >>> clean_names(["Ada Ant et al."])
    ('Ada Ant',)
    >>> clean_names(["Ada Ant|Bea Bee"])
    ('Ada Ant', 'Bea Bee')
    """
    single = (name for joined in names for name in joined.split("|"))
    bare = (_ADDED.sub("", ET_AL.sub("", name)).strip() for name in single)
    return tuple(name for name in bare if any(map(str.isalpha, name)))


def _first(values: Any) -> Any:
    return next((value for value in values if value), None)
