"""Adding a dump of arXiv's metadata: pieces, each committed together with the place where it ends.

So a run that was killed goes on there, and ends in the same atlas as one that was not. Memory does
not grow with the dump.
"""

import json
from hashlib import blake2b
from pathlib import Path
from typing import Final

from ingest.adding.admission import Admission
from ingest.sources.arxiv import dump
from ingest.sources.arxiv.dump import BEGINNING, Position
from kg.errors import BadSource
from kg.records import Paper
from kg.store.catalogue import Catalogue

PIECE_LINES: Final = 1000
"""Lines of a dump that are committed together."""

MAX_PROBLEMS: Final = 100
"""Invalid lines of a dump that are reported; the others are counted."""

_SOURCE: Final = "add-dump"
"""Source of the cursors."""

_BEGINNING_BYTES: Final = 1 << 16


class DumpRun:
    """How far a dump was read, as cursors of the catalogue; those of one dump at a time are kept.

    Parameters
    ----------
    options : tuple
        What else decides on its papers; with others it is read from the beginning.
    """

    def __init__(self, catalogue: Catalogue, path: Path, options: tuple[object, ...]) -> None:
        self._journal = catalogue.journal
        digest = _digest(path, options)
        self._seen = f"{_SOURCE} {digest}"
        begun = self._journal.cursor(_SOURCE, "run")
        if begun != digest:
            with catalogue.writing():
                if begun:
                    self._journal.clear_cursors(f"{_SOURCE} {begun}")
                self._journal.clear_cursors(_SOURCE)
                self._journal.set_cursor(_SOURCE, "run", digest)
        found = self._journal.cursor(self._seen, "position")
        self.start = Position(*json.loads(found)) if found else BEGINNING
        """Where the dump is to be read from."""

    def is_seen(self, paper: Paper) -> bool:
        """Return whether the dump had a record of the paper before."""
        return self._journal.cursor(self._seen, paper.id) is not None

    def is_newer(self, paper: Paper) -> bool:
        """Return whether the dump had no record of the paper, or only of earlier days."""
        seen = self._journal.cursor(self._seen, paper.id)
        return seen is None or bool(seen and _day(paper) > seen)

    def see(self, paper: Paper) -> None:
        """Note that the dump has a record of the paper."""
        seen = self._journal.cursor(self._seen, paper.id) or ""
        self._journal.set_cursor(self._seen, paper.id, max(seen, _day(paper)))

    def reach(self, end: Position) -> None:
        """Note that everything before a position is stored."""
        self._journal.set_cursor(self._seen, "position", json.dumps(end))

    def finish(self) -> None:
        """Forget the run: all of the dump is in the atlas."""
        self._journal.clear_cursors(self._seen)
        self._journal.set_cursor(_SOURCE, "run", None)


def add_dump(
    admission: Admission, catalogue: Catalogue, path: Path, options: tuple[object, ...]
) -> None:
    """Add a dump's papers, from where an earlier run with the same options was stopped.

    Raises
    ------
    BadSource
        If nothing of the file can be read.
    """
    run = DumpRun(catalogue, path, options)
    if run.start.line:
        line = run.start.line + 1
        admission.notes.append(f"{path.name}: went on at line {line:,}, where a run was stopped")
    read = bool(run.start.line)
    try:
        for piece in dump.pieces(path, PIECE_LINES, run.start, admission.progress):
            with catalogue.writing():
                admission.add_records(piece.papers, path.name, run)
                run.reach(piece.end)
            for problem in piece.problems:
                if admission.counts["failed"] < MAX_PROBLEMS:
                    admission.problems.append(str(problem))
                admission.counts["failed"] += 1
            read = True
    except BadSource as error:
        if not read:
            run.finish()
            raise
        admission.failed.append(str(error))
    admission.decide()
    admission.embed()
    run.finish()


def _day(paper: Paper) -> str:
    return paper.updated.isoformat() if paper.updated else ""


def _digest(path: Path, options: tuple[object, ...]) -> str:
    """Return a name of the state of a file, and of the options."""
    try:
        about = path.stat()
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING_BYTES)
    except OSError as error:
        raise BadSource(path, None, f"cannot be read ({error.strerror or error})") from error
    facts = repr((about.st_size, about.st_mtime_ns, options)).encode()
    return blake2b(facts + beginning, digest_size=8).hexdigest()
