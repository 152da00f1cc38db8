"""RIS, the tagged lines that reference managers write; what `kg.export.ris` writes is read too."""

import re
from collections.abc import Iterator

from ingest.sources.reference import Broken, Reference, References
from kg import identifiers

_TAG = re.compile(r"([A-Z][A-Z0-9]) {0,2}-(?: (.*))?")
_LONGEST = 2_000
"""Characters from which on a value does not go on."""

_START = re.compile(r"^\ufeff?TY {0,2}- ", re.MULTILINE)


def looks_like_ris(text: str) -> bool:
    """Return whether a text has RIS records.

    >>> looks_like_ris("TY  - JOUR\\nTI  - Model soups\\nER  - ")
    True
    """
    return bool(_START.search(text))


def count(text: str) -> int:
    """Return how many records begin in a text."""
    return sum(1 for _ in _START.finditer(text))


def parse(text: str) -> References:
    """Return what a RIS file says of papers; a record without its end is named.

    Examples
    --------
    >>> parse("TY  - JOUR\\nTI  - Model soups\\nER  - ").references[0].entry.title
    'Model soups'
    """
    references: list[Reference] = []
    broken: list[Broken] = []
    for line, ended, record in _records(text):
        reference = _reference(line, record)
        if reference.entry.title or reference.entry.arxiv_id or reference.entry.doi:
            references.append(reference)
        else:
            broken.append(Broken("TY  - ", "it has no title and no identifier", line))
        if not ended:
            broken.append(Broken(reference.told[:80], "it has no end (ER)", line))
    return References("RIS", tuple(references), tuple(broken))


Record = dict[str, list[str]]


def _records(text: str) -> Iterator[tuple[int, bool, Record]]:
    """Yield the line, whether its end is there, and the values by tag of each record."""
    start, record, last = 0, Record(), ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        tagged = _TAG.fullmatch(line.rstrip())
        if tagged is None:
            # A long title goes on in the next line.
            if last and line.strip() and record.get(last) and len(record[last][-1]) < _LONGEST:
                record[last][-1] += " " + line.strip()
            continue
        last, value = tagged[1], (tagged[2] or "").strip()
        if last == "TY":
            if start:
                yield start, False, record
            start, record = number, {}
        elif last == "ER":
            if start:
                yield start, True, record
            start, record, last = 0, {}, ""
        elif start:
            record.setdefault(last, []).append(value)
    if start:
        yield start, False, record


def _reference(line: int, record: Record) -> Reference:
    def first(*tags: str) -> str:
        return next((value for tag in tags for value in record.get(tag, ()) if value), "")

    links = [value for tag in ("UR", "DO", "M3", "AN", "N1", "JO") for value in record.get(tag, ())]
    ids = (identifiers.arxiv_id(one) or identifiers.cited_arxiv_id(one) for one in links)
    dois = (identifiers.doi(one) for one in (*record.get("DO", ()), *record.get("UR", ())))
    year = re.match(r"\d{4}", first("PY", "Y1", "DA"))
    return Reference.of(
        name=first("ID") or f"record in line {line}",
        title=first("TI", "T1", "CT"),
        authors=[*record.get("AU", ()), *record.get("A1", ())],
        arxiv_id=next(filter(None, ids), None),
        doi=next(filter(None, dois), None),
        year=int(year[0]) if year else None,
        line=line,
    )
