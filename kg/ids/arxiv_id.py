"""Identifiers of papers: arXiv ids, DOIs and normalised titles.

A paper is one paper, whatever it was called: versions are stripped, links are reduced to the
id they carry, and titles are compared in a form that ignores case, accents, markup and
punctuation.
"""

import re
import unicodedata
from html import unescape
from urllib.parse import quote, unquote

# https://info.arxiv.org/help/arxiv_identifier.html: archive(.CL)/YYMMNNN until March 2007, then
# YYMM.NNNN, and YYMM.NNNNN since January 2015. A longer run of digits is some other number.
_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW = (
    rf"(?:(?:070[4-9]|071[0-2]|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}}"
    rf"|(?:1[5-9]|[2-8]\d){_MONTH}\.\d{{5}})(?!\d)"
)
_OLD = rf"[a-z][a-z-]+(?:\.[A-Z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}(?!\d)"
_ID = rf"(?:{_NEW}|{_OLD})"
_BARE = re.compile(rf"(?:arxiv\s*:\s*)?({_ID})(?:v\d+)?(?:\.pdf)?", re.IGNORECASE)
_FLOAT = re.compile(r"\d{3,4}\.\d{10,14}", re.ASCII)
# Hosts by which people link to an arXiv paper, with the paths that lead to the id there. People
# also drop the path, double a slash or write the prefix into the link.
_LINK = re.compile(
    rf"(?:(?:arxiv\.org|xxx\.lanl\.gov)"
    rf"(?:/+(?:abs|pdf|html|format|ps|src|e-print|list|ftp/(?:arxiv/papers/\d{{4}}|[a-z-]+/papers)))?"
    rf"|ar5iv(?:\.labs)?\.(?:arxiv\.)?org(?:/+(?:abs|html|pdf))?"
    rf"|alphaxiv\.org(?:/+(?:[a-z]{{2}}/+)?(?:abs|pdf|overview|html))?"
    rf"|scirate\.com/+arxiv"
    rf"|arxiv-vanity\.com/+papers"
    rf"|paperswithcode\.com/+paper/+arxiv"
    rf"|huggingface\.co/+papers"
    rf"|hf\.co/+papers"
    rf"|semanticscholar\.org/+arxiv"
    rf"|10\.48550/arxiv)"
    rf"(?:/+|\.)(?:arxiv\s*:\s*)?({_ID})",
    re.IGNORECASE,
)
_CITED = re.compile(
    rf"\barxiv\s*(?:preprint\s*)?(?:arxiv)?(?:\s*:\s*({_ID})|\s({_NEW}))", re.IGNORECASE
)
# Angle and square brackets belong to a DOI only in pairs around a location, as in SICIs such as
# 8<693::AID-ASI4>3.0.CO;2-O: elsewhere they are markup.
_DOI = re.compile(
    r"\b10\.\d{4,9}/(?:[^\s\"'<>{}|\\^`\[\]（）【】「」。，；、]"
    r"|<[^\s\"'<>/]{0,40}:[^\s\"'<>/]{0,80}>|\[[^\s\"'\[\]/]{0,40}:[^\s\"'\[\]/]{0,80}\])+",
    re.IGNORECASE,
)
# The check character of a SICI may be a number sign.
_AFTER_DOI = re.compile(r"\?.*|(?<!;2-)#.*|(?<=;2-#)#.*")


def arxiv_id(text: str) -> str | None:
    """Return the arXiv id that `text` is or links to, without its version.

    Parameters
    ----------
    text : str
        A bare id, ``arXiv:`` id, abstract, PDF, HTML, ar5iv or alphaxiv link, or arXiv DOI.

    Returns
    -------
    str or None
        The id in arXiv's canonical form, or None where `text` carries none.

    Examples
    --------
    >>> arxiv_id("https://arxiv.org/pdf/2203.05482v3.pdf#page=2")
    '2203.05482'
    >>> arxiv_id("cs/0112017v1")
    'cs/0112017'
    >>> arxiv_id("https://doi.org/10.48550/arXiv.2310.08184")
    '2310.08184'
    >>> arxiv_id("1805.1119600000002")  # A number that a spreadsheet wrote.
    '1805.11196'
    >>> arxiv_id("https://github.com/owner/2203.05482") is None
    True
    """
    text = unquote(text.strip())
    if _FLOAT.fullmatch(text):
        text = id_of_number(text)
    match = _BARE.fullmatch(text) or _LINK.search(text)
    return _canonical(match[1]) if match else None


def id_of_number(number: str) -> str:
    """Return the arXiv id that a table of numbers left as `number`, or `number` where none fits.

    Examples
    --------
    >>> id_of_number("1912.0947800000001"), id_of_number("704.12"), id_of_number("3.14159265358")
    ('1912.09478', '0704.1200', '3.14159265358')
    """
    # There are four digits after the point until 2014, and five since.
    digits = 4 if float(number) < 1501 else 5
    nearest = f"{float(number):0{digits + 5}.{digits}f}"
    return nearest if abs(float(nearest) - float(number)) < 1e-8 else number


def cited_arxiv_id(text: str) -> str | None:
    """Return the first arXiv id that running text cites as ``arXiv:ID``, or None.

    Examples
    --------
    >>> cited_arxiv_id("Distilling the knowledge. Hinton et al. arXiv:1503.02531")
    '1503.02531'
    """
    match = _CITED.search(text)
    return _canonical(match[1] or match[2]) if match else None


def _canonical(identifier: str) -> str:
    archive, slash, number = identifier.partition("/")
    if not slash:
        return identifier
    # arXiv redirects cs.CL/0112017 to cs/0112017: the subject class is not part of the id.
    return f"{archive.partition('.')[0].lower()}/{number}"


def doi(text: str) -> str | None:
    """Return the DOI that `text` is or links to, lower-cased, or None.

    arXiv's own DOIs (``10.48550/...``) are None: they are arXiv ids.

    Examples
    --------
    >>> doi("https://doi.org/10.1145/3560815")
    '10.1145/3560815'
    >>> doi("https://dl.acm.org/doi/abs/10.1145/3605943?af=R")
    '10.1145/3605943'
    >>> doi("(10.1061/(ASCE)0887-3801(1994)8:3(287)).")
    '10.1061/(asce)0887-3801(1994)8:3(287)'
    """
    text = unquote(text)
    match = _DOI.search(unescape(text) if "&" in text else text)
    if not match:
        return None
    found = _balanced(_AFTER_DOI.sub("", match[0])).rstrip(".,;:/(").lower()
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


def normalised_title(title: str) -> str:
    """Return the form of `title` by which two titles are compared.

    LaTeX decoded, lower case, compatibility-decomposed without accents, markup and other LaTeX
    commands dropped, everything but letters and digits turned into single spaces.

    Examples
    --------
    >>> normalised_title("  {LoRA}: Low-Rank  Adaptation of $\\\\mathcal{L}$LMs. ")
    'lora low rank adaptation of llms'
    >>> {normalised_title(one) for one in (r"$\\mu$KE", "$μ$KE", "μKE", r"\\(\\mu\\)KE")}
    {'μke'}
    """
    text = title
    if "\\" in title or "$" in title:
        from kg.text.latex_plain import decoded  # Few titles have LaTeX, and a question has none.

        text = decoded(title)
    text = re.sub(r"\\[a-zA-Z]+\s*", "", text)
    for _ in range(2):  # Decomposing may leave a capital, as of a mathematical letter.
        text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c) and c not in "{}$^")
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())
