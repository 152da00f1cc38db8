"""Adding a large table (CSV): rows in pieces, each with the place where it ends.

So a run that was killed goes on there, as with a dump (`ingest.adding.dump`), and memory does not
grow with the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from tqdm import tqdm

from ingest.adding import read_file
from ingest.adding.admission import Admission
from ingest.adding.dump import MAX_PROBLEMS, DumpRun
from ingest.sources.arxiv.dump import MAX_LINE_BYTES, Position
from ingest.sources.bibliography import table
from ingest.sources.bibliography.reference import BibEntry, Bibliography, BrokenEntry
from kg.errors import BadRequest, BadSource
from kg.store.catalogue import Catalogue

MAX_WHOLE_BYTES: Final = 10_000_000
"""A table of more bytes is added in pieces."""
PIECE_ROWS: Final = 1_000
_BEGINNING_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table to be added in pieces."""

    path: Path
    head: table.Head

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @classmethod
    def of(cls, path: Path) -> "TableFile | None":
        """Return the table in a file, None where it is another file or no large one."""
        try:
            if not path.is_file() or path.stat().st_size <= MAX_WHOLE_BYTES:
                return None
            with path.open("rb") as file:
                beginning = file.read(_BEGINNING_BYTES)
        except OSError:
            return None  # To be reported by the readers of files.
        if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 has other ends of lines.
            return None
        text = beginning.decode("utf-8-sig", errors="replace")
        try:
            found = read_file.bibliography_format(path, text)
        except BadRequest:
            return None
        head = table.Head.of(text) if found and found.name == table.KIND else None
        return cls(path, head) if head else None


@dataclass(slots=True)
class _Piece:
    end: Position
    entries: list[BibEntry] = field(default_factory=list)
    broken: list[BrokenEntry] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.entries) + len(self.broken)


def add_table(
    admission: Admission, catalogue: Catalogue, file: TableFile, options: tuple[object, ...]
) -> None:
    """Add a table's papers, from where an earlier run with the same options was stopped.

    Raises
    ------
    BadSource
        If the file cannot be read.
    """
    run = DumpRun(catalogue, file.path, options)
    if run.start.line:
        line = run.start.line + 1
        admission.notes.append(f"{file.name}: went on at line {line:,}, where a run was stopped")
    for piece in _pieces(file, run.start, admission.progress):
        found = Bibliography(table.KIND, tuple(piece.entries), tuple(piece.broken))
        reading = read_file.of_references(file.path, found)
        # Killed before the next line, these rows are read again, and change nothing.
        admission.add_entries(reading, decide=False)
        run.reach(piece.end)
        for problem in reading.problems:
            if admission.counts["failed"] < MAX_PROBLEMS:
                admission.problems.append(str(problem))
            admission.counts["failed"] += 1
    admission.decide()
    admission.embed()
    run.finish()


def _pieces(file: TableFile, start: Position, progress: bool) -> Iterator[_Piece]:
    """Yield the rows of a table behind a position, in constant memory."""
    try:
        with file.path.open("rb") as raw:
            lines = _Lines(raw, file.path, start)
            if not start.line:
                for line in lines:
                    if line.strip("\ufeff \t\r\n"):
                        break  # The head: the first line that is not blank.
            size = file.path.stat().st_size
            piece = _Piece(lines.reached)
            with tqdm(
                initial=lines.reached.offset, total=size, unit="B", unit_scale=True,
                disable=not progress,
            ) as bar:  # fmt: skip
                for one in file.head.entries(lines, lines.reached.line + 1):
                    if isinstance(one, BibEntry):
                        piece.entries.append(one)
                    elif one:
                        piece.broken.append(one)
                    piece.end = lines.reached
                    if len(piece) >= PIECE_ROWS:
                        yield piece
                        piece = _Piece(piece.end)
                        bar.set_postfix_str(f"{piece.end.line:,} lines", refresh=False)
                        bar.update(piece.end.offset - bar.n)
                bar.update(size - bar.n)
            if len(piece):
                yield piece
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise BadSource(file.path, None, reason) from error


class _Lines:
    """The lines of a file from a position on; `reached` is where the last one ends."""

    def __init__(self, raw: BinaryIO, path: Path, start: Position) -> None:
        self._raw, self._path, self.reached = raw, path, start
        raw.seek(start.offset)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._raw.readline(MAX_LINE_BYTES)
        if not line:
            raise StopIteration
        number, offset = self.reached
        self.reached = Position(number + 1, offset + len(line))
        if len(line) == MAX_LINE_BYTES:
            raise BadSource(
                self._path, number + 1, "the line is too long", "write one paper a line"
            )
        return read_file.decoded_text(line)
