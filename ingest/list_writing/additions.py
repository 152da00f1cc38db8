"""Adding papers to an existing awesome list, in its style and order.

The result is checked by parsing it: the old entries must be unchanged, and each new one must have
its title and link under its heading. Where no pattern of the list fits, an entry is a plain
``- [Title](link)``; where that does not parse either, as in a table of which no column is
understood, the paper is left out and reported.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.list_writing.blocks import lines_of
from ingest.list_writing.drafts import Draft, EntryWriter
from ingest.list_writing.sections import (
    Headings,
    TopicOf,
    best_section,
    by_topic,
    sections,
)
from ingest.sources.lists.awesome_list import parse
from ingest.sources.lists.followed import load_lists
from kg.errors import BadSource
from kg.export.excerpt import Excerpt
from kg.ids.titles import normalised_title
from kg.records import Filters, ListEntry, Paper
from search.library import Library
from search.pages.exports import excerpt


@dataclass(frozen=True, slots=True)
class Addition:
    """One new entry."""

    paper: Paper
    topic: str
    """Id of the topic for which it is under `headings`."""
    headings: Headings
    """Headings of the list above it, outermost first."""
    text: str
    """The entry, of one line or several."""
    in_style: bool
    """Whether it is in the list's style, and not a plain link."""


@dataclass(frozen=True, slots=True)
class Additions:
    """A list with its new entries."""

    text: str
    """The whole list; nothing of the old one is changed or removed."""
    added: tuple[Addition, ...]
    """In the order of the papers."""
    existing: tuple[Paper, ...]
    """Papers that the list has already."""
    no_heading: tuple[Paper, ...]
    """Papers for whose topics the list has no heading."""
    no_style: tuple[Paper, ...]
    """Papers whose entries could not be written so that the list parses as before."""

    def summary(self) -> list[str]:
        """Return how many papers were added or left out, a line each."""
        counts = (
            (self.added, "added"),
            (self.existing, "in the list already"),
            (self.no_heading, "of topics for which the list has no heading"),
            (self.no_style, "that cannot be written in the list's style"),
        )
        return [f"{len(papers):,} papers {what}" for papers, what in counts if papers]


def to_file(library: Library, path: Path, filters: Filters | None = None) -> Additions:
    """Return the list in a file with the papers of the atlas that it lacks.

    Raises
    ------
    BadSource
        If the file cannot be read or is no list.
    NotFound
        If there is no such topic.
    """
    try:
        existing = path.read_bytes().decode()
    except OSError as error:
        raise BadSource(
            path, None, f"cannot be read: {error.strerror}", "check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise BadSource(path, None, "is not UTF-8 text", "convert it, or check the path") from error
    # A list that the atlas follows has its own meanings of headings.
    name = repository_of(path)
    known = {source.repository.lower(): source for source in load_lists(library.taxonomy).values()}
    source = known.get(name)
    return additions(existing, excerpt(library, filters), source.topic_of if source else None)


def repository_of(path: Path) -> str:
    """Return the repository of a file by its name or folder: ``owner/name``, in lower case."""
    if "+" in path.stem:
        return path.stem.replace("+", "/", 1).lower()
    return "/".join(path.resolve().parts[-3:-1]).lower()


def additions(existing: str, excerpt: Excerpt, topic_of: TopicOf | None = None) -> Additions:
    """Add the papers that a list does not have.

    Parameters
    ----------
    existing : str
        The list's Markdown, with its own line ends.
    excerpt : Excerpt
        The papers with their topics. A paper is added once, for the first of its topics for which
        the list has a heading; a heading is for the topics below its own too if the list has no
        headings for any of these.
    topic_of : callable, optional
        Returns the topic that headings mean, by default the taxonomy's; a list that the atlas
        follows has its own (`ingest.sources.lists.followed.ListSource.topic_of`).

    Raises
    ------
    BadSource
        If `existing` is no list.
    """
    old = parse(existing.encode())
    taxonomy = excerpt.taxonomy
    of_topic = by_topic(sections(existing, old), taxonomy, topic_of or taxonomy.match_headings)
    known = {name for entry in old for name in _names(entry)}
    listed: list[Paper] = []
    no_heading: list[Paper] = []
    drafts: list[Draft] = []
    for paper in excerpt.papers:
        if not known.isdisjoint(_names(paper)):
            listed.append(paper)
            continue
        known.update(_names(paper))
        topic = next(filter(of_topic.get, excerpt.topics(paper.id)), None)
        if topic is None:
            no_heading.append(paper)
        else:
            drafts.append(Draft(paper, topic, best_section(of_topic[topic], paper)))
    text = _written(existing, old, drafts)
    return Additions(
        text,
        tuple(
            Addition(one.paper, one.topic, one.section.headings, one.text, one.in_style)
            for one in drafts
            if one.text is not None
        ),
        tuple(listed),
        tuple(no_heading),
        tuple(one.paper for one in drafts if one.text is None),
    )


def _names(one: Paper | ListEntry) -> set[str]:
    """Return the identifiers and the title by which papers are recognised."""
    named = {"title": normalised_title(one.title), "arxiv": one.arxiv_id, "doi": one.doi}
    return {f"{scheme}:{value}" for scheme, value in named.items() if value}


def _written(existing: str, old: Sequence[ListEntry], drafts: Sequence[Draft]) -> str:
    """Write the drafts, more plainly if need be, until the list parses as it should."""
    if not drafts:
        return existing
    writer = EntryWriter(existing, old)
    pending = sorted(drafts, key=lambda one: one.section.order.rank(one.paper))
    while True:
        for draft in pending:
            writer.write(draft)
        text, places = _inserted(existing, [one for one in drafts if one.text is not None])
        pending = _misread(text, old, places)
        if not pending:
            return text


def _inserted(existing: str, drafts: Sequence[Draft]) -> tuple[str, dict[int, Draft]]:
    """Return the new list, and the drafts by the line on which each begins."""
    lines = lines_of(existing)
    end = "\r\n" if existing.count("\r\n") * 2 > existing.count("\n") else "\n"
    at: dict[int, list[tuple[Draft, bool]]] = defaultdict(list)
    for draft in drafts:
        slot = draft.section.order.slot(draft.paper)
        found = draft.section.blocks
        if slot == 0:
            at[found[0].start].append((draft, True))
        else:
            at[found[slot - 1].end].append((draft, False))
    made: list[str] = []
    places: dict[int, Draft] = {}
    for index in range(len(lines) + 1):
        for draft, before in sorted(at.get(index, ()), key=_in_order):
            gap = [end] * draft.section.gap
            own = [line + end for line in (draft.text or "").split("\n")]
            if made and not made[-1].endswith(("\n", "\r")):
                made[-1] += end
            places[len(made) + 1 + (0 if before else len(gap))] = draft
            made += [*own, *gap] if before else [*gap, *own]
        made += lines[index : index + 1]
    return "".join(made), places


def _in_order(one: tuple[Draft, bool]) -> tuple[bool, float, str]:
    draft, before = one
    return (not before, draft.section.order.rank(draft.paper), draft.paper.id)


def _misread(text: str, old: Sequence[ListEntry], places: dict[int, Draft]) -> list[Draft]:
    """Return the drafts because of which the new list does not parse as it should."""
    drafts = list(places.values())
    if not drafts:
        return []
    ends = {
        line: draft
        for start, draft in places.items()
        for line in range(start, start + (draft.text or "").count("\n") + 1)
    }
    new = defaultdict(list)
    kept: list[ListEntry] = []
    for entry in parse(text.encode()):
        if entry.line in ends:
            new[id(ends[entry.line])].append(entry)
        else:
            kept.append(replace(entry, line=None))
    wrong = [one for one in drafts if not _parses_as_written(one, new[id(one)])]
    before = [replace(entry, line=None) for entry in old]
    if not wrong and kept != before:
        changed = {entry.headings for entry in set(kept) ^ set(before)}
        wrong = [one for one in drafts if one.section.headings in changed] or drafts
    return wrong


def _parses_as_written(draft: Draft, found: Sequence[ListEntry]) -> bool:
    paper = draft.paper
    return (
        len(found) == 1
        and found[0].headings == draft.section.headings
        and found[0].arxiv_id in (paper.arxiv_id, None)
        and normalised_title(found[0].title) == normalised_title(paper.title)
    )
