"""Corrections of what lists say of papers: wrong ids, garbled titles, duplicates, wrong topics.

They come with the package (`ingest/corrections.yaml`, which says what each field means), so that a
refresh does not bring back what was put right in the bundled snapshot.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import yaml

from kg.errors import BadSource
from kg.files.yaml_file import YamlFile
from kg.ids.arxiv_id import arxiv_link, parse_arxiv_id
from kg.ids.titles import normalised_title
from kg.records import ListEntry, Paper

BUILT_IN: Final = Path(str(resources.files("ingest") / "corrections.yaml"))
"""The corrections that come with the package."""

NULL: Final = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right of one paper."""

    paper: str | None
    """arXiv id, or id in the atlas where it has none; None where what is called so is no paper."""
    reason: str
    title: str | None = None
    """Its title, where lists have another."""
    called: tuple[str, ...] = ()
    """Titles under which lists name it."""
    not_ids: tuple[str, ...] = ()
    """arXiv ids of other papers, which lists give it."""
    topics: Mapping[str, str | None] = field(default_factory=dict)
    """Id of a topic under which lists have it by mistake -> the one that is right, or None."""

    @property
    def titles(self) -> set[str]:
        """All its titles, normalised."""
        return {normalised_title(title) for title in (*self.called, self.title) if title}

    @property
    def arxiv_id(self) -> str | None:
        """The paper's arXiv id, if it has one."""
        return parse_arxiv_id(self.paper) if self.paper else None


class Corrections:
    """Corrections by the ids and titles of papers."""

    def __init__(self, corrections: Iterable[Correction] = ()) -> None:
        self._by_id: dict[str, Correction] = {}
        self._by_title: dict[str, Correction] = {}
        for one in corrections:
            if one.paper:
                self._by_id[one.paper] = one
            self._by_title |= dict.fromkeys(one.titles, one)

    def is_paper(self, entry: ListEntry) -> bool:
        """Return whether an entry names a paper, as far as corrections know."""
        named = self._by_title.get(normalised_title(entry.title))
        return named is None or named.paper is not None

    def of_entry(self, entry: ListEntry) -> tuple[ListEntry, Correction | None]:
        """Return an entry as it should be, and the correction that its title has, if any."""
        named = self._by_title.get(normalised_title(entry.title))
        if named and named.paper and entry.arxiv_id in (None, named.arxiv_id, *named.not_ids):
            url = arxiv_link(named.arxiv_id) if named.arxiv_id else None
            if entry.arxiv_id not in named.not_ids:
                url = url or entry.url
            title = named.title or entry.title
            return replace(entry, title=title, arxiv_id=named.arxiv_id, url=url), named
        return entry, None

    def is_duplicate(self, paper: Paper) -> bool:
        """Return whether a paper of another id, or none, is meant by its title.

        An arXiv id that no list gave by mistake makes it a paper of its own.
        """
        named = self._by_title.get(normalised_title(paper.title))
        if named is None or named.paper == paper.id:
            return False
        return paper.arxiv_id in (None, named.arxiv_id, *named.not_ids)

    def of_paper(self, paper_id: str) -> Correction | None:
        """Return the correction of a paper by its id."""
        return self._by_id.get(paper_id)


@cache
def built_in() -> Corrections:
    """Return the corrections that come with the package."""
    return Corrections(read_corrections(BUILT_IN))


def read_corrections(path: Path) -> list[Correction]:
    """Return the corrections of a file.

    Raises
    ------
    BadSource
        If the file cannot be read or breaks a rule; carries the line.
    """
    file = YamlFile(path, BadSource)
    found: dict[str | None, Correction] = {}
    for node in file.items(file.root, "the file"):
        one = _correction(file, node)
        if one.paper in found:
            file.refuse(node, f"paper {one.paper!r} comes twice", "make one of the two")
        found[one.paper] = one
    return list(found.values())


def _correction(file: YamlFile, node: yaml.Node) -> Correction:
    optional = ("title", "called", "not_ids", "topics")
    fields = file.fields(node, "a correction", required=("paper", "reason"), optional=optional)
    if not fields.keys() & set(optional):
        file.refuse(node, "the correction changes nothing", f"add one of {', '.join(optional)}")
    return Correction(
        None if fields["paper"].tag == NULL else file.text(fields["paper"], "paper"),
        file.text(fields["reason"], "reason"),
        file.text(fields["title"], "title") if "title" in fields else None,
        _texts(file, fields.get("called"), "called"),
        _texts(file, fields.get("not_ids"), "not_ids"),
        _topics(file, fields["topics"]) if "topics" in fields else {},
    )


def _texts(file: YamlFile, node: yaml.Node | None, what: str) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(file.text(one, f"one of {what}") for one in file.items(node, what))


def _topics(file: YamlFile, node: yaml.Node) -> dict[str, str | None]:
    return {
        wrong: None if value.tag == NULL else file.text(value, "a topic")
        for wrong, (_, value) in file.pairs(node, "topics").items()
    }
