"""Papers from the metadata of OAI-PMH records, in arXiv's own formats.

``arXiv`` has the authors' names in parts; ``arXivRaw`` has all versions, with dates and sizes.
"""

from datetime import date, timedelta
from typing import Final

from ingest.sources.arxiv import record
from ingest.sources.strict_xml import Element, child_texts, local_name, text
from kg.ids.arxiv_id import submission_month
from kg.records import Paper

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
_FORMATS: Final = {
    "arXiv": "http://arxiv.org/OAI/arXiv/",
    "arXivRaw": "http://arxiv.org/OAI/arXivRaw/",
}
_LATE: Final = timedelta(days=7)


def paper(metadata: Element) -> Paper:
    """Return the paper of a record's metadata.

    Parameters
    ----------
    metadata : element
        What is inside ``<metadata>``, in one of arXiv's own formats, with or without namespace.

    Raises
    ------
    ValueError
        If it is in another format, or is no whole record.
    """
    name = local_name(metadata)
    space = metadata.tag.partition("}")[0].lstrip("{") if "}" in metadata.tag else ""
    if name not in _FORMATS or space not in ("", OAI, _FORMATS[name]):
        raise ValueError(f"metadata of another format, <{name}> of {space or 'no namespace'}")
    return _raw(metadata) if name == "arXivRaw" else _arxiv(metadata)


def _arxiv(metadata: Element) -> Paper:
    fields = child_texts(metadata)
    lists = [element for element in metadata if local_name(element) == "authors"]
    people = [one for some in lists for one in some if local_name(one) == "author"]
    names = ((_child(one, part) for part in ("forenames", "keyname", "suffix")) for one in people)
    authors = [" ".join(filter(None, parts)) for parts in names]
    created, updated = (record.day_of(fields.get(name, "")[:10]) for name in ("created", "updated"))
    days = [day for day in (created, updated) if day]
    if created and created > _month_end(fields.get("id", "")) + _LATE:
        # arXiv's server of 2025 writes the newest version's date here, and not the first one's.
        created = None
    return record.paper(fields, authors, published=created, updated=max(days, default=None))


def _raw(metadata: Element) -> Paper:
    fields = child_texts(metadata)
    versions = [element for element in metadata if local_name(element) == "version"]
    numbers = [int(one.get("version", "").removeprefix("v")) for one in versions]
    newest = versions[numbers.index(max(numbers))] if versions else None
    published, updated = record.first_and_last_day(_child(one, "date") for one in versions)
    return record.paper(
        fields,
        record.author_names(fields.get("authors", "")),
        published=published,
        updated=updated,
        version=max(numbers, default=0) or None,
        # arXiv's flag of a version that has no source because the paper was withdrawn.
        withdrawn=newest is not None and "I" in _child(newest, "source_type"),
    )


def _child(element: Element, name: str) -> str:
    return next((text(child) for child in element if local_name(child) == name), "")


def _month_end(identifier: str) -> date:
    """Return the last day of the month in which an arXiv id was given."""
    month = submission_month(identifier)
    return month.last if month else date.max - _LATE
