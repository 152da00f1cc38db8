"""Refreshing links: whether the repositories of papers' code still exist."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from tqdm import tqdm

from ingest.net.heads import Head, HeadClient
from ingest.report import SourceReport
from ingest.sources.registry import LINKS
from kg.errors import SourceError
from kg.links import LinkKind, LinkState, canonical_link, repository
from kg.store.catalogue import Catalogue

ANSWER_MAX_AGE: Final = timedelta(days=30)
"""Age at which a host is asked about a repository again."""

PORTION: Final = 100
"""Repositories that are asked about in a refresh of everything."""

CHOSEN_PORTION: Final = 1_000
"""Repositories that are asked about in a refresh of links by name."""

_COMMITTED_TOGETHER = 20
_GONE: Final = frozenset({404, 410})
_MEANINGLESS: Final = frozenset({408, 425, 429, *range(500, 600)})
"""Statuses that say nothing of a repository, and after which its host is left alone."""

_Check = tuple[LinkState | None, str | None]
"""What an answer says, and where the repository is now if it moved."""


def refresh_links(
    catalogue: Catalogue, client: HeadClient, today: date, limit: int, progress: bool = False
) -> SourceReport:
    """Ask the hosts of code whether its repositories exist, those asked about longest ago first.

    A host that gives no answer, or wants to be left alone, is asked nothing more in this run, and
    about the same repositories in the next.

    Parameters
    ----------
    limit : int
        Most repositories to ask about.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    SourceReport
        `fetched` counts answers, `gone` repositories that are no more, `updated` those that moved.
    """
    report = SourceReport(LINKS)
    due: dict[str, list[str]] = {}
    for url in catalogue.links.unchecked(LinkKind.CODE, today - ANSWER_MAX_AGE):
        if root := _root(url):
            due.setdefault(root.lower(), []).append(url)
    asked = [(_root(urls[0]) or "", urls) for urls in islice(due.values(), limit)]
    silent: dict[str, str] = {}
    checks: list[tuple[list[str], _Check]] = []
    with tqdm(asked, LINKS, unit="repository", disable=not progress or not asked) as bar:
        for root, urls in bar:
            host = urlsplit(root).hostname or ""
            if host in silent:
                continue
            try:
                answer = client.head(root)
            except SourceError as error:
                silent[host] = error.reason
                continue
            if answer.status in _MEANINGLESS:
                silent[host] = f"{host} answers HTTP {answer.status}"
                continue
            state, moved_to = _meaning(root, answer)
            report.fetched += 1
            report.gone += state is LinkState.GONE
            report.updated += state is LinkState.MOVED
            checks.append((urls, (state, moved_to)))
            if len(checks) == _COMMITTED_TOGETHER:
                _store(catalogue, checks, today)
                checks = []
    _store(catalogue, checks, today)
    for reason in silent.values():
        if report.fetched:
            report.note(f"{reason}: asked again in the next refresh")
        else:
            report.fail(reason)
    if rest := len(due) - len(asked):
        report.note(f"{rest:,} repositories are left for later refreshes")
    report.requests = client.requests
    return report


def _root(url: str) -> str | None:
    """Return the address of the repository that a link is in or to."""
    if not (name := repository(url)):
        return None
    parts = urlsplit(url)
    names = [one for one in parts.path.split("/") if one][: name.count("/")]
    return f"https://{parts.hostname}/{'/'.join(names)}"


def _meaning(root: str, answer: Head) -> _Check:
    """Return what an answer says of a repository; nothing where its host wants a login, say."""
    at = canonical_link(answer.url)
    now = repository(at) if at else None
    if answer.status in _GONE and now:
        return LinkState.GONE, None
    if answer.status != 200 or at is None or now is None:
        return None, None
    return (LinkState.THERE, None) if now == repository(root) else (LinkState.MOVED, at)


def _store(catalogue: Catalogue, checks: Iterable[tuple[list[str], _Check]], day: date) -> None:
    with catalogue.writing():
        for urls, (state, moved_to) in checks:
            for url in urls:
                catalogue.links.put_check(url, state, day, moved_to)
