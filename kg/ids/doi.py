"""DOIs: how they are written and linked."""

import re
from urllib.parse import quote, unquote

# Angle and square brackets belong to a DOI only in pairs around a location, as in SICIs such as
# 8<693::AID-ASI4>3.0.CO;2-O: elsewhere they are markup.
_DOI = (  # Compiled when first used.
    r"(?i)\b10\.\d{4,9}/(?:[^\s\"'<>{}|\\^`\[\]（）【】「」。，；、]"
    r"|<[^\s\"'<>/]{0,40}:[^\s\"'<>/]{0,80}>|\[[^\s\"'\[\]/]{0,40}:[^\s\"'\[\]/]{0,80}\])+"
)
# The check character of a SICI may be a number sign.
_AFTER_DOI = r"\?.*|(?<!;2-)#.*|(?<=;2-#)#.*"


def parse_doi(text: str) -> str | None:
    """Return the DOI that `text` is or links to, lower-cased, or None.

    arXiv's own DOIs (``10.48550/...``) are None: they are arXiv ids.

    Examples
    --------
    >>> parse_doi("https://doi.org/10.1145/3560815")
    '10.1145/3560815'
    >>> parse_doi("https://dl.acm.org/doi/abs/10.1145/3605943?af=R")
    '10.1145/3605943'
    >>> parse_doi("(10.1061/(ASCE)0887-3801(1994)8:3(287)).")
    '10.1061/(asce)0887-3801(1994)8:3(287)'
    """
    text = unquote(text)
    if "&" in text:
        from html import unescape  # Two thousand names of characters, which few texts need.

        text = unescape(text)
    match = re.search(_DOI, text) if "10." in text else None
    if not match:
        return None
    found = _balanced(re.sub(_AFTER_DOI, "", match[0])).rstrip(".,;:/(").lower()
    found = re.sub(
        r"(?:\.full)?\.pdf$|\.full(?:-text)?$|/(?:full|abstract|pdf|epdf|meta)$", "", found
    )
    # bioRxiv and medRxiv link a version of the paper, which is not part of its DOI.
    found = re.sub(r"^(10\.1101/.*)v\d+$", r"\1", found)
    return None if found.startswith("10.48550/") else found


def _balanced(text: str) -> str:
    """Return `text` up to the first closing bracket that nothing in it opened.

    >>> _balanced("10.1/x(2)3).")
    '10.1/x(2)3'
    """
    depth = 0
    for place, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth < 0:
            return text[:place]
    return text


def doi_link(value: str) -> str:
    """Return the address at which a DOI is resolved, with what means something there encoded.

    Examples
    --------
    >>> doi_link("10.1002/1(1998)8<693::aid-asi4>3.0.co;2-o")
    'https://doi.org/10.1002/1%281998%298%3C693%3A%3Aaid-asi4%3E3.0.co%3B2-o'
    """
    return "https://doi.org/" + quote(value)
