"""Files of cards: JSON Lines, one card a line with the paper's `id`, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.cards.card import Card, card_of, record_of
from kg.errors import BadSource
from kg.text.plain import plain_text

MAX_LINE_BYTES: Final = 100_000
"""The longest line that is read; the longest real one has about 2,000."""

MAX_FILE_BYTES: Final = 64_000_000
"""The longest file that is read, unpacked; that of the atlas has less than 3 million."""

MAX_LINES: Final = 500_000
"""The most lines that are read, blank ones too."""

_LOOKED_AT: Final = 10
"""Lines by which a file of cards is recognised."""
_MEND: Final = "nothing of the file was taken; `docs/cards.md` shows each field"


class CardLine(NamedTuple):
    """One card of a file."""

    paper: str
    """The paper's id, as the file names it."""
    card: Card
    line: int
    """1-based."""


def is_card_file(path: Path) -> bool:
    """Return whether a file's first lines hold a card, even one with a mistake.

    A card is JSON with an `id`, and a `kind`, `by` or `summary`. Records of arXiv and of
    bibliographies have a `title`, which cards have not.
    """
    try:
        for _, line in islice(_lines(path), _LOOKED_AT):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict) and "id" in record and "title" not in record:
                return not record.keys().isdisjoint(("kind", "by", "summary"))
    except (BadSource, OSError):
        pass
    return False


def read_cards(path: Path) -> list[CardLine]:
    """Return the cards of a file, all or none.

    Raises
    ------
    BadSource
        If it cannot be read, a line is no card, or two cards are of one id.
    """
    cards = []
    for one in each_card(path):
        if isinstance(one, BadSource):
            raise one
        cards.append(one)
    return cards


def each_card(path: Path) -> Iterator[CardLine | BadSource]:
    """Yield the cards of a file, and an error for each line that is none or a second of its id.

    Raises
    ------
    BadSource
        If the file cannot be read, is not gzip to its end, or is too large.
    """
    lines: dict[str, int] = {}
    for line, text in _lines(path):
        try:
            one = _card(text, line)
        except RecursionError:
            yield BadSource(path, line, "this is nested too deep for a card", _MEND)
        except ValueError as error:
            yield BadSource(path, line, plain_text(str(error)), _MEND)
        else:
            if one.paper in lines:
                message = f"a second card of {one.paper}, first on line {lines[one.paper]}"
                yield BadSource(path, line, message, _MEND)
            else:
                lines[one.paper] = line
                yield one


def card_lines(cards: Iterable[tuple[str, Card]]) -> str:
    """Return cards of paper ids as the text of a file: in order of the ids, keys in theirs."""
    made = ({"id": paper, **record_of(card)} for paper, card in sorted(cards, key=lambda c: c[0]))
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in made)


def _card(text: bytes, line: int) -> CardLine:
    try:
        record = json.loads(text, object_pairs_hook=_unique)
    except _Repeated:
        raise
    except ValueError as error:
        raise ValueError(f"this is not JSON ({error})") from error
    if not isinstance(record, dict):
        raise ValueError("this is no JSON object")
    paper = record.pop("id", None)
    if not isinstance(paper, str) or not paper.strip() or plain_text(paper) != paper:
        raise ValueError("there is no id")
    return CardLine(paper.strip(), card_of(record), line)


class _Repeated(ValueError):
    """A field comes twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Repeated(f"{twice[:40]!r} comes twice")
    return record


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    size = number = 0
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if zipped else raw
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                size += len(line)
                if len(line) > MAX_LINE_BYTES:
                    raise BadSource(path, number, f"a line of more than {MAX_LINE_BYTES:,} bytes")
                if size > MAX_FILE_BYTES or number > MAX_LINES:
                    most = f"{MAX_FILE_BYTES // 1_000_000} MB or {MAX_LINES:,} lines"
                    raise BadSource(path, number, f"the file has more than {most}", "split it")
                if not line.isspace():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadSource(path, number + 1, f"this is not gzip ({error})") from error
    except OSError as error:
        raise BadSource(path, None, f"cannot be read ({error.strerror or error})") from error
