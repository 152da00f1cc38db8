"""The entries of the lists from which the snapshot is made."""

from dataclasses import dataclass, field
from pathlib import Path

from ingest.merge.corrections import built_in
from ingest.sources.lists import awesome_list
from ingest.sources.lists.followed import ListSource, load_lists
from kg.records import ListEntry
from kg.taxonomy.taxonomy import Taxonomy

FOLDERS = ("lists", "more/lists_more")
"""Where the lists are, each as `OWNER+REPOSITORY.md`."""


@dataclass(slots=True)
class ListedPapers:
    """What the lists name."""

    placed: list[tuple[ListEntry, str, str]] = field(default_factory=list)
    """Entry, name of its list, and the topic that its heading stands for."""
    others: list[ListEntry] = field(default_factory=list)
    """Entries of lists on neighbouring subjects, and those under headings of no topic."""


def read_lists(data: Path, taxonomy: Taxonomy) -> ListedPapers:
    """Return the entries of all lists: first of those that a refresh follows, in their order."""
    found, read, corrections = ListedPapers(), set[Path](), built_in()
    for source in load_lists(taxonomy).values():
        path = _path(data, source)
        read.add(path)
        for entry in filter(corrections.is_paper, awesome_list.read(path)):
            if topic := source.topic_of(entry.headings):
                found.placed.append((entry, source.name, topic))
            elif path.parent != data / FOLDERS[0]:
                found.others.append(entry)
    for path in sorted((data / FOLDERS[1]).glob("*+*.md")):
        if path not in read:
            found.others += filter(corrections.is_paper, awesome_list.read(path))
    return found


def _path(data: Path, source: ListSource) -> Path:
    name = f"{source.repository.replace('/', '+')}.md"
    first, second = (data / folder / name for folder in FOLDERS)
    return second if second.exists() else first
