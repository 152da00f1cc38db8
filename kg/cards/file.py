"""Files of cards: JSON Lines, one card a line with the paper's `id`, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kg.cards.card import Card, card_of
from kg.errors import BadSource
from kg.text.plain import plain_text

MAX_LINE_BYTES = 100_000
"""The longest line that is read; the longest real one has about 2,000."""


class CardLine(NamedTuple):
    """One card of a file."""

    paper: str
    """The paper's id, as the file names it."""
    card: Card
    line: int
    """1-based."""


def is_card_file(path: Path) -> bool:
    """Return whether a file's first line is a card: JSON with an `id`, a `kind` and a `by`."""
    try:
        first = next(_lines(path), b"")
        record = json.loads(first)
    except (BadSource, OSError, ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"id", "kind", "by"} <= record.keys()


def read_cards(path: Path) -> list[CardLine]:
    """Return the cards of a file, all or none.

    Raises
    ------
    BadSource
        If it cannot be read, a line is no card, or two cards are of one id.
    """
    cards: dict[str, CardLine] = {}
    for line, text in enumerate(_lines(path), 1):
        if not text.strip():
            continue
        try:
            one = _card(text, line)
        except (ValueError, RecursionError) as error:
            raise BadSource(path, line, plain_text(str(error))) from error
        if one.paper in cards:
            first = cards[one.paper].line
            raise BadSource(path, line, f"a second card of {one.paper}, first on line {first}")
        cards[one.paper] = one
    return list(cards.values())


def _card(text: bytes, line: int) -> CardLine:
    try:
        record = json.loads(text)
    except ValueError as error:
        raise ValueError(f"this is not JSON ({error})") from error
    if not isinstance(record, dict):
        raise ValueError("this is no JSON object")
    paper = record.pop("id", None)
    if not isinstance(paper, str) or not paper.strip():
        raise ValueError("there is no id")
    return CardLine(paper.strip(), card_of(record), line)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if zipped else raw
            while line := file.readline(MAX_LINE_BYTES + 1):
                if len(line) > MAX_LINE_BYTES:
                    raise BadSource(path, None, f"a line of more than {MAX_LINE_BYTES:,} bytes")
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadSource(path, None, f"this is not gzip ({error})") from error
