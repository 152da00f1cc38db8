"""The lines of each entry of a list in its file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.records import ListEntry

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_HEADING = re.compile(r" {0,3}#{1,6}\s|\s*</?(?:h[1-6]|details|summary|table|tr)\b", re.IGNORECASE)
_BULLET = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+")
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_CELL = re.compile(r"(?:\\.|`[^`]*`|[^|\\])*", re.DOTALL)


@dataclass(slots=True)
class EntryBlock:
    """The lines of one entry."""

    entry: ListEntry
    start: int
    """Index of the first line."""
    end: int
    """Index after the last line."""
    is_row: bool
    """Whether it is a row of a Markdown table."""
    text: str
    """The lines, joined by line feeds."""
    after: int = -1
    """Blank lines to the next entry, or -1 where there is other text between."""


def lines_of(text: str) -> list[str]:
    """Split a text into lines as the reader counts them, each with its end."""
    return _LINE.findall(text)


def cells(row: str) -> list[str]:
    """Split a row of a Markdown table into cells, with their spaces.

    Examples
    --------
    >>> cells("| a \\\\| b | c |")
    [' a \\\\| b ', ' c ']
    """
    inner = row.strip()
    found: list[str] = []
    position = 1 if inner.startswith("|") else 0
    while position < len(inner):
        match = _CELL.match(inner, position)
        assert match is not None
        found.append(match[0])
        position = max(match.end(), position) + 1
    return found


def blocks(text: str, entries: Sequence[ListEntry]) -> list[EntryBlock]:
    """Find the lines of each entry.

    Parameters
    ----------
    entries : sequence of ListEntry
        Those that the reader found, with lines. Of several on one line, only the first is taken;
        entries within HTML are left out.
    """
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    first: dict[int, ListEntry] = {}
    for entry in entries:
        if entry.line is not None and entry.line <= len(lines):
            first.setdefault(entry.line - 1, entry)
    starts: dict[int, ListEntry] = {}
    for at, entry in sorted(first.items(), key=lambda one: one[0]):
        starts.setdefault(_start(lines, at), entry)
    ends = [*list(starts)[1:], len(lines)]
    found = [
        block
        for (at, entry), limit in zip(starts.items(), ends, strict=True)
        if (block := _block(lines, at, max(limit, at + 1), entry)) is not None
    ]
    for one, following in pairwise(found):
        between = lines[one.end : following.start]
        if not any(map(str.strip, between)):
            one.after = len(between)
    return found


def _start(lines: Sequence[str], at: int) -> int:
    """Return the first line of an entry's paragraph, item or row."""
    while (
        not _BULLET.match(lines[at])
        and not _is_row(lines[at])
        and at
        and lines[at - 1].strip()
        and not _HEADING.match(lines[at - 1])
        and not _BULLET.match(lines[at - 1])
        and not _is_row(lines[at - 1])
    ):
        at -= 1
    return at


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _block(lines: Sequence[str], at: int, limit: int, entry: ListEntry) -> EntryBlock | None:
    line = lines[at]
    if line.lstrip().startswith("<") and not line.lstrip().startswith(("<b>", "<strong>", "<a ")):
        return None
    if _is_row(line) or _in_table(lines, at):
        return EntryBlock(entry, at, at + 1, True, line)
    bullet = _BULLET.match(line)
    indent = len(bullet[1]) if bullet else -1
    end = at + 1
    while end < limit and not _HEADING.match(lines[end]) and not _is_row(lines[end]):
        following = _BULLET.match(lines[end])
        if following and len(following[1]) <= indent:
            break
        # After a blank line, an item goes on with indented lines, and a paragraph ends.
        if not lines[end - 1].strip() and not (bullet and lines[end].startswith((" ", "\t"))):
            break
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return EntryBlock(entry, at, end, False, "\n".join(lines[at:end]))


def _in_table(lines: Sequence[str], at: int) -> bool:
    """Return whether a line is a row of a table whose rows do not begin with a bar."""
    if "|" not in lines[at]:
        return False
    while at and lines[at].strip() and "|" in lines[at]:
        at -= 1
        if _RULE.fullmatch(lines[at]) and "|" in lines[at]:
            return True
    return False
