"""The topics of a taxonomy file, kept as JSON: reading YAML takes as long as an answer's search."""

import json
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Final

from kg.taxonomy.topic import BUILT_IN, Topic

FILE: Final = "taxonomy.json"
"""Name of the file in the folder of caches."""

_FORMAT: Final = 1
"""To be raised when other topics are read from the same files."""


def read_topics(path: Path | None) -> Iterable[Topic]:
    """Read and check the topics of a file, by default the built-in one, which is read once.

    Raises
    ------
    BadTaxonomy
        If the file cannot be read or breaks a rule; carries the line.
    """
    from kg.taxonomy import file  # Imports a parser of YAML: see the module's first line.

    return file.built_in().values() if path is None else file.read(path)


def cached_topics(path: Path | None, folder: Path) -> Iterable[Topic]:
    """Return the topics of a file as `read_topics` does, from the cache while it is of the file.

    A cache that is missing, damaged or of other content is made anew; one that cannot be written
    costs the next process the reading, and no more.

    Parameters
    ----------
    folder : Path
        Where the cache is, made if absent.
    """
    source = _source(path)
    if source is not None and (found := _cached(folder / FILE, source)):
        return found
    topics = tuple(read_topics(path))
    # Not where the file was changed while it was read.
    if source is not None and source == _source(path):
        _write(folder / FILE, source, topics)
    return topics


def _source(path: Path | None) -> list[int] | None:
    """Return what tells the content of the files from another, or None where one is unreadable.

    An own file may extend the built-in one, so both count.
    """
    try:
        files = [file.read_bytes() for file in (BUILT_IN, path) if file is not None]
    except OSError:
        return None
    return [_FORMAT, *(number for data in files for number in (len(data), zlib.crc32(data)))]


def _cached(file: Path, source: list[int]) -> list[Topic]:
    """Return the topics of a cache, none where it is of another source or damaged."""
    try:
        kept = json.loads(file.read_bytes())
        if kept["source"] != source:
            return []
        return [Topic(*texts, *(tuple(one) for one in lists)) for texts, lists in kept["topics"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _write(file: Path, source: list[int], topics: Iterable[Topic]) -> None:
    from kg.files.atomic import replace_file  # Only the first question of an atlas writes.

    fields = [astuple(topic) for topic in topics]
    kept = {"source": source, "topics": [(one[:5], one[5:8]) for one in fields]}
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, json.dumps(kept).encode())
