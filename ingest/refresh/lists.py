"""Refreshing from awesome lists: changed lists are read, and entries that are gone are marked."""

import hashlib
import json
from datetime import date
from urllib.parse import urlsplit

from ingest.merge.corrections import BUILT_IN as BUILT_IN_CORRECTIONS
from ingest.merge.corrections import built_in
from ingest.merge.merger import Merger
from ingest.net.http import BadResponse, Http, HttpResponse
from ingest.report import SourceReport
from ingest.sources.lists import awesome_list
from ingest.sources.lists.followed import BUILT_IN as BUILT_IN_LISTS
from ingest.sources.lists.followed import ListSource
from kg.errors import BadSource, SourceError
from kg.ids.titles import normalised_title
from kg.records import ListEntry
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from kg.taxonomy.taxonomy import Taxonomy

_MIN_REMAINING_SHARE = 0.5
"""Share of its former entries below which a list is taken for a broken page."""

_MIN_CHECKED_ENTRIES = 10
"""Former entries from which on that share is checked."""


def refresh_list(
    catalogue: Catalogue,
    source: ListSource,
    http: Http,
    base: str,
    today: date,
    taxonomy: Taxonomy | None = None,
) -> SourceReport:
    """Fetch one list if it changed, and store its entries.

    Entries, marks of entries that are gone and the page's ETag are stored in one transaction.

    Parameters
    ----------
    base : str
        Where the files of all lists are, in place of the host of the list's own address.
    today : date
        The day since which missing entries are gone.
    taxonomy : Taxonomy, optional
        By default the built-in one; if it has changed, the list is read anew.
    """
    report = SourceReport(source.name)
    kept = json.loads(catalogue.journal.cursor("lists", source.name) or "{}")
    rules = _rules(taxonomy or Taxonomy.load())
    named = {"If-None-Match": kept.get("etag"), "If-Modified-Since": kept.get("modified")}
    same_rules = kept.get("rules") == rules
    conditions = {name: value for name, value in named.items() if value and same_rules}
    address = base.rstrip("/") + urlsplit(source.url).path
    before = http.requests
    try:
        page = http.get(address, _checked, headers=conditions, accept=(200, 304))
        if page.status == 304:
            report.unchanged = len(catalogue.lists.papers(source.name))
            return report
        digest = hashlib.sha256(page.body).hexdigest()
        etag, modified = map(page.headers.get, ("etag", "last-modified"))
        cursor = json.dumps({"etag": etag, "modified": modified, "sha256": digest, "rules": rules})
        if same_rules and kept.get("sha256") == digest:
            report.unchanged = len(catalogue.lists.papers(source.name))
            catalogue.journal.set_cursor("lists", source.name, cursor)
            return report
        entries = list(filter(built_in().is_paper, awesome_list.parse(page.body, source.name)))
        topics = [(entry, source.topic_of(entry.headings)) for entry in entries]
        placed = [(entry, topic) for entry, topic in topics if topic]
        others = [entry for entry, topic in topics if not topic]
        report.fetched = len(placed)
        with catalogue.writing():
            _store(catalogue, source.name, placed, others, today, report)
            catalogue.journal.set_cursor("lists", source.name, cursor)
    except SourceError as error:
        report.fail(error)
    except BadSource as error:
        report.fail(error.message)
    finally:
        report.requests = http.requests - before
    return report


def _store(
    catalogue: Catalogue,
    name: str,
    placed: list[tuple[ListEntry, str]],
    others: list[ListEntry],
    today: date,
    report: SourceReport,
) -> None:
    had = catalogue.lists.papers(name)
    gone = catalogue.lists.papers(name, gone=True)
    # An entry under no topic of the taxonomy in use is not gone from the list.
    named = {key for entry in others if (key := _known(catalogue, entry)) in had}
    found = len(placed) + len(named)
    if len(had) >= _MIN_CHECKED_ENTRIES and found < _MIN_REMAINING_SHARE * len(had):
        raise SourceError(name, f"names {found} papers where it had {len(had)}: kept as it was")
    merger, size = Merger(catalogue), catalogue.size()
    for entry, topic in placed:
        before, changed = size, catalogue.database.revised_rows
        named.add(catalogue.identifiers.key(merger.put_entry(entry, name, topic)))
        if (size := catalogue.size()) > before:
            report.added += 1
        elif catalogue.database.revised_rows > changed:
            report.updated += 1
        else:
            report.unchanged += 1
    merger.remove_old_links(name)
    # A paper that was merged into another has no entry any more.
    there = catalogue.papers.existing(list(had))
    lost = [key for key in had if key in there and key not in named]
    catalogue.lists.mark_gone(name, lost, today)
    for key in lost:
        catalogue.journal.log_change(had[key], ChangeKind.UNLISTED, name)
    for key in named & set(gone):
        catalogue.journal.log_change(gone[key], ChangeKind.RELISTED, name)
    report.gone = len(lost)


def _known(catalogue: Catalogue, entry: ListEntry) -> int | None:
    """Return the key of the paper that an entry names, if the atlas has it."""
    for scheme, value in (("arxiv", entry.arxiv_id), ("title", normalised_title(entry.title))):
        if value and (found := catalogue.identifiers.find(scheme, value)):
            return catalogue.identifiers.key(found)
    return None


def _checked(answer: HttpResponse) -> HttpResponse:
    if answer.status != 304:
        start = answer.body[:1024].lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise BadResponse("a web page in place of the list")
        if not answer.body.strip():
            raise BadResponse("an empty page")
    return answer


def _rules(taxonomy: Taxonomy) -> str:
    """Return a digest of what lists are read by: a change has them read anew."""
    rules = BUILT_IN_LISTS.read_bytes() + BUILT_IN_CORRECTIONS.read_bytes()
    return hashlib.sha256(rules + taxonomy.digest.encode()).hexdigest()[:16]
