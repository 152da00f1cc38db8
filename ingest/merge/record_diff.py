"""A new record of a known paper: what stays of the old one, and what is logged as a change."""

from collections.abc import Iterator
from dataclasses import replace

from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.store.journal import ChangeKind


def changes_between(old: Paper | None, new: Paper) -> Iterator[tuple[ChangeKind, str]]:
    """Yield the changes between two records of a paper, each with a detail in words.

    A fact that was unknown before is no change: a title changed only where an authoritative one
    was known, and a journal counts only where the abstract was known before.
    """
    if old is None:
        yield ChangeKind.ADDED, ""
        return
    if old.withdrawn != new.withdrawn:
        yield (ChangeKind.WITHDRAWN if new.withdrawn else ChangeKind.RESTORED), new.comment or ""
    if old.published and normalised_title(old.title) != normalised_title(new.title):
        yield ChangeKind.RETITLED, f"was: {old.title}"
    if old.version and new.version and new.version > old.version:
        yield ChangeKind.REVISED, f"version {new.version}"
    elif old.updated and new.updated and new.updated > old.updated:
        yield ChangeKind.REVISED, f"updated {new.updated}"
    elif old.abstract and new.abstract and old.abstract != new.abstract:
        yield ChangeKind.REVISED, "another abstract"
    if old.abstract is not None:
        for before, now in ((old.journal_ref, new.journal_ref), (old.doi, new.doi)):
            if now and not before:
                yield ChangeKind.PUBLISHED, now
                break


def updated_record(old: Paper, new: Paper) -> Paper:
    """Return the new record, with facts that only the old one has.

    arXiv's two services spell one record in two ways; where they mean the same, the stored
    spelling stays, so that storing either again changes nothing.
    """
    same_version = old.updated == new.updated
    return replace(
        new,
        title=old.title if _alike(old.title, new.title) and old.published else new.title,
        abstract=old.abstract if _alike(old.abstract, new.abstract) else new.abstract,
        authors=old.authors
        if same_version and len(old.authors) == len(new.authors) and old.published
        else new.authors or old.authors,
        published=new.published or old.published,
        updated=new.updated or old.updated,
        year=new.year if new.published else old.year or new.year,
        comment=old.comment if _alike(old.comment, new.comment) else new.comment,
        journal_ref=new.journal_ref or old.journal_ref,
        venue=new.venue or old.venue,
        doi=new.doi or old.doi,
        categories=new.categories or old.categories,
        version=new.version or (old.version if same_version else None),
    )


def _alike(old: str | None, new: str | None) -> bool:
    if not new:
        return new is None
    return bool(old and normalised_title(old) == normalised_title(new))
