"""What a refresh did, source by source."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class SourceReport:
    """What one source gave. Numbers are papers, unless they say otherwise."""

    source: str
    fetched: int = 0
    """Records that the source gave; entries, for a list; papers asked for, for citations."""
    added: int = 0
    """New in the atlas; for citations, new edges."""
    updated: int = 0
    """Known before, and changed."""
    unchanged: int = 0
    """Known before, and as they were."""
    withdrawn: int = 0
    """Found to be withdrawn by their authors."""
    gone: int = 0
    """Entries that a list no longer has; they are kept and marked."""
    candidates: int = 0
    """New to the atlas, and still to be judged."""
    missing: int = 0
    """Asked for, and not known to the source."""
    requests: int = 0
    """Requests made."""
    failed: list[str] = field(default_factory=list)
    """Reasons why something could not be fetched, a line each; empty where all was."""
    notes: list[str] = field(default_factory=list)
    """What else is worth telling."""

    def note(self, text: str) -> None:
        """Add something worth telling, once; a hundred of them are enough."""
        if text not in self.notes and len(self.notes) < 100:
            self.notes.append(text)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def fail(self, reason: str) -> None:
        """Add a reason, once."""
        if reason not in self.failed:
            self.failed.append(reason)


@dataclass(slots=True)
class Placing:
    """What became of the candidates."""

    judged: int = 0
    placed: int = 0
    """Put under a topic by the model."""
    queued: int = 0
    """Left to a person: they wait in the review queue."""
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
    placing: Placing = field(default_factory=Placing)
    embedded: int = 0
    """Papers whose text was embedded."""
    indexed: int = 0
    """Vectors in the index."""
    papers: int = 0
    """Papers in the atlas afterwards."""

    @property
    def failed(self) -> list[str]:
        """The sources that failed, with their reasons."""
        return [f"{one.source}: {'; '.join(one.failed)}" for one in self.sources if one.failed]

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
