"""Fields of list entries, by which tables of tests name what they expect."""

from kg.links import LinkKind
from kg.records import ListEntry


def code_of(entry: ListEntry) -> str | None:
    """Return the first link to code."""
    return next((link.url for link in entry.links if link.kind is LinkKind.CODE), None)


def field_of(entry: ListEntry, name: str) -> object:
    """Return a field; `code` is the first link to code."""
    return code_of(entry) if name == "code" else getattr(entry, name)
