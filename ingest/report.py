"""What a refresh did, source by source."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from kg.errors import SourceError, Unreachable

_LINE_COUNTS = ("fetched", "added", "updated", "withdrawn", "gone", "candidates", "missing")
"""Counts that the line about a source states."""

_MAX_NAMED_SOURCES = 3
"""Sources behind one unreachable host that are named."""

_MAX_NOTES = 100
"""Notes that a report keeps."""


@dataclass(slots=True)
class SourceReport:
    """What one source gave. Counts are of papers, unless they say otherwise."""

    source: str
    fetched: int = 0
    """Records that the source gave; entries, for a list; papers asked for, for citations."""
    added: int = 0
    """New in the atlas; for citations, new edges."""
    updated: int = 0
    """In the atlas before, and changed."""
    unchanged: int = 0
    """In the atlas before, and not changed."""
    withdrawn: int = 0
    """Found to be withdrawn by their authors."""
    gone: int = 0
    """Entries that a list no longer has; they stay in the atlas, marked."""
    candidates: int = 0
    """New to the atlas, and still to be placed or rejected."""
    missing: int = 0
    """Asked for, and unknown to the source."""
    removed: int = 0
    """Characters forbidden in XML that were removed from answers."""
    requests: int = 0
    """Requests made."""
    failed: list[str] = field(default_factory=list)
    """Reasons why something could not be fetched, a line each."""
    notes: list[str] = field(default_factory=list)
    """Other remarks, a line each."""
    unreachable: str = ""
    """Why there was no connection to the source's host; empty where there was one."""

    def note(self, text: str) -> None:
        """Add a remark once, unless there are too many."""
        if text not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(text)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def fail(self, error: SourceError | str) -> None:
        """Add a reason, once."""
        reason = error if isinstance(error, str) else error.reason
        if isinstance(error, Unreachable):
            self.unreachable = reason
        if reason not in self.failed:
            self.failed.append(reason)

    @property
    def line(self) -> str:
        """The report in one line.

        >>> SourceReport("oai", fetched=1200, added=3, requests=2).line
        'oai: 1,200 fetched, 3 added, 2 requests'
        """
        numbers = ((name, getattr(self, name)) for name in (*_LINE_COUNTS, "requests"))
        counts = ", ".join(f"{number:,} {name}" for name, number in numbers if number)
        return f"{self.source}: {'; '.join((*self.failed, counts or 'nothing new'))}"


@dataclass(slots=True)
class PlacementCounts:
    """What became of the candidates, in papers."""

    judged: int = 0
    """Decided on."""
    placed: int = 0
    """Placed under a topic by the model."""
    queued: int = 0
    """Put into the review queue."""
    outside: int = 0
    """Not of this field."""


@dataclass(slots=True)
class RefreshReport:
    """What a whole refresh did."""

    started: datetime
    finished: datetime | None = None
    dry_run: bool = False
    """True where nothing was stored."""
    sources: list[SourceReport] = field(default_factory=list)
    placing: PlacementCounts = field(default_factory=PlacementCounts)
    embedded: int = 0
    """Papers whose text was embedded."""
    predicted: int = 0
    """Papers of which the predicted part of the card is new or another now."""
    related: int = 0
    """Papers whose relations to methods, benchmarks or models changed."""
    proposed: int = 0
    """Names that are new among those proposed to the reviewer as entities."""
    indexed: int = 0
    """Vectors in the index."""
    papers: int = 0
    """Papers in the atlas afterwards."""

    @property
    def failed(self) -> list[str]:
        """The sources that failed, and why; those behind one unreachable host in one line."""
        down: dict[str, list[str]] = {}
        for one in self.sources:
            if one.unreachable:
                down.setdefault(one.unreachable, []).append(one.source)
        alone = {reason for reason, names in down.items() if len(names) == 1}
        lines = [
            f"{one.source}: {'; '.join(one.failed)}"
            for one in self.sources
            if one.failed and (one.failed != [one.unreachable] or one.unreachable in alone)
        ]
        for reason, names in down.items():
            if reason not in alone:
                more = len(names) - _MAX_NAMED_SOURCES
                named = ", ".join(names[:_MAX_NAMED_SOURCES])
                lines.append(f"{named}{f' and {more} more' if more > 0 else ''}: {reason}")
        return lines

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        document = asdict(self)
        document["started"] = self.started.isoformat(timespec="seconds")
        document["finished"] = self.finished and self.finished.isoformat(timespec="seconds")
        document["took_s"] = (
            round((self.finished - self.started).total_seconds(), 3) if self.finished else None
        )
        document["ok"] = not self.failed
        return document
