"""Reading a file that a user names: a list, publication pages or a bibliography."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.merge.same_paper import same_title
from ingest.sources.bibliography import lines, readers
from ingest.sources.bibliography.reference import Bibliography
from ingest.sources.lists import awesome_list, publications
from kg.cards.file import CardLine
from kg.entities.file import YAML_SUFFIXES, read_entities
from kg.errors import BadRequest, BadSource
from kg.records import ListEntry
from kg.taxonomy.taxonomy import Taxonomy

_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd", ".rst"})
"""Files that are lists even where they quote BibTeX."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One identifier under titles that cannot be those of one paper."""

    arxiv_id: str
    titles: tuple[str, ...]
    """In the file's order."""

    def message(self) -> str:
        """Return the conflict in words."""
        return f"{self.arxiv_id} carries several titles: {' | '.join(self.titles)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """The contents of a file, in its order."""

    name: str
    """The file's or folder's name."""
    entries: tuple[ListEntry, ...]
    topics: tuple[str | None, ...]
    """Id of the topic of each entry's headings, or None."""
    conflicts: tuple[Conflict, ...]
    """arXiv ids that the file gives to several papers; all entries are kept."""
    problems: tuple[BadSource, ...]
    """Pages and parts that could not be read."""
    listed: bool = True
    """Whether the entries are those of a list or page of the field, not of a bibliography."""
    cards: tuple[CardLine, ...] = ()
    """Cards of the entries, where the file has any."""


def read(path: Path, taxonomy: Taxonomy) -> Reading:
    """Read a list, a page, a folder of pages or a bibliography; nothing is stored.

    Raises
    ------
    BadSource
        If the file cannot be read or is in none of these formats.
    """
    _check_size(path)
    if path.is_dir() or _is_page(path):
        entries, problems = publications.read(path)
    elif found := _bibliography(path):
        return of_references(path, found)
    else:
        try:
            entries, problems = awesome_list.read(path), []
        except BadSource:
            if found := _identifiers(path):
                return of_references(path, found)
            if path.suffix.lower() in YAML_SUFFIXES:
                read_entities(path)  # To say what is wrong with it as a file of entities.
            raise
    topics = tuple(taxonomy.match_headings(entry.headings) for entry in entries)
    return Reading(path.name, tuple(entries), topics, conflicts(entries), tuple(problems))


def _check_size(path: Path) -> None:
    """Raise `BadSource` where a file is too large to be read whole."""
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        return  # To be reported by the readers.
    if size > readers.FILE_LIMITS.size:
        most = readers.FILE_LIMITS.size // 1_000_000
        problem = f"{size // 1_000_000:,} MB are too large to be read whole"
        mend = f"bring {most} MB at a time at most; `lfm add` takes CSV and JSON Lines of any size"
        raise BadSource(path, None, problem, mend)


def bibliography_format(path: Path, text: str) -> readers.Format | None:
    """Return the format of a file's text, or None where it is no bibliography.

    Raises
    ------
    BadRequest
        If it is in a format that is not read.
    """
    return None if path.suffix.lower() in _MARKDOWN else readers.format_of(text)


def _bibliography(path: Path) -> Bibliography | None:
    """Return the contents of a bibliography, or None where the file is in no such format."""
    try:
        text = decoded_text(path.read_bytes())
        known = bibliography_format(path, text)
        return readers.read(text, readers.FILE_LIMITS) if known else None
    except OSError:
        return None  # To be reported by the reader of lists.
    except BadRequest as error:
        raise BadSource(path, None, error.message, error.mend) from error


def _identifiers(path: Path) -> Bibliography | None:
    """Return the papers of a plain list of identifiers, or None where the file is none."""
    try:
        text = decoded_text(path.read_bytes())
    except OSError:
        return None
    return lines.parse(text) if lines.are_identifiers(text) else None


def decoded_text(data: bytes) -> str:
    """Return the text of a file; old reference managers do not write UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def of_references(path: Path, found: Bibliography) -> Reading:
    """Return the entries of a bibliography."""
    entries = []
    problems = [
        BadSource(path, one.line, f"{one.reason} ({one.start})" if one.start else one.reason)
        for one in found.broken
    ]
    for reference in found.references:
        entry = reference.entry
        if entry.title or entry.arxiv_id or entry.doi:
            entries.append(entry)
        else:
            reason = f"{reference.name} has no title and no identifier"
            problems.append(BadSource(path, entry.line, reason))
    topics = (None,) * len(entries)
    every = tuple(sorted(problems, key=lambda one: one.line or 0))
    cards = tuple(
        CardLine(name, one.card, one.entry.line or 0)
        for one in found.references
        if one.card and (name := one.entry.arxiv_id or one.entry.doi or one.entry.title)
    )
    return Reading(path.name, tuple(entries), topics, conflicts(entries), every, False, cards)


def conflicts(entries: Iterable[ListEntry]) -> tuple[Conflict, ...]:
    """Return the arXiv ids that several papers carry."""
    titles: dict[str, list[str]] = {}
    for entry in entries:
        if entry.arxiv_id:
            seen = titles.setdefault(entry.arxiv_id, [])
            if entry.title and not any(same_title(title, entry.title) for title in seen):
                seen.append(entry.title)
    return tuple(Conflict(name, tuple(seen)) for name, seen in titles.items() if len(seen) > 1)


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return publications.looks_like_page(file.read(1 << 16))
    except OSError:
        return False  # To be reported by the reader of lists.
