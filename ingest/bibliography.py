"""A bibliography that someone brings along: read, whatever it is written in, with an end."""

from ingest.sources import bibtex, reference_lines, ris
from ingest.sources.reference import References
from kg.errors import BadRequest

LARGEST = 1_000_000
"""Bytes of a bibliography, in UTF-8."""

MOST = 2_000
"""Entries of a bibliography."""


def read(text: str) -> References:
    """Return what a bibliography says: BibTeX, RIS, or lines of ids, links, DOIs and titles.

    Raises
    ------
    BadRequest
        If there is nothing to read in it, it is no text, or too much.
    """
    if len(text.encode(errors="replace")) > LARGEST:
        raise BadRequest(
            "the bibliography is too large", f"bring {LARGEST:,} bytes at a time at most"
        )
    head = text.lstrip("\ufeff \t\r\n")
    if not head:
        raise BadRequest("there is nothing in it", "choose a file, or paste BibTeX or ids")
    if head.startswith("%PDF") or "\0" in text:
        raise BadRequest("this is no text", "bring BibTeX, RIS, or a list of ids or titles")
    # Before it is read: to say of 300,000 entries what is wrong with each would take long.
    _check(max(bibtex.count(text), ris.count(text)), 2 * MOST)
    if bibtex.looks_like_bibtex(text):
        found = bibtex.parse(text)
    elif ris.looks_like_ris(text):
        found = ris.parse(text)
    elif head[0] in "{[" and head.rstrip()[-1] in "}]" and "\n" in head:
        raise BadRequest("this is JSON, not a bibliography", "bring BibTeX, RIS, or a list of ids")
    else:
        found = reference_lines.parse(text)
    _check(len(found.references), MOST)
    if not found.references and not found.broken:
        raise BadRequest("no paper is named in it", "bring BibTeX, RIS, or a list of ids or titles")
    return found


def _check(count: int, most: int) -> None:
    if count > most:
        raise BadRequest(f"these are {count:,} papers", f"bring {MOST:,} at a time at most")
