"""Reading a file that a user names: an awesome list, a publication page or a folder of pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.merge import same_title
from ingest.sources import awesome_list, publications
from kg.entities import ListEntry
from kg.errors import BadSource
from kg.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Conflict:
    """One identifier under titles that cannot be those of one paper."""

    arxiv_id: str
    titles: tuple[str, ...]
    """In the file's order."""

    def told(self) -> str:
        """Return the conflict in words."""
        return f"{self.arxiv_id} carries several titles: {' | '.join(self.titles)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, in its order."""

    name: str
    """The file's or folder's name."""
    entries: tuple[ListEntry, ...]
    topics: tuple[str | None, ...]
    """Id of the topic that each entry's headings mean, or None."""
    conflicts: tuple[Conflict, ...]
    """arXiv ids that the file gives to several papers; all are kept."""
    problems: tuple[BadSource, ...]
    """Pages that could not be read while others could."""


def read(path: Path, taxonomy: Taxonomy) -> Reading:
    """Read a list, a page or a folder of pages; nothing is stored.

    Raises
    ------
    BadSource
        If the file cannot be read or is neither.
    """
    problems: list[BadSource] = []
    if path.is_dir() or _is_page(path):
        entries, problems = publications.read(path)
    else:
        entries = awesome_list.read(path)
    topics = tuple(taxonomy.match_headings(entry.headings) for entry in entries)
    return Reading(path.name, tuple(entries), topics, conflicts(entries), tuple(problems))


def conflicts(entries: Iterable[ListEntry]) -> tuple[Conflict, ...]:
    """Return the arXiv ids that several papers carry."""
    titles: dict[str, list[str]] = {}
    for entry in entries:
        if entry.arxiv_id:
            seen = titles.setdefault(entry.arxiv_id, [])
            if not any(same_title(title, entry.title) for title in seen):
                seen.append(entry.title)
    return tuple(Conflict(name, tuple(seen)) for name, seen in titles.items() if len(seen) > 1)


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return publications.looks_like_page(file.read(1 << 16))
    except OSError:
        return False  # The reader of lists says what is wrong with it.
