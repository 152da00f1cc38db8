"""Identifiers of papers: arXiv ids, DOIs and normalised titles.

A paper is one paper, whatever it was called: versions are stripped, links are reduced to the
id they carry, and titles are compared in a form that ignores case, accents, markup and
punctuation.
"""

import re
import unicodedata
from urllib.parse import unquote

# https://info.arxiv.org/help/arxiv_identifier.html: YYMM.NNNN(N) since April 2007, and
# archive(.CL)/YYMMNNN before.
_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z][a-z-]+(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ID = rf"(?:{_NEW}|{_OLD})"
_BARE = re.compile(rf"(?:arxiv\s*:\s*)?({_ID})(?:v\d+)?(?:\.pdf)?", re.IGNORECASE)
# Hosts and paths by which people link to an arXiv paper: arxiv.org and its mirrors, ar5iv,
# alphaxiv, the Hugging Face paper pages, and arXiv's own DOIs.
_LINK = re.compile(
    rf"(?:(?:arxiv\.org|xxx\.lanl\.gov)/(?:abs|pdf|html|format|ps|src|e-print|list)"
    rf"|(?:ar5iv(?:\.labs)?\.(?:arxiv\.)?org)(?:/(?:abs|html|pdf))?"
    rf"|(?:alphaxiv\.org)/(?:abs|pdf|overview|html)"
    rf"|huggingface\.co/papers"
    rf"|10\.48550/arxiv\.|10\.48550/arxiv)[/.]?({_ID})(?![\d.]\d)",
    re.IGNORECASE,
)
_CITED = re.compile(rf"\barxiv\s*(?:preprint\s*)?(?:arxiv)?\s*:\s*({_NEW}|{_OLD})", re.IGNORECASE)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>{}|\\^`\[\]]+", re.IGNORECASE)


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
    >>> arxiv_id("https://github.com/owner/2203.05482") is None
    True
    """
    text = unquote(text.strip())
    match = _BARE.fullmatch(text) or _LINK.search(text)
    return _canonical(match[1]) if match else None


def cited_arxiv_id(text: str) -> str | None:
    """Return the first arXiv id that running text cites as ``arXiv:ID``, or None.

    Examples
    --------
    >>> cited_arxiv_id("Distilling the knowledge. Hinton et al. arXiv:1503.02531")
    '1503.02531'
    """
    match = _CITED.search(text)
    return _canonical(match[1]) if match else None


def _canonical(identifier: str) -> str:
    archive, slash, number = identifier.partition("/")
    if not slash:
        return identifier
    archive, dot, subject = archive.partition(".")
    # arXiv redirects cs.CL/0112017 to cs/0112017: the subject class is not part of the id.
    return f"{archive.lower()}/{number}"


def doi(text: str) -> str | None:
    """Return the DOI that `text` is or links to, lower-cased, or None.

    arXiv's own DOIs (``10.48550/...``) are None: they are arXiv ids.

    Examples
    --------
    >>> doi("https://doi.org/10.1145/3560815")
    '10.1145/3560815'
    >>> doi("https://dl.acm.org/doi/abs/10.1145/3605943?af=R")
    '10.1145/3605943'
    """
    match = _DOI.search(unquote(text))
    if not match:
        return None
    found = re.split(r"[?#]", match[0])[0].rstrip(".,;:)/").lower()
    found = re.sub(r"(?:/(?:full|abstract|pdf|epdf|meta)|\.pdf)$", "", found)
    return None if found.startswith("10.48550/") else found


def normalised_title(title: str) -> str:
    """Return the form of `title` by which two titles are compared.

    Lower case, compatibility-decomposed without accents, markup and LaTeX commands dropped,
    everything but letters and digits turned into single spaces.

    Examples
    --------
    >>> normalised_title("  {LoRA}: Low-Rank  Adaptation of $\\\\mathcal{L}$LMs. ")
    'lora low rank adaptation of llms'
    """
    text = re.sub(r"\\[a-zA-Z]+\s*", "", title)
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c) and c not in "{}$")
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())
