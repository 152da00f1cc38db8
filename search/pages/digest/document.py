"""A digest as a JSON document: `docs/digest.md` says what its fields mean."""

from typing import Any

from kg.cards.card import record_of
from search.pages.digest.digest import Digest, DigestChange, DigestPaper, DigestSection

VERSION = 1
"""Of the document's form; it moves when a field goes or changes its meaning."""


def document(digest: Digest) -> dict[str, Any]:
    """Return a digest as JSON."""
    fetches = digest.fetches
    return {
        "version": VERSION,
        "since": digest.since.isoformat(timespec="seconds"),
        "until": digest.until.isoformat(timespec="seconds"),
        "topic": digest.topic,
        "questions": list(digest.questions),
        "papers": digest.papers,
        "came": digest.came,
        "sections": [_section(one) for one in digest.sections],
        "changes": [_change(one) for one in digest.changes],
        "reasons": list(fetches.reasons),
        "last_refresh": fetches.last_refresh and fetches.last_refresh.isoformat(),
        "sources": [
            {
                "source": one.source,
                "at": one.at.isoformat(),
                "fetched": one.fetched,
                "added": one.added,
                "failed": list(one.failed),
            }
            for one in fetches.sources
        ],
    }


def _section(section: DigestSection) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "topic": section.topic,
        "question": section.question,
        "papers": [_paper(one) for one in section.papers],
    }


def _paper(one: DigestPaper) -> dict[str, Any]:
    paper = one.paper
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
        "categories": list(paper.categories),
        "date": str(paper.appeared) if paper.appeared else None,
        "url": one.url,
        "topics": list(one.topics),
        "entered": one.entered.isoformat(),
        "summary": one.details.summary,
        "evidence": one.evidence,
        "card": record_of(one.details.card) if one.details.card else None,
        "links": [
            {"kind": str(link.kind), "url": link.url, "source": link.source}
            for link in one.details.links
        ],
        "code": one.code,
        "reason": one.reason,
        "strength": one.strength and str(one.strength),
    }


def _change(one: DigestChange) -> dict[str, Any]:
    return {
        "at": one.change.at.isoformat(),
        "id": one.id,
        "title": one.title,
        "kind": str(one.change.kind),
        "detail": one.change.detail,
        "url": one.url,
    }
