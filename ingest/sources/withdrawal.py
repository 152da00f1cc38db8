"""Whether a paper's record says that the paper was withdrawn.

arXiv keeps withdrawn papers, and tells of it in words: in the comment, or in an abstract that was
replaced by a sentence. Papers also write about withdrawal, replace earlier ones that were
withdrawn, and are withdrawn from conferences; those stand.
"""

import re
from typing import Final

_ADVERB = r"(?:(?:now|since|hereby|temporarily|currently|voluntarily|being)\s+)*"
_PAPER = (
    r"(?:paper|article|manuscript|preprint|pre-print|reprint|submission|e-print|eprint|version"
    r"|work|note|report|letter|draft|document|thesis|text)"
)
# What was withdrawn is this paper, not "the previous version" and not "Theorem 2".
_THIS = (
    rf"(?:(?:this|the|our|my)\s+(?:present\s+|current\s+|arxiv\s+)?)?{_PAPER}(?:\s*\([^)]*\))?,?"
)
_BE = rf"(?:has\s+{_ADVERB}been|have\s+{_ADVERB}been|had\s+to\s+be|is|was)\s+{_ADVERB}"
# A place other than arXiv is a conference or journal.
_ARXIV = r"(?:the\s+)?(?:arxiv|e-?print|archive|public|circulation)"
_STAYS = rf"(?:\s+by\s+(?:the\s+|its\s+)?authors?)?\s+from\s+(?!{_ARXIV}\b)"
_REASON = (
    r"(?=\s+(?:by|at\s+the|at\s+my|on|due|because|for|pending|as|since|until|from|in\s+fav"
    r"|in\s+order|after|while|and|temporarily)\b|\W*$|\s*[,;:(\[–—-])"
)

_SAYS: Final = re.compile(
    # Counted pages, then what is said of the paper.
    r"\W*(?:\d+\s+(?:pages?|pp|figures?|figs?|tables?)\b\W*(?:and\s+)?)*"
    r"(?:(?:arxiv\s+)?(?:admin|author'?s?|withdrawal)?\s*(?:note|comment|notice)?\s*:\s*)?"
    r"(?:"
    rf"{_THIS}\s+{_BE}(?:withdrawn|removed\s+by\s+arxiv\s+admin\w*)(?![\w-])(?!{_STAYS})"
    rf"|(?:{_THIS}\s+)?withdrawn(?![\w-]){_REASON}(?!{_STAYS})"
    rf"|(?:the\s+)?(?:authors?|we|i)\s+(?:(?:have|has|had\s+to|am|are|wish\s+to|would\s+like\s+to)"
    rf"\s+)?{_ADVERB}(?:withdrawn|withdraws?|withdrew|withdrawing)\s+(?:this|the|our|my)\s+"
    rf"{_PAPER}\b(?!{_STAYS})"
    r")",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.;!])\s+|\n\s*\n")


def is_withdrawn(comment: str | None, abstract: str | None) -> bool:
    """Return whether a paper's record says that the paper was withdrawn.

    Parameters
    ----------
    comment : str or None
        The authors' or arXiv's comment; any sentence of it may tell.
    abstract : str or None
        The abstract; only how it begins tells, since the rest is about the paper's subject.

    Examples
    --------
    >>> is_withdrawn("12 pages. This paper has been withdrawn by the author: Lemma 2 fails", None)
    True
    >>> is_withdrawn("Withdrawn from ICLR 2022", "We study why papers are withdrawn.")
    False
    """
    if comment and any(_SAYS.match(sentence) for sentence in _SENTENCE.split(comment)):
        return True
    return bool(abstract and _SAYS.match(abstract))
