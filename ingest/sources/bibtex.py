"""BibTeX as people keep it: what each entry says of a paper, and which entries are broken."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ingest.sources.reference import Broken, Reference, References
from kg import identifiers
from kg.latex_plain import decoded

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

_ANY = re.compile(r"@[ \t]*[A-Za-z]+[ \t]*[{(]")
_START = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.MULTILINE)

_READ = (
    "title author year date doi eprint url ee journal journaltitle howpublished note volume".split()
)
"""Fields that say which paper it is; abstracts and files are not even decoded."""

_LONGEST = 2_000
"""Characters of a field that are read."""

_CORR = re.compile(r"abs/(.+)")
"""How DBLP writes an arXiv id: as the volume of a journal CoRR."""


def looks_like_bibtex(text: str) -> bool:
    """Return whether a text has BibTeX entries.

    >>> looks_like_bibtex("% mine\\n@article{soups, title={Model soups}}")
    True
    >>> looks_like_bibtex("Model soups, by m@example.org (2022)")
    False
    """
    return bool(_START.search(text))


def parse(text: str) -> References:
    """Return what a BibTeX file says of papers; entries that cannot be read are named.

    Examples
    --------
    >>> found = parse("@misc{soups, title={Model {Soups}}, eprint={2203.05482}}")
    >>> found.references[0].entry.title, found.references[0].entry.arxiv_id
    ('Model Soups', '2203.05482')
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.library import Library
    from bibtexparser.middlewares import (
        RemoveEnclosingMiddleware,
        ResolveStringReferencesMiddleware,
    )
    from bibtexparser.model import Entry, ParsingFailedBlock, String

    # What is wrong is told to whoever brought the file, not to the server's log.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    # Some editors end a line by a carriage return alone.
    text = re.sub(r"\r\n?", "\n", text)
    raw = parse_string(text, parse_stack=[])
    broken: list[Broken] = []
    blocks: list[Block] = [one for one in raw.blocks if isinstance(one, String)]
    names: dict[str, str] = {}
    for block in raw.blocks:
        entry = block if isinstance(block, Entry) else getattr(block, "ignore_error_block", None)
        if isinstance(entry, Entry):
            # Two entries under one key are two papers: each gets a key of its own.
            number = str(len(names))
            names[number] = entry.key
            blocks.append(_wanted(entry, number))
        elif isinstance(block, ParsingFailedBlock) and not isinstance(entry, String):
            broken.append(_broken(block))
    parsed = Library(blocks, fail_on_duplicate_key=False)
    for middleware in (ResolveStringReferencesMiddleware(), RemoveEnclosingMiddleware()):
        parsed = middleware.transform(parsed)
    references = []
    for block in parsed.blocks:
        entry = block if isinstance(block, Entry) else getattr(block, "ignore_error_block", None)
        if isinstance(entry, Entry):
            references.append(_reference(entry, names[entry.key]))
    return References("BibTeX", tuple(references), tuple(broken))


def _wanted(entry: "Entry", key: str) -> "Entry":
    """Return the entry with the fields that are of use, the last where one comes twice."""
    from bibtexparser.model import Entry, Field

    fields = {}
    for field in entry.fields:
        name = field.key.lower()
        if name in _READ:
            fields[name] = Field(name, str(field.value)[:_LONGEST], field.start_line)
    return Entry(entry.entry_type, key, list(fields.values()), entry.start_line)


def _reference(entry: "Entry", name: str) -> Reference:
    fields = {field.key: _plain(str(field.value)) for field in entry.fields}
    year = re.search(r"\d{4}", fields.get("year", "") or fields.get("date", ""))
    doi = identifiers.doi(fields.get("doi", "")) or identifiers.doi(fields.get("url", ""))
    return Reference.of(
        name=name,
        title=fields.get("title", ""),
        authors=re.split(r"\s+and\s+", fields["author"]) if fields.get("author") else (),
        arxiv_id=next(_arxiv_ids(fields), None),
        doi=doi,
        year=int(year[0]) if year else None,
        line=(entry.start_line or 0) + 1,
    )


def _arxiv_ids(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield the arXiv ids that the fields tell, the surest first."""
    for name in ("eprint", "doi", "url", "ee", "howpublished", "note", "journal", "journaltitle"):
        text = fields.get(name, "")
        found = identifiers.arxiv_id(text) or identifiers.cited_arxiv_id(text)
        if found:
            yield found
    if volume := _CORR.fullmatch(fields.get("volume", "")):
        found = identifiers.arxiv_id(volume[1])
        if found:
            yield found


def _plain(text: str) -> str:
    """Return a field's words: LaTeX decoded, no braces that keep capitals, on one line."""
    return " ".join(decoded(text, grouped=True).split())


def count(text: str) -> int:
    """Return how many entries a text has at most, which takes no time."""
    return sum(1 for _ in _ANY.finditer(text))


def _broken(block: "Block") -> Broken:
    error = getattr(block, "error", None)
    reason = str(getattr(error, "abort_reason", "") or "it cannot be read")
    start = " ".join((block.raw or "").split())
    return Broken(
        start[:80], " ".join(reason.split()).rstrip(".")[:160], (block.start_line or 0) + 1
    )
