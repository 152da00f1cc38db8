"""arXiv's public metadata snapshot: JSON Lines, plain or gzipped, one paper a line.

The snapshot (``arxiv-metadata-oai-snapshot.json``) has three million lines and is read as a stream.
So are subsets with lists for strings, ``arxiv_id`` for ``id`` and ``date`` for ``versions``.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BufferedReader
from pathlib import Path
from reprlib import repr as brief
from typing import Any, Final, NamedTuple, cast

import orjson
from tqdm import tqdm

from ingest.sources.arxiv import record
from kg.errors import BadSource
from kg.ids.arxiv_id import id_of_number, parse_arxiv_id
from kg.records import Paper

MAX_LINE_BYTES = 16_000_000  # bytes; a paper with 3,000 authors has less than one million
_NUMBER_ID = re.compile(r"(\d{3,4}\.\d+)(?:v\d+)?", re.ASCII)


def parse_line(line: bytes | str, name: str, number: int) -> Paper:
    r"""Return the paper of one line.

    Parameters
    ----------
    line : bytes or str
        One JSON object.
    name, number : str, int
        What errors call the file, and which line of it this is (1-based).

    Raises
    ------
    BadSource
        With file and line, where the line is no JSON object, has no arXiv id or no title, or has
        a field of another type than the snapshot's.

    Examples
    --------
    >>> paper = parse_line(r'{"id": "0704.0001", "title": "On Erd\\H{o}s\n  Graphs"}', "a", 1)
    >>> paper.id, paper.title, paper.year
    ('0704.0001', 'On Erdős Graphs', 2007)
    """
    try:
        fields = orjson.loads(line)
        if not isinstance(fields, dict):
            raise ValueError(f"a paper is a JSON object, not {brief(fields)}")
        return _paper(fields)
    except orjson.JSONDecodeError as error:
        mend = "write one JSON object on each line"
        raise BadSource(name, number, f"not JSON ({error.msg})", mend) from error
    except ValueError as error:
        raise BadSource(name, number, str(error)) from error


class Position(NamedTuple):
    """A place in the unpacked text of a dump."""

    line: int = 0
    """Lines before it."""
    offset: int = 0
    """Bytes before it."""


BEGINNING: Final = Position()
"""Where a dump begins."""


@dataclass(slots=True)
class Piece:
    """Some papers of a dump, in the file's order."""

    end: Position
    papers: list[Paper] = field(default_factory=list)
    problems: list[BadSource] = field(default_factory=list)
    """Lines that are wrong."""


def pieces(
    path: Path, size: int, start: Position = BEGINNING, progress: bool = False
) -> Iterator[Piece]:
    """Yield the papers of a snapshot in pieces, in constant memory.

    Parameters
    ----------
    size : int
        Lines in a piece.
    start : Position
        The end of a piece: what comes after it is read.
    progress : bool
        Show on stderr how many bytes of the file have been read.

    Raises
    ------
    BadSource
        As of `read` with `on_error`, after the piece before that place.
    """
    piece, damage = Piece(start), None
    try:
        for piece.end, line in _placed_lines(path, progress, start):
            try:
                piece.papers.append(parse_line(line, str(path), piece.end.line))
            except BadSource as error:
                piece.problems.append(error)
            if len(piece.papers) + len(piece.problems) >= size:
                yield piece
                piece = Piece(piece.end)
    except BadSource as error:
        damage = error
    if piece.papers or piece.problems:
        yield piece
    if damage:
        raise damage


def read(
    path: Path, progress: bool = False, on_error: Callable[[BadSource], None] | None = None
) -> Iterator[Paper]:
    """Yield the papers of a snapshot in the file's order, in constant memory.

    Parameters
    ----------
    path : Path
        JSON Lines, plain or gzipped (by content, whatever the name).
    progress : bool
        Show on stderr how many bytes of the file have been read.
    on_error : callable, optional
        Called for each line that is wrong, after which reading goes on.

    Raises
    ------
    BadSource
        A line is wrong and there is no `on_error`; or, in any case, the file cannot be opened, or
        is cut off or damaged: then after the papers before that place.
    """
    for number, line in numbered_lines(path, progress):
        try:
            paper = parse_line(line, str(path), number)
        except BadSource as error:
            if on_error is None:
                raise
            on_error(error)
        else:
            yield paper


def numbered_lines(path: Path, progress: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file, plain or gzipped, that are not blank, with their numbers.

    Raises
    ------
    BadSource
        If it cannot be opened, has a line that is too long, or is cut off or damaged.
    """
    for end, line in _placed_lines(path, progress):
        yield end.line, line


def _placed_lines(
    path: Path, progress: bool, start: Position = BEGINNING
) -> Iterator[tuple[Position, bytes]]:
    """Yield lines as `numbered_lines`, from a position on, each with the place where it ends."""
    number, offset = start
    try:
        with path.open("rb") as raw:
            lines, size = _unpacked(raw, path), path.stat().st_size
            lines.seek(offset)  # Within a gzip file this reads what is before.
            with tqdm(
                initial=raw.tell(), total=size, unit="B", unit_scale=True, disable=not progress
            ) as bar:
                while line := lines.readline(MAX_LINE_BYTES):
                    number += 1
                    offset += len(line)
                    if len(line) == MAX_LINE_BYTES:
                        raise BadSource(path, number, "not JSON Lines", "write one paper a line")
                    if progress:
                        bar.set_postfix_str(f"{number:,} lines", refresh=False)
                        bar.update(raw.tell() - bar.n)
                    if not line.isspace():
                        yield Position(number, offset), line.removeprefix(b"\xef\xbb\xbf")
                bar.update(size - bar.n)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        problem = f"the file is cut off or damaged here ({error})"
        raise BadSource(path, number + 1, problem, "download it again") from error
    except OSError as error:
        raise BadSource(path, None, f"cannot be read ({error.strerror or error})") from error


def _unpacked(raw: BufferedReader, path: Path) -> BufferedReader:
    magic = raw.peek(4)
    if magic.startswith(b"PK\x03\x04"):
        raise BadSource(path, None, "is a zip archive", "unpack it and read the file inside")
    # The buffer makes readline faster; that a GzipFile is enough for it, its types do not say.
    zipped = magic.startswith(b"\x1f\x8b")
    return BufferedReader(cast(Any, gzip.GzipFile(fileobj=raw))) if zipped else raw


def _paper(fields: dict[str, Any]) -> Paper:
    texts = {
        "id": _identifier(fields),
        "title": _string(fields, "title"),
        "abstract": _string(fields, "abstract"),
        "categories": _categories(fields),
        "comments": _string(fields, "comments", "comment"),
        "journal-ref": _string(fields, "journal-ref", "journal_ref"),
        "doi": _string(fields, "doi"),
    }
    published, updated = _dates(fields)
    year = None if published else _year(fields)
    return record.paper(texts, _authors(fields), published=published, updated=updated, year=year)


def _string(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise ValueError(f"{name} is to be text, not {brief(value)}")
    return ""


def _strings(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} is to be a list of texts, not {brief(value)}")
    return value


def _identifier(fields: dict[str, Any]) -> str:
    value = fields.get("arxiv_id") or fields.get("id")
    text = repr(value) if isinstance(value, float) else value
    if not isinstance(text, str):
        raise ValueError(f"the paper has no arXiv id, but {brief(value)}")
    number = _NUMBER_ID.fullmatch(text)
    found = parse_arxiv_id(whole := mended_id(number[1]) if number else text)
    # A bare number that is short of digits is refused: whoever wrote it still has the id. One that
    # has too many lost none.
    lost = isinstance(value, float) and len(text) < len(whole.lstrip("0"))
    if found is None or lost:
        mend = "; write ids as text, since numbers lose their zeros" if number else ""
        raise ValueError(f"{brief(text)} is no arXiv id{mend}")
    return found


def mended_id(number: str) -> str:
    """Return the arXiv id that a table of numbers left as `number`, or `number` where none fits.

    Examples
    --------
    >>> mended_id("704.12"), mended_id("1912.0947800000001")
    ('0704.1200', '1912.09478')
    """
    return id_of_number(number) if _NUMBER_ID.fullmatch(number) else number


def _authors(fields: dict[str, Any]) -> Iterator[str]:
    parsed, authors = fields.get("authors_parsed"), fields.get("authors")
    if parsed and isinstance(parsed, list):
        for author in parsed:
            last, first, suffix, *_ = [*_strings(author, "authors_parsed"), "", "", ""]
            yield f"{first} {last} {suffix}"
    elif isinstance(authors, list):
        yield from _strings(authors, "authors")
    else:
        yield from record.author_names(_string(fields, "authors"))


def _categories(fields: dict[str, Any]) -> str:
    value = fields.get("categories") or []
    return value if isinstance(value, str) else " ".join(_strings(value, "categories"))


def _dates(fields: dict[str, Any]) -> tuple[date | None, date | None]:
    versions = fields.get("versions") or []
    if not isinstance(versions, list) or not all(isinstance(v, dict) for v in versions):
        raise ValueError(f"versions is to be a list of objects, not {brief(versions)}")
    published, updated = record.first_and_last_day(_string(v, "created") for v in versions)
    return (
        published or record.day_of(_string(fields, "published", "date")),
        updated or record.day_of(_string(fields, "updated", "update_date")),
    )


def _year(fields: dict[str, Any]) -> int | None:
    if fields.get("year") is None:
        return None
    found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?", str(fields["year"]), re.ASCII)
    if not found:
        raise ValueError(f"{brief(fields['year'])} is no year")
    return int(found[1])
