"""New entries for an existing awesome list, in its own style and at their places.

What is written is checked by reading the new list: it must give the old entries as they were and
each new one with its title and link under its heading. Where a style cannot be learnt, an entry
is a plain ``- [Title](link)``; where that does not read well either, as in a table of which no
column is understood, the paper is left out and reported.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.list_blocks import Block, blocks, cells, lines_of
from ingest.list_sections import Headings, Section, TopicOf, best, by_topic, sections
from ingest.list_style import SLOT, Habits, chosen, fill, pattern
from ingest.sources.awesome_list import parse
from kg.entities import ListEntry, Paper
from kg.export.awesome_list import escaped, link
from kg.export.excerpt import Excerpt
from kg.identifiers import normalised_title


@dataclass(frozen=True, slots=True)
class Addition:
    """One new entry."""

    paper: Paper
    topic: str
    """Id of the topic for which it was put under `headings`."""
    headings: Headings
    """Headings of the list above it, outermost first."""
    text: str
    """The entry, of one line or several."""
    learnt: bool
    """Whether it is in the list's style, and not a plain link."""


@dataclass(frozen=True, slots=True)
class Additions:
    """A list with its new entries."""

    text: str
    """The whole list; nothing of the old one is changed or gone."""
    added: tuple[Addition, ...]
    """In the order of the papers."""
    there: tuple[Paper, ...]
    """Papers that the list has already."""
    no_heading: tuple[Paper, ...]
    """Papers for whose topics the list has no heading."""
    no_style: tuple[Paper, ...]
    """Papers that could not be written so that the list still reads as before."""


@dataclass(slots=True)
class _Draft:
    paper: Paper
    topic: str
    section: Section
    text: str | None = None
    learnt: bool = False
    tries: int = 0


def additions(
    existing: str,
    excerpt: Excerpt,
    topic_of: TopicOf | None = None,
) -> Additions:
    """Add to a list those papers that it does not have.

    Parameters
    ----------
    existing : str
        The list's Markdown, with its own line ends.
    excerpt : Excerpt
        The papers with their topics. A paper is added once, for the surest topic for which the
        list has a heading; a heading stands for the topics below its own too where the list has
        no headings for any of these.
    topic_of : callable, optional
        What the list's headings mean (`ingest.lists.ListSource.topic_of`); by default what the
        taxonomy says.

    Returns
    -------
    Additions

    Raises
    ------
    BadSource
        If `existing` is no list.
    """
    old = parse(existing.encode())
    taxonomy = excerpt.taxonomy
    of_topic = by_topic(sections(existing, old), taxonomy, topic_of or taxonomy.match_headings)
    known = {name for entry in old for name in _names(entry)}
    there: list[Paper] = []
    no_heading: list[Paper] = []
    drafts: list[_Draft] = []
    for paper in excerpt.papers:
        if not known.isdisjoint(_names(paper)):
            there.append(paper)
            continue
        known.update(_names(paper))
        place = _place(paper, excerpt, of_topic)
        if place is None:
            no_heading.append(paper)
        else:
            drafts.append(_Draft(paper, *place))
    text = _written(existing, old, drafts)
    return Additions(
        text,
        tuple(
            Addition(one.paper, one.topic, one.section.headings, one.text, one.learnt)
            for one in drafts
            if one.text is not None
        ),
        tuple(there),
        tuple(no_heading),
        tuple(one.paper for one in drafts if one.text is None),
    )


def _names(one: Paper | ListEntry) -> set[str]:
    """By which papers are known to be the same."""
    named = {"title": normalised_title(one.title), "arxiv": one.arxiv_id, "doi": one.doi}
    return {f"{scheme}:{value}" for scheme, value in named.items() if value}


def _place(
    paper: Paper, excerpt: Excerpt, of_topic: dict[str, list[Section]]
) -> tuple[str, Section] | None:
    for topic in excerpt.topics(paper.id):
        if found := of_topic.get(topic):
            return topic, best(found, paper)
    return None


# -- what --------------------------------------------------------------------------------------


def _written(existing: str, old: Sequence[ListEntry], drafts: Sequence[_Draft]) -> str:
    """Write the drafts, plainer where need be, until the list reads as it should."""
    if not drafts:
        return existing
    learnt = _Learnt(existing, old)
    pending = sorted(drafts, key=lambda one: one.section.order.rank(one.paper))
    while True:
        for draft in pending:
            learnt.write(draft)
        text, places = _inserted(existing, [one for one in drafts if one.text is not None])
        pending = _misread(text, old, places)
        if not pending:
            return text


class _Learnt:
    """What a list's entries show of its style."""

    def __init__(self, text: str, old: Sequence[ListEntry]) -> None:
        self.habits = Habits()
        self.patterns: list[tuple[str, Headings]] = [
            (found, block.entry.headings)
            for block in blocks(text, old)
            if not block.is_row and (found := pattern(block.text, block.entry, self.habits))
        ]

    def write(self, draft: _Draft) -> None:
        """Write a draft anew, more plainly each time."""
        draft.tries += 1
        paper, section = draft.paper, draft.section
        draft.text, draft.learnt = None, False
        if draft.tries == 1:
            draft.text = self._row(draft) if section.is_table else self._entry(draft)
            draft.learnt = draft.text is not None
        if draft.text is None and draft.tries <= 2 and not section.is_table and link(paper):
            draft.tries = 2
            marker = re.match(r"\s*(?:[-*+]|(\d+)[.)])\s+", section.blocks[0].text)
            bullet = marker[0] if marker else "- "
            if marker and marker[1]:
                bullet = bullet.replace(marker[1], str(_number(draft)), 1)
            draft.text = f"{bullet}[{escaped(paper.title)}]({link(paper)})"

    def _entry(self, draft: _Draft) -> str | None:
        here = draft.section.headings
        patterns = [(found, headings == here) for found, headings in self.patterns]
        return chosen(patterns, draft.paper, self.habits, _number(draft))

    def _row(self, draft: _Draft) -> str | None:
        rows = [block for block in draft.section.blocks if block.is_row]
        split = [cells(block.text) for block in rows]
        width = Counter(map(len, split)).most_common(1)[0][0]
        if width < 2:
            return None
        columns = [
            [(own[n], block) for own, block in zip(split, rows, strict=True) if n < len(own)]
            for n in range(width)
        ]
        found = [self._cell(column, draft) for column in columns]
        named = escaped(draft.paper.title)
        if not any(named in cell for cell in found):
            return None
        edges = Counter(
            (block.text.strip()[:1] == "|", block.text.strip()[-1:] == "|") for block in rows
        )
        left, right = edges.most_common(1)[0][0]
        return "|" * left + "|".join(found).rstrip() + " |" * right

    def _cell(self, column: Sequence[tuple[str, Block]], draft: _Draft) -> str:
        counted: Counter[str] = Counter()
        for cell, block in column:
            found = pattern(cell.strip(), block.entry, self.habits)
            # Words that are no slot's belong to one paper, and so does an unknown text.
            counted[found if found is not None else "\0"] += 1
        tight = sum(cell[:1] not in (" ", "") for cell, _ in column) > len(column) / 2
        space = "" if tight else " "
        for found, _ in counted.most_common():
            if found == "\0" or not SLOT.search(found):
                if re.search(r"\w", found) or found == "\0":
                    continue
                return f"{space}{found}{space}" if found else " "
            text = fill(found, draft.paper, self.habits, 1)
            if text is not None:
                return f"{space}{text}{space}"
        return " "


def _number(draft: _Draft) -> int:
    """Number of a new entry: one more than that before it, where they count up."""
    section = draft.section
    numbers = [
        int(found[1]) if (found := re.match(r"\W*(\d+)", block.text)) else 1
        for block in section.blocks
    ]
    slot = section.order.slot(draft.paper)
    section.taken[slot] += 1
    if slot == 0 or len(set(numbers)) == 1:
        return numbers[0]
    return numbers[slot - 1] + section.taken[slot]


# -- into the file -----------------------------------------------------------------------------


def _inserted(existing: str, drafts: Sequence[_Draft]) -> tuple[str, dict[int, _Draft]]:
    """Return the new list, and each draft by the line on which it begins."""
    lines = lines_of(existing)
    end = "\r\n" if existing.count("\r\n") * 2 > existing.count("\n") else "\n"
    at: dict[int, list[tuple[_Draft, bool]]] = defaultdict(list)
    for draft in drafts:
        slot = draft.section.order.slot(draft.paper)
        found = draft.section.blocks
        if slot == 0:
            at[found[0].start].append((draft, True))
        else:
            at[found[slot - 1].end].append((draft, False))
    made: list[str] = []
    places: dict[int, _Draft] = {}
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


def _in_order(one: tuple[_Draft, bool]) -> tuple[bool, float, str]:
    draft, before = one
    return (not before, draft.section.order.rank(draft.paper), draft.paper.id)


def _misread(text: str, old: Sequence[ListEntry], places: dict[int, _Draft]) -> list[_Draft]:
    """Drafts because of which the new list does not read as it should."""
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
    wrong = [one for one in drafts if not _reads(one, new[id(one)])]
    before = [replace(entry, line=None) for entry in old]
    if not wrong and kept != before:
        changed = {entry.headings for entry in set(kept) ^ set(before)}
        wrong = [one for one in drafts if one.section.headings in changed] or drafts
    return wrong


def _reads(draft: _Draft, found: Sequence[ListEntry]) -> bool:
    paper = draft.paper
    return (
        len(found) == 1
        and found[0].headings == draft.section.headings
        and found[0].arxiv_id in (paper.arxiv_id, None)
        and normalised_title(found[0].title) == normalised_title(paper.title)
    )
