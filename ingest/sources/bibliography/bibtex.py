"""BibTeX and BibLaTeX, with the mistakes that people's files have."""

import re
from collections.abc import Iterator, Mapping

from ingest.sources.bibliography import bibtex_entries
from ingest.sources.bibliography.bibtex_entries import ANY_START, START, BibtexEntry
from ingest.sources.bibliography.reference import (
    MAX_FIELD_CHARS,
    BibEntry,
    Bibliography,
    full_name,
    whole_title,
)
from kg.text.latex.plain import MAX_TEXT_CHARS, decoded, decoded_name

KIND = "BibTeX"

_PLACES = frozenset({"doi", "url", "ee", "eprint"})
_VENUES = ("booktitle", "journaltitle", "journal", "eventtitle", "school", "institution")

_AND = re.compile(r"[{}]|(?<=\s)and(?=\s)", re.IGNORECASE)
_GROUP = re.compile(r"\{[^{}]*\}")

_CORR = re.compile(r"abs/(.+)")
"""How DBLP writes an arXiv id: as the volume of a journal CoRR."""


def looks_like_bibtex(text: str) -> bool:
    """Return whether a text has BibTeX entries.

    >>> looks_like_bibtex("% mine\\n@article{soups, title={Model soups}}")
    True
    >>> looks_like_bibtex("Model soups, by m@example.org (2022)")
    False
    """
    return bool(START.search(text))


def parse(text: str) -> Bibliography:
    """Parse a BibTeX file; entries that cannot be read are reported.

    Examples
    --------
    >>> found = parse("@misc{soups, title={Model {Soups}}, eprint={2203.05482}}")
    >>> found.references[0].entry.title, found.references[0].entry.arxiv_id
    ('Model Soups', '2203.05482')
    """
    # Some editors end a line by a carriage return alone.
    entries, broken = bibtex_entries.parse(re.sub(r"\r\n?", "\n", text))
    return Bibliography(KIND, tuple(map(_reference, entries)), tuple(broken))


def _reference(entry: BibtexEntry) -> BibEntry:
    fields = _Fields(entry.fields)
    return BibEntry.of(
        name=entry.key or f"entry in line {entry.line}",
        title=_title(fields),
        authors=_authors(entry.fields.get("author", "")),
        places=list(_places(fields)),
        dois=[fields["doi"], fields["url"], fields["ee"]],
        date=fields["year"] if re.search(r"\d{4}", fields["year"]) else fields["date"],
        venue=next((fields[name] for name in _VENUES if fields[name]), ""),
        abstract=fields["abstract"],
        line=entry.line,
    )


class _Fields:
    """An entry's fields in words, each decoded when it is asked for; absent ones are empty."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        text = self._raw.get(name, "")
        if name in _PLACES:  # Two hyphens of a DOI or a link are no dash.
            return decoded_name(text[:MAX_FIELD_CHARS])
        most = MAX_TEXT_CHARS if name == "abstract" else MAX_FIELD_CHARS
        return " ".join(decoded(text[:most], grouped=True).split())


def _authors(raw: str) -> Iterator[str]:
    """Yield the names of a field; an "and" within braces divides nothing."""
    depth = begin = 0
    for found in _AND.finditer(raw):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth <= 0:
            yield _author(raw[begin : found.start()])
            begin = found.end()
    yield _author(raw[begin:])


def _author(raw: str) -> str:
    # A comma within braces is a part of a group's name.
    outside = _GROUP.sub("", _GROUP.sub("", raw))
    name = decoded_name(raw[:MAX_FIELD_CHARS])
    return full_name(name) if "," in outside else name


def _title(fields: _Fields) -> str:
    # The entry's own title and its second part, or those of a work in volumes.
    for name, second in (("title", "subtitle"), ("maintitle", "mainsubtitle")):
        if fields[name]:
            return whole_title(fields[name], fields[second])
    return ""


def _places(fields: _Fields) -> Iterator[str]:
    """Yield what may hold the arXiv id, the surest first."""
    for name in ("arxivid", "arxiv", "eprint"):
        yield fields[name]
    eprint, kind = fields["eprint"], fields["archiveprefix"] or fields["eprinttype"] or "arXiv"
    if eprint and kind.lower() == "arxiv":
        # With a class behind it, or, of old ids, with the archive in a field of its own.
        yield f"arXiv:{eprint}"
        archive = fields["primaryclass"] or fields["eprintclass"]
        yield f"{archive.partition('.')[0]}/{eprint}"
    for name in ("doi", "url", "ee", "howpublished", "note", "journal", "journaltitle", "number"):
        yield fields[name]
    if volume := _CORR.fullmatch(fields["volume"]):
        yield volume[1]


def count(text: str) -> int:
    """Return how many entries a text has at most, without parsing it."""
    return sum(1 for _ in ANY_START.finditer(text))
