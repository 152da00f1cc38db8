"""Reports of refreshes from the journal in words, without names of files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.sources.registry import CITATIONS
from search.pages.digest.fetch_summary import DELIVERY
from ui.text.quantities import duration

_WORDS = {
    "added": "new",
    "updated": "changed",
    "unchanged": "as they were",
    "withdrawn": "withdrawn",
    "gone": "no longer listed",
    "candidates": "to be judged",
    "missing": "not known there",
    "embedded": "embedded",
    "removed": "characters taken out, which XML forbids",
}
"""Number of a report -> label, in this order."""

# A path of two names or more that is not part of a web address.
_FILE = re.compile(r"(?<![\w/:.-])(?:[A-Za-z]:)?(?:[/\\][\w.@~+-]+){2,}[/\\]?")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The last fetch of one source."""

    source: str
    at: datetime
    """UTC."""
    came: str
    """Its numbers in words."""
    problems: tuple[str, ...]
    """What could not be fetched, and why."""
    notes: tuple[str, ...]
    """Further remarks of the source."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last refresh as a whole."""

    at: datetime
    """When it ended, UTC."""
    took: str
    """Duration in words; empty where it is not known."""
    came: str
    """Its numbers in words."""
    failed: tuple[str, ...]
    """Names of the sources that failed."""


def source_line(source: str, at: str, report: Mapping[str, Any]) -> SourceLine:
    """Return the journal's report of one source in words.

    >>> line = source_line("oai", "2026-01-01T00:00:00+00:00", {"added": 2, "unchanged": 1300})
    >>> line.came
    '2 new, 1,300 as they were'
    """
    came = _counted(report, "new citations" if source in CITATIONS else "new") or "nothing new"
    notes = tuple(without_files(text) for text in _lines(report.get("notes")))
    if source == DELIVERY:
        came, notes = "; ".join(notes) or "nothing was sent", ()
    failed = tuple(without_files(text) for text in _lines(report.get("failed")))
    return SourceLine(source, datetime.fromisoformat(at), came, failed, notes)


def outcome(at: str, report: Mapping[str, Any]) -> Outcome:
    """Return the journal's report of a whole refresh in words."""
    sources = [one for one in report.get("sources", ()) if isinstance(one, dict)]
    placing = report.get("placing") or {}
    added = sum(_number(one, "added") for one in sources if one.get("source") not in CITATIONS)
    came = [
        f"{added + _number(placing, 'placed'):,} new papers",
        f"{sum(_number(one, 'updated') for one in sources):,} changed",
        f"{sum(_number(one, 'added') for one in sources if one.get('source') in CITATIONS):,}"
        " new citations",
        f"{_number(placing, 'queued') + _number(report, 'proposed'):,} to review",
    ]
    took = report.get("took_s")
    return Outcome(
        datetime.fromisoformat(at),
        duration(float(took)) if isinstance(took, (int, float)) else "",
        ", ".join(came),
        tuple(str(one.get("source")) for one in sources if one.get("failed")),
    )


def without_files(text: str) -> str:
    """Return a line without paths of this machine.

    >>> without_files("cannot read /home/ada/atlas/list.md: no such file")
    'cannot read a file of the server: no such file'
    >>> without_files("see https://arxiv.org/abs/2203.05482 and model-editing/analysis")
    'see https://arxiv.org/abs/2203.05482 and model-editing/analysis'
    """
    return _FILE.sub("a file of the server", text)


def _counted(report: Mapping[str, Any], new: str) -> str:
    words = {**_WORDS, "added": new}
    parts = [f"{_number(report, name):,} {label}" for name, label in words.items()]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def _number(report: Mapping[str, Any], name: str) -> int:
    value = report.get(name)
    return value if isinstance(value, int) else 0


def _lines(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []
