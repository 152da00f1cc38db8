"""The status: what the atlas holds, its refreshes, and the review queue."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kg.entities.entity import EntityType
from kg.errors import BadRequest
from kg.snapshot import following
from kg.taxonomy.taxonomy import Taxonomy
from search.pages.digest.digest import Digest
from search.pages.digest.fetch_summary import REFRESH
from search.pages.reviews import Reviews
from search.pages.status import Overview
from ui.background import BackgroundRefresh
from ui.page.paging import page_range
from ui.page.templating import rendered
from ui.page.visit import Page, Visit
from ui.text.quantities import counted, duration
from ui.text.refresh_report import SourceLine, outcome, source_line, without_files

MAX_NEWS = 5
"""Papers of the last refresh that are shown."""

MAX_CHANGES = 20
"""Latest changes that are listed."""

REVIEWS_PER_PAGE = 10
"""Papers of the review queue on one page."""

MAX_NAMES = 10
"""Proposed names that are shown at a time."""

STALE_DAYS = 30
"""Days after the last refresh from which the page advises another."""


def view(visit: Visit) -> Page:
    """Return the status page."""
    library = visit.library
    background = visit.background or BackgroundRefresh(library)
    state, now = library.overview(), library.now()
    fetches = library.catalogue.journal.last_fetches()
    sources = [source_line(*one) for one in fetches if one[0] != REFRESH]
    body = rendered(
        "status.html",
        state=state,
        counts=state.counts,
        advice=list(_advice(state, now)),
        last=next((outcome(*one[1:]) for one in fetches if one[0] == REFRESH), None),
        news=_news(library.last_digest()) if state.last_refresh else None,
        sources=sources,
        refresh=_refresh(background, sources, now),
        followed=_followed(background),
        changes=library.latest_changes(MAX_CHANGES),
        review=_review(visit, state.counts["to_review"], state.counts["names_to_review"]),
        user=visit.user,
        administrator=visit.administrator and not background.following,
        alone=background.local_only,
        taxonomy=library.taxonomy,
    )
    return Page("Status", body)


def _advice(state: Overview, now: datetime) -> Iterator[str]:
    """Yield what is stale, and how to mend it."""
    if state.stale:
        yield (
            f"{counted(state.stale, 'paper')} changed since they were embedded: questions find them"
            " by their old text, or not by meaning. A refresh mends it."
        )
    if state.last_refresh is None:
        yield (
            "This atlas is as it was installed and has never been refreshed."
            " The first refresh brings abstracts, and what is new since."
        )
    elif (days := (now - state.last_refresh).days) > STALE_DAYS:
        yield f"The last refresh is {days} days ago: what is new since is missing."


def _news(digest: Digest) -> dict[str, Any]:
    """Return the template variables of what the last refresh brought, the newest papers of it."""
    entries = {one.paper.id: one for section in digest.sections for one in section.papers}
    return {
        "papers": list(entries.values())[:MAX_NEWS],
        "more": max(0, len(entries) - MAX_NEWS),
        "topics": [(one.topic, len(one.papers)) for one in digest.sections if one.topic],
        "reasons": [without_files(reason) for reason in digest.fetches.reasons],
    }


def _refresh(
    background: BackgroundRefresh, sources: list[SourceLine], now: datetime
) -> dict[str, Any]:
    """Return the template variables of the running, the next and the last failed refresh."""
    running, run, schedule = background.running(), background.runner.last, background.schedule
    since = running.since if running else None
    return {
        "running": running,
        "lasts": duration((now - since).total_seconds()) if since else "",
        # The journal has each source as soon as it was read.
        "read": [one for one in sources if since and one.at >= since.replace(microsecond=0)],
        "next": schedule.next_run if schedule else None,
        "every": duration(schedule.every.total_seconds()) if schedule else "",
        "failed": bool(run and run.finished and run.status),
    }


def _followed(background: BackgroundRefresh) -> dict[str, Any] | None:
    """Return the template variables of the snapshot that the server follows, if it does."""
    if not background.following:
        return None
    state = following.read(background.library.settings.home)
    moments = {"checked": state.checked, "loaded": state.loaded} if state else {}
    return {
        **{name: at and datetime.fromisoformat(at) for name, at in moments.items()},
        "problem": without_files(state.problem) if state and state.problem else None,
        "every": duration(background.following.every.total_seconds()),
    }


def _review(visit: Visit, length: int, names: int) -> dict[str, Any]:
    """Return one page of what waits for a reviewer; others than administrators see its length."""
    page = visit.address.number("waiting", 1) or 1
    if page < 1:
        raise BadRequest(f"there is no page {page}", "the first is 1")
    shown = page_range(length, REVIEWS_PER_PAGE, page)  # The last page may vanish with its papers.
    waiting = Reviews((), ())
    if visit.administrator and not (visit.background and visit.background.following):
        waiting = visit.library.waiting(shown.begin, REVIEWS_PER_PAGE, MAX_NAMES)
    taxonomy = visit.library.taxonomy
    return {
        "length": length,
        "page": shown.number,
        "pages": shown.of,
        "queue": [
            (one, [suggested for suggested in one.suggestions if suggested[0] in taxonomy])
            for one in waiting.papers
        ],
        "names": waiting.names,
        "names_length": names,
        "types": list(EntityType),
        "topics": [(area, area_topics(taxonomy, area.id)) for area in taxonomy.roots],
    }


def area_topics(taxonomy: Taxonomy, area: str) -> list[tuple[str, str]]:
    """Return ids and names, from below the area down, of an area and all topics below it."""
    paths = ((topic.id, taxonomy.path_names(topic.id)) for topic in taxonomy.descendants(area))
    return [(topic, " / ".join(names[1:] or names)) for topic, names in paths]
