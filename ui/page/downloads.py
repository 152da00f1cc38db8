"""Which papers may be downloaded together, and in which formats."""

from collections.abc import Sized

from kg.errors import BadRequest
from kg.export.formats import PAPER_FORMATS, PaperFormat

MAX_PAPERS = 1_000
"""Papers that may be named one by one."""


def paper_format(name: str, papers: Sized) -> PaperFormat:
    """Return the format in which papers are to be downloaded.

    Raises
    ------
    BadRequest
        If it is no format of papers, or more than `MAX_PAPERS` are named.
    """
    if name not in PAPER_FORMATS:
        raise BadRequest(f"unknown format '{name[:40]}'", f"use {', '.join(PAPER_FORMATS)}")
    if len(papers) > MAX_PAPERS:
        raise BadRequest(f"{len(papers):,} papers are too many", f"name {MAX_PAPERS:,} at most")
    return PAPER_FORMATS[name]
