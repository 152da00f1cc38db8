"""Writing new entries by the patterns of a list, or else as plain links."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.list_writing.blocks import EntryBlock, blocks, cells
from ingest.list_writing.sections import Headings, ListSection
from ingest.list_writing.style import SLOT, ListStyle, fill, fill_best, pattern
from kg.export.awesome_list import escaped, link
from kg.records import ListEntry, Paper


@dataclass(slots=True)
class Draft:
    """A new entry that is being written."""

    paper: Paper
    topic: str
    """Id of the topic for which it is in the section."""
    section: ListSection
    text: str | None = None
    """The entry, or None if it cannot be written."""
    in_style: bool = False
    """Whether it is in the list's style."""
    tries: int = 0
    """How many times it was written."""


class EntryWriter:
    """Writes entries by the patterns of a list's entries.

    Parameters
    ----------
    old : sequence of ListEntry
        The entries that the reader found in it.
    """

    def __init__(self, text: str, old: Sequence[ListEntry]) -> None:
        self.style = ListStyle()
        self.patterns: list[tuple[str, Headings]] = [
            (found, block.entry.headings)
            for block in blocks(text, old)
            if not block.is_row and (found := pattern(block.text, block.entry, self.style))
        ]

    def write(self, draft: Draft) -> None:
        """Write a draft: in the list's style at first, as a plain link the second time."""
        draft.tries += 1
        paper, section = draft.paper, draft.section
        draft.text, draft.in_style = None, False
        if draft.tries == 1:
            if section.is_table:
                draft.text = self._row(draft)
            else:
                patterns = [(text, above == section.headings) for text, above in self.patterns]
                draft.text = fill_best(patterns, paper, self.style, _number(draft))
            draft.in_style = draft.text is not None
        if draft.text is None and draft.tries <= 2 and not section.is_table and link(paper):
            draft.tries = 2
            marker = re.match(r"\s*(?:[-*+]|(\d+)[.)])\s+", section.blocks[0].text)
            bullet = marker[0] if marker else "- "
            if marker and marker[1]:
                bullet = bullet.replace(marker[1], str(_number(draft)), 1)
            draft.text = f"{bullet}[{escaped(paper.title)}]({link(paper)})"

    def _row(self, draft: Draft) -> str | None:
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

    def _cell(self, column: Sequence[tuple[str, EntryBlock]], draft: Draft) -> str:
        counted: Counter[str] = Counter()
        for cell, block in column:
            found = pattern(cell.strip(), block.entry, self.style)
            # Words outside slots are of one paper, as is a text without a pattern.
            counted[found if found is not None else "\0"] += 1
        tight = sum(cell[:1] not in (" ", "") for cell, _ in column) > len(column) / 2
        space = "" if tight else " "
        for found, _ in counted.most_common():
            if found == "\0" or not SLOT.search(found):
                if re.search(r"\w", found) or found == "\0":
                    continue
                return f"{space}{found}{space}" if found else " "
            text = fill(found, draft.paper, self.style, 1)
            if text is not None:
                return f"{space}{text}{space}"
        return " "


def _number(draft: Draft) -> int:
    """Return the number of a new entry: one more than that before it, if they count up."""
    section = draft.section
    numbers = [
        int(found[1]) if (found := re.match(r"\W*(\d+)", block.text)) else 1
        for block in section.blocks
    ]
    slot = section.order.slot(draft.paper)
    section.inserted[slot] += 1
    if slot == 0 or len(set(numbers)) == 1:
        return numbers[0]
    return numbers[slot - 1] + section.inserted[slot]
