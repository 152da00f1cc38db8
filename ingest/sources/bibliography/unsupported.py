"""Formats that are recognised by their beginning, and refused by name."""

import re

_XML = re.compile(
    r"(?:<\?xml[^>]{0,500}\?>|<!--(?:[^-]|-(?!->)){0,5000}-->|<!DOCTYPE[^>\[]{0,500}>|\s)*"
    r"<([A-Za-z][\w:.-]{0,100})([^>]{0,2000})"
)
_ROOTS = {
    "xml": "EndNote XML",
    "modscollection": "MODS",
    "mods": "MODS",
    "pubmedarticleset": "PubMed XML",
    "rdf": "RDF",
    "html": "a web page",
    "sources": "Word's XML",
    "feed": "an Atom feed",
    "rss": "an RSS feed",
    "tei": "TEI",
    "oai-pmh": "OAI-PMH",
    "file": "BibTeXML",
    "refworks": "RefWorks XML",
    "graphml": "GraphML",
    "gexf": "GEXF",
}
_STARTS = (
    (re.compile(r"\{\\rtf"), "RTF"),
    (re.compile(r"(?:[^\n]*\n){0,40}?cff-version\s*:"), "CITATION.cff"),
    (re.compile(r"\\(?:documentclass|begin\{thebibliography|bibitem|bibliography)"), "LaTeX"),
    (re.compile(r"(?:---\s*\n)?references:\s*\n\s*-"), "CSL-YAML"),
)


def name_of(text: str) -> str | None:
    """Return the name of the format that a text is in, where it is one that is not read.

    Examples
    --------
    >>> name_of('<?xml version="1.0"?>\\n<modsCollection xmlns="..."><mods>')
    'MODS'
    >>> name_of("Model soups") is None
    True
    """
    head = text.lstrip("\ufeff \t\r\n")[:20_000]
    for start, name in _STARTS:
        if start.match(head):
            return name
    if (root := _XML.match(head)) is None:
        return None
    known = _ROOTS.get(root[1].rpartition(":")[2].lower())
    return known or (f"XML ({root[1][:40]})" if head.startswith("<?xml") else None)
