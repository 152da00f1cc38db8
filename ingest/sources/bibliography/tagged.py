"""Tagged lines, which reference managers and databases write: one reader, a table a format.

A record is a run of lines that begin with a tag; a line without one goes on with the value before.
What `kg.export.ris` writes is read too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.sources.bibliography.reference import (
    MAX_VALUE_CHARS,
    BibEntry,
    Bibliography,
    BrokenEntry,
    decoded_title,
    full_name,
)

Record = dict[str, list[str]]
"""Values by tag, in the file's order."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A format of tagged lines.

    Examples
    --------
    >>> RIS.parse("TY  - JOUR\\nTI  - Model soups\\nER  - ").references[0].entry.title
    'Model soups'
    """

    name: str
    """What people call it."""
    start: re.Pattern[str]
    """How a record's first line begins."""
    line: re.Pattern[str]
    """A line that has a tag, with the tag and the value as groups."""
    first: str
    """Tag with which a record begins."""
    last: str | None
    """Tag with which it ends, or None where it ends by the next one's beginning."""
    tags: Mapping[str, Sequence[str]]
    """Which tags hold what. Of several, the first that has a value counts; only of the dates, of
    `dois` (where a DOI or a link may stand) and of `places` (an arXiv id) all are looked at."""
    listed: frozenset[str] = frozenset()
    """Tags of which a line without a tag begins another value."""

    def looks_like(self, text: str) -> bool:
        """Return whether a text has records of this format."""
        return bool(self.start.search(text))

    def count(self, text: str) -> int:
        """Return how many records begin in a text, without parsing it."""
        return sum(1 for _ in self.start.finditer(text))

    def parse(self, text: str) -> Bibliography:
        """Parse a file; a record without its end is reported."""
        references: list[BibEntry] = []
        broken: list[BrokenEntry] = []
        for line, ended, record in self._records(text):
            reference = self._reference(line, record)
            references.append(reference)
            if not ended:
                broken.append(
                    BrokenEntry(reference.label[:80], f"it has no end ({self.last})", line)
                )
        return Bibliography.of(self.name, references, broken, text)

    def _records(self, text: str) -> Iterator[tuple[int, bool, Record]]:
        """Yield the line, whether its end is there, and the values by tag of each record."""
        start, last = 0, ""
        record: dict[str, list[list[str]]] = {}
        size = 0
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            tagged = self.line.fullmatch(line.rstrip())
            if tagged is None:
                more = line.strip()
                if not (more and last in record):
                    continue
                if last in self.listed:
                    record[last].append([more])
                elif size < MAX_VALUE_CHARS:
                    record[last][-1].append(more)
                    size += len(more) + 1
                continue
            last, value = tagged[1], (tagged[2] or "").strip()
            size = len(value)
            if last == self.first:
                if start:
                    yield start, self.last is None, _joined(record)
                start, record = number, {}
            if last == self.last:
                if start:
                    yield start, True, _joined(record)
                start, record = 0, {}
            elif start:
                record.setdefault(last, []).append([value])
        if start:
            yield start, self.last is None, _joined(record)

    def _reference(self, line: int, record: Record) -> BibEntry:
        def every(what: str) -> list[str]:
            return [value for tag in self.tags[what] for value in record.get(tag, ()) if value]

        def first(what: str) -> str:
            return next(iter(every(what)), "")

        authors = next((record[tag] for tag in self.tags["authors"] if record.get(tag)), [])
        return BibEntry.of(
            name=first("name") or f"record in line {line}",
            title=decoded_title(first("title")),
            authors=map(full_name, authors),
            places=every("places"),
            dois=every("dois"),
            date=" ".join(every("date")),
            venue=decoded_title(first("venue")),
            abstract=first("abstract"),
            line=line,
        )


def _joined(record: dict[str, list[list[str]]]) -> Record:
    return {tag: [" ".join(parts) for parts in values] for tag, values in record.items()}


RIS = Tagged(
    "RIS",
    start=re.compile(r"^\ufeff?TY {0,2}- ", re.MULTILINE),
    line=re.compile(r"([A-Z][A-Z0-9]) {0,2}-(?: (.*))?"),
    first="TY",
    last="ER",
    tags={
        "name": ("ID",),
        "title": ("TI", "T1", "CT", "BT"),
        "authors": ("AU", "A1"),
        "date": ("PY", "Y1", "DA"),
        "venue": ("T2", "JF", "JO", "JA"),
        "abstract": ("AB", "N2"),
        "dois": ("DO", "UR", "L1", "L2", "M3"),
        "places": ("UR", "DO", "M3", "AN", "N1", "JO", "T2", "JF", "JA", "L1", "L2"),
    },
)

WEB_OF_SCIENCE = Tagged(
    "Web of Science",
    start=re.compile(r"^\ufeff?PT [A-Z][ \t\r]*$", re.MULTILINE),
    line=re.compile(r"([A-Z][A-Z0-9])(?: (.*))?"),
    first="PT",
    last="ER",
    tags={
        "name": ("UT",),
        "title": ("TI",),
        "authors": ("AF", "AU", "CA"),
        "date": ("PY", "EY", "EA"),
        "venue": ("SO", "CT", "JI"),
        "abstract": ("AB",),
        "dois": ("DI",),
        "places": ("AR", "DI", "SO", "UT"),
    },
    listed=frozenset({"AF", "AU", "CA"}),
)

PUBMED = Tagged(
    "PubMed",
    start=re.compile(r"^\ufeff?PMID- ?\d", re.MULTILINE),
    line=re.compile(r"([A-Z]{2,4}) {0,2}-(?: (.*))?"),
    first="PMID",
    last=None,
    tags={
        "name": ("PMID",),
        "title": ("TI", "BTI", "TT"),
        "authors": ("FAU", "AU", "CN"),
        "date": ("DP", "DEP", "EDAT"),
        "venue": ("JT", "TA"),
        "abstract": ("AB",),
        "dois": ("LID", "AID", "SO"),
        "places": ("AID", "LID", "SO", "GR"),
    },
)

ENDNOTE = Tagged(
    "EndNote",
    start=re.compile(r"^\ufeff?%0 ", re.MULTILINE),
    line=re.compile(r"%([0-9A-Z@?!#$&()*+,^>\[\]~<;:=])(?: (.*))?"),
    first="0",
    last=None,
    tags={
        "name": ("F", "M"),
        "title": ("T", "!"),
        "authors": ("A",),
        "date": ("D", "8"),
        "venue": ("J", "B", "S"),
        "abstract": ("X",),
        "dois": ("R", "U"),
        "places": ("U", "R", "J", "M", "Z", "1"),
    },
)

REFWORKS = Tagged(
    "RefWorks",
    start=re.compile(r"^\ufeff?RT [A-Z]", re.MULTILINE),
    line=re.compile(r"([A-Z][A-Z0-9])(?: (.*))?"),
    first="RT",
    last=None,
    tags={
        "name": ("ID",),
        "title": ("T1", "TI"),
        "authors": ("A1",),
        "date": ("YR", "FD"),
        "venue": ("JF", "JO", "T2"),
        "abstract": ("AB",),
        "dois": ("DO", "UL", "LK"),
        "places": ("UL", "LK", "DO", "JF", "NO", "AN"),
    },
)

FORMATS = (RIS, WEB_OF_SCIENCE, PUBMED, ENDNOTE, REFWORKS)
