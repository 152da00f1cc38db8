"""Reading the awesome lists anew: only what changed, and what is gone from them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib import resources
from urllib.parse import urlsplit

from ingest.http import Answer, BadAnswer, Http
from ingest.lists import ListSource
from ingest.merge import Merger
from ingest.report import SourceReport
from ingest.sources import awesome_list
from kg.catalogue import Catalogue
from kg.entities import ListEntry
from kg.errors import BadSource, SourceError
from kg.journal import ChangeKind

_SHRUNK = 0.5
"""A list that has less than this share of what it had is taken for a broken page."""
_FEW = 10
"""Of a list that had fewer entries than this, any number may go."""


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes | None
    """None where the list did not change."""
    etag: str | None
    modified: str | None


def refresh_list(
    catalogue: Catalogue, source: ListSource, http: Http, base: str, today: date
) -> SourceReport:
    """Fetch one list if it changed, and bring the atlas up to date with it.

    Entries, entries that went and the page's ETag are stored together or not at all.

    Parameters
    ----------
    catalogue : Catalogue
    source : ListSource
    http : Http
    base : str
        Where the files of all lists are, in place of the host of the list's own address.
    today : date
        Since when an entry that went is gone.
    """
    report = SourceReport(source.name)
    kept = json.loads(catalogue.cursor("lists", source.name) or "{}")
    rules = _rules()
    conditions = {}
    if kept.get("rules") == rules:
        if kept.get("etag"):
            conditions["If-None-Match"] = kept["etag"]
        if kept.get("modified"):
            conditions["If-Modified-Since"] = kept["modified"]
    address = base.rstrip("/") + urlsplit(source.url).path
    before = http.requests
    try:
        page = http.get(address, _page, headers=conditions, accept=(200, 304))
        if page.body is None:
            report.unchanged = len(catalogue.listed(source.name))
            return report
        digest = hashlib.sha256(page.body).hexdigest()
        cursor = json.dumps(
            {"etag": page.etag, "modified": page.modified, "sha256": digest, "rules": rules}
        )
        if (kept.get("sha256"), kept.get("rules")) == (digest, rules):
            report.unchanged = len(catalogue.listed(source.name))
            catalogue.keep_cursor("lists", source.name, cursor)
            return report
        entries = awesome_list.parse(page.body, source.name)
        placed = [(entry, topic) for entry in entries if (topic := source.topic_of(entry.headings))]
        report.fetched = len(placed)
        with catalogue.writing():
            _store(catalogue, source.name, placed, today, report)
            catalogue.keep_cursor("lists", source.name, cursor)
    except SourceError as error:
        report.fail(error.reason)
    except BadSource as error:
        report.fail(error.message)
    finally:
        report.requests = http.requests - before
    return report


def _store(
    catalogue: Catalogue,
    name: str,
    placed: list[tuple[ListEntry, str]],
    today: date,
    report: SourceReport,
) -> None:
    had = catalogue.listed(name)
    gone = catalogue.listed(name, gone=True)
    if len(had) >= _FEW and len(placed) < _SHRUNK * len(had):
        raise SourceError(
            name, f"names {len(placed)} papers where it had {len(had)}: kept as it was"
        )
    merger = Merger(catalogue)
    named = set()
    for entry, topic in placed:
        size, changed = catalogue.size(), catalogue.changed
        named.add(catalogue.key(merger.entry(entry, name, topic)))
        if catalogue.size() > size:
            report.added += 1
        elif catalogue.changed > changed:
            report.updated += 1
        else:
            report.unchanged += 1
    # A paper that became part of another on the way has no entry of its own any more.
    there = catalogue.existing(list(had))
    lost = [key for key in had if key in there and key not in named]
    catalogue.unlist(name, lost, today)
    for key in lost:
        catalogue.log_change(had[key], ChangeKind.UNLISTED, name)
    for key in named & set(gone):
        catalogue.log_change(gone[key], ChangeKind.RELISTED, name)
    report.gone = len(lost)


def _page(answer: Answer) -> _Page:
    headers = answer.headers
    body = None if answer.status == 304 else answer.body
    if body is not None:
        start = body[:1024].lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise BadAnswer("a web page in place of the list")
        if not body.strip():
            raise BadAnswer("an empty page")
    return _Page(body, headers.get("etag"), headers.get("last-modified"))


def _rules() -> str:
    """Return a digest of what decides where entries belong: when it changes, all are read anew."""
    files = (resources.files("ingest") / "lists.yaml", resources.files("kg") / "taxonomy.yaml")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
