"""Words of a digest that all its formats share."""

from collections.abc import Iterator, Sequence

from kg.export.text import one_line
from search.pages.digest.digest import Digest, DigestChange, DigestPaper, DigestSection
from search.pages.digest.fetch_summary import moment

MAX_NAMED_AUTHORS = 3
"""Of more authors, the first and "et al." are named."""

MAX_CHANGES = 50
"""Changes that are listed; of the others, their number."""

NOTHING = "Nothing new"

NOTHING_FITS = "Nothing new fits this question."


def headline(digest: Digest) -> str:
    """Return what came in a line."""
    if not digest.papers:
        return NOTHING
    return f"{digest.papers:,} new paper{'s' if digest.papers > 1 else ''}"


def period(digest: Digest) -> str:
    """Return the digest's period."""
    return f"{moment(digest.since)} to {moment(digest.until)}"


def facts(one: DigestPaper) -> str:
    """Return authors, date and venue of a paper in a line."""
    paper = one.paper
    names = [name for name in map(one_line, paper.authors) if name]
    authors = f"{names[0]} et al." if len(names) > MAX_NAMED_AUTHORS else ", ".join(names)
    date = str(paper.appeared) if paper.appeared else ""
    return " · ".join(filter(None, (authors, date, one_line(paper.venue), one_line(paper.id))))


def title(one: DigestPaper | DigestChange) -> str:
    """Return a title in a line."""
    found = one.paper.title if isinstance(one, DigestPaper) else one.title
    return one_line(found) or "(no title)"


def change(one: DigestChange) -> str:
    """Return what became of a paper in a line, without its title."""
    detail = one_line(one.change.detail)
    return f"{one.change.kind}{f' ({detail})' if detail else ''}"


def sections(digest: Digest) -> Iterator[tuple[str, DigestSection]]:
    """Yield the sections with their headings, and of each how many papers it has."""
    for section in digest.sections:
        count = f" ({len(section.papers)})" if section.papers else ""
        yield one_line(section.heading) + count, section


def shown_changes(digest: Digest) -> tuple[Sequence[DigestChange], str]:
    """Return the changes that are listed, and what is said of the others."""
    left = len(digest.changes) - MAX_CHANGES
    return digest.changes[:MAX_CHANGES], f"and {left:,} more changes" if left > 0 else ""


def failures(digest: Digest) -> list[str]:
    """Return which sources failed, a line each, where the reasons do not say so already."""
    if digest.fetches.reasons:
        return []
    failed = (one for one in digest.fetches.failed if one.at >= digest.since)
    return [f"{one.source} failed: {one_line('; '.join(one.failed))}" for one in failed]


def ending(digest: Digest) -> str:
    """Return when the atlas was refreshed last."""
    last = digest.fetches.last_refresh
    return f"Last refresh: {moment(last)}" if last else "Never refreshed"
