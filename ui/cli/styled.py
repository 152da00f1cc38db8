"""Styled text, wrapped to the width of the terminal.

What an answer needs of rich, whose import takes longer than an answer takes to print.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, Self

from kg.text.plain import without_controls

MIN_WIDTH: Final = 20
"""Least width of what is printed; a narrower terminal wraps it itself."""

_DEFAULT_WIDTH: Final = 80
"""Columns where nothing is a terminal."""

_COLOURS: Final = MappingProxyType(
    {"red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36"}
)
_CODES: Final = MappingProxyType({"bold": "1", "dim": "2", "italic": "3", **_COLOURS})
"""Parts of a style -> codes of ECMA-48's ``Select Graphic Rendition``."""

_WORD: Final = re.compile(r"\s*\S+\s*")


class Styled:
    """Text in several styles, without what could steer the terminal.

    Parameters
    ----------
    style : str
        Words of `_CODES`, such as ``bold red``; empty: as the terminal writes.
    """

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts: list[tuple[str, str]] = []
        self.append(text, style)

    def append(self, text: "str | Styled", style: str = "") -> Self:
        """Add text at the end."""
        if isinstance(text, Styled):
            self.parts += text.parts
        else:
            self.parts.append((without_controls(text).expandtabs(), style))
        return self

    def lines(self, width: int) -> "Iterator[Styled]":
        """Yield the lines of the text, each at most so many columns wide, broken between words.

        A word that is wider than a line is broken where the line ends.
        """
        text = "".join(part for part, _ in self.parts)
        start = 0
        for line in text.split("\n"):
            for first, last in _breaks(line, width):
                yield self._between(start + first, start + last)
            start += len(line) + 1

    def _between(self, start: int, end: int) -> "Styled":
        line, place = Styled(), 0
        for text, style in self.parts:
            piece = text[max(start - place, 0) : max(end - place, 0)]
            if piece:
                line.append(piece, style)
            place += len(text)
        return line

    def written(self, styles: bool, colours: bool) -> str:
        """Return the text with the codes of its styles, of colours too, or without any."""
        written = []
        for text, style in self.parts:
            words = style.split() if styles else ()
            codes = [_CODES[word] for word in words if colours or word not in _COLOURS]
            written.append(f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text)
        return "".join(written)


class Printer:
    """Prints to stdout, in the styles that it takes, `MIN_WIDTH` columns wide at least."""

    def __init__(self) -> None:
        self.width = max(terminal_width(), MIN_WIDTH)
        self._styles, self._colours = _takes_styles(), not os.environ.get("NO_COLOR")

    def print(self, text: Styled | str = "", indent: int = 0, label: Styled | None = None) -> None:
        """Print text, with a label before its first line and all others beside that.

        Parameters
        ----------
        indent : int
            Columns that are left free, without a label.
        """
        mark = "" if label is None else "".join(part for part, _ in label.parts)
        indent = indent or (columns(mark) + 1 if mark else 0)
        made = text if isinstance(text, Styled) else Styled(text)
        before = " " * indent
        if label is not None:
            before = f"{label.written(self._styles, self._colours)} "
        for line in made.lines(self.width - indent):
            print(f"{before}{line.written(self._styles, self._colours)}".rstrip(" "))
            before = " " * indent


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples
    --------
    >>> columns("model 合并")
    10
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _breaks(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each part of a line begins and ends; at least one."""
    start, used = 0, 0
    for match in _WORD.finditer(line):
        word = match[0].rstrip()
        if used and used + columns(word) > width:
            yield start, len(line[: match.start()].rstrip())
            start, used = match.start(), 0
        for place in range(match.start(), match.end()):
            wide = _columns_of(line[place])
            if used + wide > width and place < match.start() + len(word):
                yield start, place
                start, used = place, 0
            used += wide
    yield start, len(line.rstrip())


def terminal_width() -> int:
    """Return the columns of the terminal: what ``COLUMNS`` says, or what any stream leads to."""
    said = os.environ.get("COLUMNS", "")
    if said.isdigit():
        return int(said)
    for descriptor in range(3):  # In a pipe, the others may be the terminal still.
        try:
            return os.get_terminal_size(descriptor).columns or _DEFAULT_WIDTH
        except OSError:
            continue
    return _DEFAULT_WIDTH


def _takes_styles() -> bool:
    """Return whether stdout shows styles; ``FORCE_COLOR`` says so (https://force-color.org)."""
    if os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    # Consoles of Windows show the codes themselves, unless each program sets them up.
    return sys.stdout.isatty() and os.name != "nt" if forced is None else forced != ""
