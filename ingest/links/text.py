"""The links in an abstract, or in the authors' comment on arXiv."""

import re
from dataclasses import replace
from typing import Final

from ingest.links.kinds import BORROWED, as_link, is_code_host, is_framework, label_kind
from kg.links import Link, LinkKind, names_paper
from kg.records import Paper

ABSTRACT: Final = "abstract"
COMMENT: Final = "comment"
"""Sources of links that the authors themselves give."""

_HOSTS: Final = (
    r"(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|huggingface\.co|hf\.co|gitee\.com"
    r"|anonymous\.4open\.science|youtu\.be|youtube\.com|zenodo\.org|sites\.google\.com"
    r"|[\w-]+\.github\.io)"
)
_URL: Final = re.compile(
    rf"https?\s?:\s?//\s?[^\s<>\"'{{}}\[\]|^`，。；、）】]+|(?<![\w/.@-]){_HOSTS}(?:/[^\s<>\"'{{}}\[\]|^`，。；]*)?",
    re.IGNORECASE,
)
# What LaTeX and careless line breaks make of addresses, and the address that was meant.
_MENDED: Final = (
    (re.compile(r"\\(?:url|href|texttt|path|nolinkurl|footnote)\s*\\?\{"), " "),
    (re.compile(r"\\([_%#&~{}])"), r"\1"),
    (re.compile(r"[{}]"), " "),
    (re.compile(r"\\(?:sim|textasciitilde)\b"), "~"),
    (re.compile(r"~(?=https?:)|\\\\|\$"), " "),
    (re.compile(r"\b(https?)\s*:\s*/\s*/\s*", re.IGNORECASE), r"\1://"),
    # "github. com/a/b", "github.com /a/b", "github.com/ a/b", "github.com/a/ b".
    (re.compile(r"\b(github|gitlab|huggingface)\s*\.\s*(com|co|io)\b", re.IGNORECASE), r"\1.\2"),
    (re.compile(rf"({_HOSTS})\s?/\s?(?=[\w.-]+\s?/)", re.IGNORECASE), r"\1/"),
    (re.compile(rf"({_HOSTS}/[\w.-]+)(?:\s/\s?|/\s)(?=[\w-]*[\w]\b)", re.IGNORECASE), r"\1/"),
)
_END: Final = re.compile(r"[.,;:!?)\]*'\"’”]+$")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\[])")
_AVAILABLE: Final = re.compile(
    r"\b(?:code|codes|codebase|implementation|source|repository|repo|availab\w*|releas\w*|avaliable"
    r"|open-?sourc\w*|public\w*|project|page|website|homepage|demo|found|access\w*|here|see|visit"
    r"|data|datasets?|benchmark|models?|weights|checkpoints?|toolkit|library|package|software"
    r"|github|host\w*|provid\w*|resources?|materials?|videos?|results?)\b",
    re.IGNORECASE,
)
_READINGS: Final = re.compile(
    r"\b(?:list|collection|summary|overview|repository) (?:of|for) (?:\w+,? ){0,3}"
    r"(?:papers|readings|literature)\b"
    r"|\b(?:paper|reading|curated|literature) (?:list|collection)\b",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(
    r"\b(?:availab\w*|avaliable|releas\w*|project|page|website|homepage|demo|access\w*|visit)\b",
    re.IGNORECASE,
)
_MODELS: Final = re.compile(
    r"\b(?:language|foundation|vision|diffusion|generative) models?\b", re.I
)
_HINT: Final = re.compile(
    r"https?\s?:|\b(?:github|gitlab|huggingface|zenodo|youtu)|4open", re.IGNORECASE
)


def links_of(paper: Paper) -> dict[str, list[Link]]:
    """Return the links in a paper's abstract and in its comment, of each that is known."""
    texts = {ABSTRACT: paper.abstract, COMMENT: paper.comment}
    return {source: links_in(text, source, paper.title) for source, text in texts.items() if text}


def links_in(text: str, source: str = "", title: str = "") -> list[Link]:
    r"""Return the links that a paper's own text gives, each once, in its order.

    They are by the authors. What the text says of works that it builds on is left out.

    Parameters
    ----------
    title : str
        The paper's title, by which the code of a framework is told from what uses it.

    Examples
    --------
    >>> [one.url for one in links_in(r"Code is at \url{https://github.com/a/my\_b}.")]
    ['https://github.com/a/my_b']
    >>> links_in("Our code is based on https://github.com/huggingface/transformers.")
    []
    """
    if not _HINT.search(text):
        return []
    for wrong, right in _MENDED:
        text = wrong.sub(right, text)
    found: dict[tuple[LinkKind, str], Link] = {}
    for match in _URL.finditer(text):
        url = _without_end(match[0])
        begin = [0, *(end.end() for end in _SENTENCE_END.finditer(text, 0, match.start()))][-1]
        before, after = text[begin : match.start()], text[match.end() : match.end() + 60]
        if BORROWED.search(before):
            continue
        label = _label(before, after, url)
        made = as_link(url if "//" in url else f"https://{url}", label, source=source)
        if made is None or (is_framework(made.url) and not names_paper(made.url, title)):
            continue
        # An address that ends the text needs no word about it.
        said = _AVAILABLE.search(before + after) or not text[match.end() :].strip(" .)")
        if not said and not names_paper(made.url, title):
            continue
        if made.kind is LinkKind.CODE and _READINGS.search(before):
            made = replace(made, kind=LinkKind.PROJECT)
        found.setdefault((made.kind, made.url.lower()), made)
    return [Link(one.kind, one.url, one.source, official=True) for one in found.values()]


def _label(before: str, after: str, url: str) -> str:
    """Return the words by which a sentence says what an address leads to."""
    code = re.search(
        r"\b(?:code|codes|codebase|implementations?|source|software|librar(?:y|ies)|toolkit|package"
        r"|repository|framework|scripts?)\b",
        before,
        re.IGNORECASE,
    )
    if code and is_code_host(url if "//" in url else f"https://{url}"):
        return "code"
    for said in (_MODELS.sub("", before)[-120:], after[:30] if not before.strip() else ""):
        if label_kind(said):
            return said
    return "page" if _PAGE.search(before) else ""


def _without_end(url: str) -> str:
    """Return an address without the punctuation of its sentence."""
    url = re.sub(r"\s", "", url)
    while match := _END.search(url):
        end = match.start()
        if url[end] in ")]" and url.count("(") + url.count("[") > 0:
            end = len(url) if url.count("(") == url.count(")") else end
        if end == len(url):
            break
        url = url[:end]
    return url
