"""Abstracts with which cards are compared: files beside the atlas, which has none."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ingest.sources.arxiv import dump
from kg.errors import BadSource
from kg.ids.titles import is_distinctive, normalised_title

_IDS: Final = ("id", "arxiv_id", "atlas_id", "key")
"""Fields that may hold a paper's id."""
_SUFFIXES: Final = (".jsonl", ".jsonl.gz")


@dataclass(slots=True)
class Abstracts:
    """Abstracts of some papers, found by id or by an exact title."""

    titles: Mapping[str, str]
    """The papers whose abstracts are looked for: id -> title."""
    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Id -> (title, abstract) of each source that has another text."""
    _ids: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = {}
        for paper, title in self.titles.items():
            if is_distinctive(title):
                self._ids.setdefault(normalised_title(title), []).append(paper)

    def read(self, paths: Iterable[Path]) -> None:
        """Read JSON Lines of `id`, `title` and `abstract`, gzipped or not, or folders of these.

        Raises
        ------
        BadSource
            If a file cannot be read, or a line is no JSON object.
        """
        for path in paths:
            files = [path]
            if path.is_dir():
                files = sorted(one for one in path.iterdir() if one.name.endswith(_SUFFIXES))
            for one in files:
                for number, line in dump.numbered_lines(one):
                    self._add(_record(one, number, line))

    def _add(self, record: dict[str, Any]) -> None:
        abstract = record.get("abstract") or record.get("text")
        if not isinstance(abstract, str) or not abstract.strip():
            return
        papers = [record[name] for name in _IDS if isinstance(record.get(name), str)]
        title = record.get("title")
        title = title if isinstance(title, str) else ""
        papers += self._ids.get(normalised_title(title), ())
        for paper in dict.fromkeys(papers):
            if paper in self.titles and (title, abstract) not in self.found.setdefault(paper, []):
                self.found[paper].append((title, abstract))


def _record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadSource(path, number, f"this is not JSON ({error})") from error
    if not isinstance(record, dict):
        raise BadSource(path, number, "this is no JSON object")
    return record
