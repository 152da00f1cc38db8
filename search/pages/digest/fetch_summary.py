"""What was looked at in a period, and why nothing came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from search.atlas import Atlas
from search.pages.digest.arxiv_calendar import announcements, next_announcement

REFRESH = "refresh"
"""Source under which the journal has refreshes as a whole."""

DELIVERY = "digest"
"""Source under which the journal has the delivery of digests."""

MAX_FAILURES = 5
"""Failed sources that are named."""


@dataclass(frozen=True, slots=True)
class SourceFetch:
    """The last time that a source was asked."""

    source: str
    at: datetime
    """UTC."""
    fetched: int
    """Records or entries that it gave."""
    added: int
    """Papers of these that were new; of sources of citations, citations."""
    failed: tuple[str, ...]
    """Why something could not be fetched, a line each."""


@dataclass(frozen=True, slots=True)
class FetchSummary:
    """What was looked at, and why nothing came."""

    last_refresh: datetime | None
    """When the last refresh ended, UTC; None where there never was one."""
    sources: tuple[SourceFetch, ...]
    """The last fetch of each source, the latest first."""
    reasons: tuple[str, ...]
    """Why nothing came, a sentence each; none where something did."""

    @property
    def failed(self) -> tuple[SourceFetch, ...]:
        """The sources that failed when they were asked last."""
        return tuple(one for one in self.sources if one.failed)


def fetch_summary(
    atlas: Atlas, since: datetime, until: datetime, left_out: int, where: str, came: bool
) -> FetchSummary:
    """Return what was looked at in a period.

    Parameters
    ----------
    left_out : int
        Papers that came, and are not what was asked for.
    where : str
        Name of the topic that was asked for; empty for all.
    came : bool
        Whether anything came; else there are reasons.
    """
    journal = atlas.catalogue.journal
    fetches = journal.last_fetches()
    last = journal.last_refresh()
    sources = tuple(
        _source(name, at, report) for name, at, report in fetches if name not in (REFRESH, DELIVERY)
    )
    placing: Mapping[str, Any] = {}
    for name, at, report in fetches:
        if name == REFRESH and datetime.fromisoformat(at) >= since.replace(microsecond=0):
            placing = report.get("placing") or {}
    if came:
        reasons: tuple[str, ...] = ()
    elif left_out:
        reasons = (_left_out(left_out, where),)
    else:
        reasons = tuple(_reasons(since, until, last, sources, placing))
    return FetchSummary(last, sources, reasons)


def moment(at: datetime) -> str:
    """Return a time in words, in UTC.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 24, 6, tzinfo=UTC))
    'Tue 2026-11-24 06:00 UTC'
    """
    return f"{at:%a} {at.date()} {at:%H:%M} UTC"


def _source(name: str, at: str, report: Mapping[str, Any]) -> SourceFetch:
    return SourceFetch(
        name,
        datetime.fromisoformat(at),
        int(report.get("fetched") or 0),
        int(report.get("added") or 0),
        tuple(map(str, report.get("failed") or ())),
    )


def _left_out(papers: int, where: str) -> str:
    many = f"{papers:,} paper{'s' if papers != 1 else ''} came"
    return f"{many}, none under {where}." if where else f"{many}, none that fits what was asked."


def _reasons(
    since: datetime,
    until: datetime,
    last: datetime | None,
    sources: tuple[SourceFetch, ...],
    placing: Mapping[str, Any],
) -> Iterator[str]:
    if last is None and not sources:
        yield "No refresh has ever run, so nothing could come: run `lfm refresh`."
        return
    start = since.replace(microsecond=0)  # The journal has whole seconds.
    read = [one for one in sources if one.at >= start]
    yield from _failures(read)
    if not read:
        ended = max(one for one in (last, *(s.at for s in sources)) if one)
        yield (
            f"Nothing was looked at since {moment(since)}: the last refresh was on"
            f" {moment(ended)}. Run `lfm refresh`."
        )
        return
    yield from _announced(since, until, [one for one in read if not one.failed])
    judged, queued = (int(placing.get(name) or 0) for name in ("judged", "queued"))
    if judged:
        yield (
            f"Of {judged:,} candidates that the last refresh judged, {queued:,} wait for your"
            f" decision (`lfm review`); the others are of other fields."
        )
    quiet = [one for one in read if not one.failed]
    if quiet:
        named = ", ".join(f"{one.source} ({one.fetched:,})" for one in quiet)
        yield f"Looked at up to {moment(max(one.at for one in quiet))}, records read: {named}."


def _failures(read: list[SourceFetch]) -> Iterator[str]:
    failed = [one for one in read if one.failed]
    for one in failed[:MAX_FAILURES]:
        yield f"{one.source} failed on {moment(one.at)}: {'; '.join(one.failed)}."
    if len(failed) > MAX_FAILURES:
        yield f"{len(failed) - MAX_FAILURES} more sources failed: the page's status says why."


def _announced(since: datetime, until: datetime, read: list[SourceFetch]) -> Iterator[str]:
    """Yield what arXiv announced in the period, where it was asked without a failure."""
    asked = [one.at for one in read if one.source == "oai" or one.source.startswith("arxiv")]
    if not asked:
        yield "arXiv was not read in this time: only other sources were, or it failed."
        return
    made, silent = announcements(since, max(asked))
    evenings = ", ".join(f"{day:%a} {day} ({why})" for day, why in silent.items())
    if not made:
        usual = "It announces on the evenings from Sunday to Thursday, US Eastern time"
        yield (
            f"arXiv announced nothing from {moment(since)} to {moment(max(asked))}. {usual}"
            f"{f', so not on {evenings}' if evenings else ''}; next on"
            f" {moment(next_announcement(max(asked)))}."
        )
    else:
        last = f"the last time on {moment(made[-1])}"
        silence = f", not on {evenings}" if evenings else ""
        yield (
            f"arXiv announced {len(made)} time{'s' if len(made) > 1 else ''} in this time,"
            f" {last}{silence}; nothing of it that was read is new to the atlas."
        )
    if later := announcements(max(asked), until)[0]:
        yield f"It announced again on {moment(later[-1])}, after it was read: run `lfm refresh`."
