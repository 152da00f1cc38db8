"""Whether a paper's record says that the paper was withdrawn.

arXiv keeps withdrawn papers, and reports it in words: in the comment, or in an abstract that was
replaced by a sentence. Papers also write about withdrawal, replace earlier ones that were
withdrawn, and are withdrawn from conferences; those stand.

A sentence says so by one of three kinds of clause: the paper *is withdrawn* (passive), somebody
*withdraws the paper* (active), or *withdrawn* with a reason or nothing after it (bare). What
stands before and after the clause decides whether it speaks of this paper and of now.
"""

import re
from collections.abc import Iterator
from typing import Final

_PAPER = (
    r"(?:paper|article|manuscript|preprint|pre-print|reprint|submission|e-print|eprint|version"
    r"|work|note|report|letter|draft|document|thesis|text|publication|entry)"
)
_WHICH = r"(?:(?:present|current|above|whole|entire|short|arxiv|new|own)\s+)?"
_ASIDE = r"(?:\s*\([^()]{0,200}\))?(?:,[^,;]{1,80},|,)?"
_ADVERB = (
    r"(?:(?:now|since|hereby|temporarily|currently|voluntarily|permanently|therefore|thus|hence"
    r"|accordingly|consequently|unfortunately|regretfully|already|just|being|also|so)\s+){0,3}"
)
# As people spell it, too: "has been withdraw", "with drawn", "withdrawed".
_GONE = r"(?:with[- ]?dr(?:awn|aw|awed|awen|own)|retracted)"
_REMOVED = (
    r"(?:removed|deleted)\s+(?:by\s+(?:the\s+|its\s+)?(?:\w+\s+)?(?:authors?|admin\w*|moderators?)"
    r"|from\s+(?:the\s+)?arxiv)"
)
_IS = (
    rf"(?:(?:has|have|had)\s+{_ADVERB}been|is|was|(?:needs?|has|have|had|ought|is|was)\s+to\s+be"
    rf"|(?:should|must|shall)\s+{_ADVERB}be)\s+{_ADVERB}"
)
_WHY = (
    r"(?:due|because|owing|since|as|for|on|pending|until|in\s+fav|in\s+order|after|while|and|so"
    r"|temporarily|by|at\s+(?:the|my|our)|from|to\s+\w+|with\s+apolog|upon|till|per|here)\b"
)
_REASON = rf"(?=\s+{_WHY}|(?:\s+(?:paper|article|manuscript|submission))?\W*$|\s*[,;:(\[/–—-])"
# A place other than arXiv is a conference or journal: the paper stays here.
_HERE = r"(?:the\s+|this\s+)?(?:arxiv|e-?print|archive|public|circulation|server)"
_STAYS = (
    r"(?!(?:\s+by\s+(?:the\s+|its\s+)?(?:\w+\s+)?(?:authors?|us|me))?"
    rf"\s+(?:from\s+(?!{_HERE}\b)|at\s+(?:the\s+)?(?-i:[A-Z])|(?:submissions?|papers?|articles?)\b(?!\W*$)))"
)

# The paper is withdrawn. "The paper" may stand anywhere, "paper" only where a clause begins; with
# "of" before it, what was withdrawn is a version or a theorem of it.
_PASSIVE = (
    rf"(?:(?:this|the|our|my)\s+{_WHICH}{_PAPER}{_ASIDE}\s+(?:{_IS}|(?:will|would)\s+be\s+"
    rf"(?=\S+\s+(?:due|because|since|as|owing)\b))(?:{_GONE}|{_REMOVED})(?![\w-]){_STAYS}"
    rf"|this\s+(?:{_IS}){_GONE}(?![\w-]){_STAYS})"
)
_PASSIVE_AT_START = (
    rf"(?:(?:(?:this|the|our|my)\s+)?{_WHICH}{_PAPER}{_ASIDE}\s+(?:{_IS}|to\s+be\s+)?{_ADVERB}"
    rf"(?:{_GONE}{_REASON}|{_REMOVED})(?![\w-]){_STAYS})"
)
_AUXILIARY = (
    r"(?:(?:have|has|had|am|are|is|was|were|will|would|do|did|want(?:s|ed)?|wish(?:es|ed)?|like|decided?"
    r"|decides|chose|chosen|choose|prefer|need(?:s|ed)?|request(?:s|ed|ing)?|ask(?:s|ed|ing)?|agreed?"
    r"|intends?|must|should|be|been|forced|obliged|compelled|going|that|to|hereby|therefore|thus|hence"
    r"|now|also|temporarily|voluntarily|regretfully|permanently|jointly|all|both|unanimously)\s+){0,8}"
)
_OBJECT = (
    rf"(?:(?:this|the|our|my)\s+{_WHICH}{_PAPER}|it|(?={_HERE}))(?![\w-])(?!\s*['’]s\b){_STAYS}"
)
_ACTIVE = (
    r"(?:\b(?:(?:the|both|all|first|second|third|last|sole|lead|corresponding|present)\s+)*"
    rf"(?:authors?|we|i)\s+{_AUXILIARY}"
    rf"(?:withdraw(?:n|s|ing)?|withdrew|retract(?:s|ed|ing)?)\s+(?:from\s+{_HERE}\s+)?{_OBJECT}"
    rf"|\b(?:requests?|asks?|requested|asked|requesting|asking)\s+that\s+(?:this|the|our|my)\s+"
    rf"{_PAPER}\s+be\s+{_GONE}{_STAYS})"
)
_BARE = (
    rf"(?:{_ADVERB}(?:with[- ]?drawn|withdraw(?:ed|en)|retracted){_REASON}{_STAYS}"
    rf"|(?:please\s+|kindly\s+)?(?:to\s+)?(?:withdraw(?:ing)?|withdrew|retract(?:ing)?)\s+{_OBJECT}"
    r"|(?:withdraw(?:ing)?|withdrew|withdrawal|retract(?:ing|ion))\s+(?:is\s+)?"
    r"(?:due|because|owing|requested|by\s+(?:the\s+)?authors?|pending|for\s+(?:further|now|rev|mod|corr|maj))\b"
    rf"|(?:withdrawal|retraction)\s+of\s+(?:this|the|our|my)\s+{_PAPER}\b(?!\s*['’]s\b)"
    r"|request(?:ed|ing|s)?\s+(?:for\s+|a\s+|to\s+(?:be\s+)?)*withdraw(?:n|al)?"
    rf"(?:\s+(?:of\s+)?(?:this|the|our|my)\s+{_PAPER}\b)?{_REASON}{_STAYS})"
)
# Counted pages and what announces a remark.
_OPENING = (
    r"\W{0,8}(?:\d+\s+(?:pages?|pp|figures?|figs?|tables?)\b\W{1,4}(?:and\s+)?){0,6}"
    r"(?:(?:arxiv\s+)?(?:admin|author'?s?|withdrawal|important)?\s*(?:note|comment|notice|remark)?\s?[:.]\s{0,2})?"
)
_JOINT = (
    r"(?:[,;:(\[/]|[-–—]{1,3}\s|\b(?:so|hence|thus|therefore|and|consequently|accordingly)\b)\W{0,4}"
    r"(?:(?:so|hence|thus|therefore|and|consequently|accordingly|is|now|has\s+been|was|it\s+is"
    r"|please\s+note\s+that)\b\W{1,4}){0,3}"
)

_AT_START: Final = re.compile(
    rf"{_OPENING}(?:{_JOINT})?(?:{_PASSIVE}|{_PASSIVE_AT_START}|{_ACTIVE}|{_BARE}|{_REMOVED})",
    re.IGNORECASE,
)
_ANYWHERE: Final = re.compile(rf"\b(?:{_PASSIVE}|{_ACTIVE})", re.IGNORECASE)
_AT_JOINT: Final = re.compile(rf"{_JOINT}(?:{_PASSIVE_AT_START}|{_BARE})", re.IGNORECASE)

# Of which paper, or under which condition.
_OTHER_BEFORE: Final = re.compile(
    r"\b(?:of|in|from|to|within|if|when|whenever|after|before|once|unless|whether|until|than|nor|not|never"
    r"|although|though|why|where)\s*$",
    re.IGNORECASE,
)
_OTHER_PAPER: Final = re.compile(
    r"\b(?:replac(?:es|ing|ement)|supersed(?:es|ing)|subsum(?:es|ing)|extends|extending|includes"
    r"|(?:earlier|previous|prior|former|old|older|original|first|initial|another|other|companion"
    r"|related|similar|conference|journal|published|preliminary|superseded|preceding|withdrawn)"
    rf"\s+(?:arxiv\s+)?(?:one|{_PAPER})s?|predecessor|comment(?:s|ary)?\s+on|reply\s+to|response\s+to"
    r"|v\d+)\b",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"\W*(?:(?:the|a|one|some|our|all)\s+)?(?:theorem|lemma|proposition|corollary|section|claim"
    r"|conclusion|statement|figure|table|appendix|part|result|data|code|proof)s?\s*[\dA-Z.]*\W*$",
    re.IGNORECASE,
)
_SUBMITTED: Final = re.compile(
    r"\b(?:submitted|submission\s+to|accepted|rejected|under\s+review|to\s+appear|published"
    r"|presented|iclr|icml|neurips|nips|aaai|cvpr|acl|emnlp|journal|conference|workshop|openreview)\b"
    r"|\b(?:arxiv\s*:?\s*\S*\d{4}\S*|(?:math|hep-\w+|cond-mat|quant-ph|cs|gr-qc)\S*/\d{7})\W*$",
    re.IGNORECASE,
)
_TAKEN_IN: Final = re.compile(
    r"\b(?:superseded|replaced|subsumed|included|contained|absorbed|incorporated)\s+(?:by|in|into)\b"
    r"|\bmerged\s+(?:with|into)\b",
    re.IGNORECASE,
)
_RESTORED: Final = re.compile(
    r"\b(?:has\s+(?:now\s+)?been|have\s+(?:now\s+)?been|is|are|now)\s+(?:now\s+|since\s+)*"
    r"(?:corrected|fixed|restored|reinstated|repaired|resolved|resubmitted|replaced\s+with\s+a\s+correct)"
    r"|\b(?:by\s+mistake|by\s+accident|in\s+error|mistakenly|erroneously|accidentally)\b",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(r"with[- ]?dr(?:aw|ew|own)|retract|removed|deleted", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+|\n\s*\n")

MAX_SENTENCE_CHARS: Final = 1_000
"""Characters of a sentence that are looked at."""
MAX_NOTICE_CHARS: Final = 400
"""Characters of an abstract that may be nothing but such a remark."""


def is_withdrawn(comment: str | None, abstract: str | None) -> bool:
    """Return whether a paper's record says that the paper was withdrawn.

    Parameters
    ----------
    comment : str or None
        The authors' or arXiv's comment; any sentence of it counts.
    abstract : str or None
        The abstract; only the beginning of its first sentence counts, since the rest is about the
        paper's subject. Where the abstract is as short as a remark, that sentence's later clauses
        count, too.

    Examples
    --------
    >>> is_withdrawn("12 pages. This paper has been withdrawn by the author: Lemma 2 fails", None)
    True
    >>> is_withdrawn("Withdrawn from ICLR 2022", "We study why papers are withdrawn.")
    False
    """
    if comment and _TELLS.search(comment):
        sentences = [one[:MAX_SENTENCE_CHARS] for one in _SENTENCE.split(comment)]
        if any(_says(one) or _says_within(one) for one in sentences):
            return True
    if not abstract or not _TELLS.search(abstract):
        return False
    first = _SENTENCE.split(abstract, maxsplit=1)[0][:MAX_SENTENCE_CHARS]
    return _says(first) or (len(abstract) <= MAX_NOTICE_CHARS and _says_within(first))


def _says(sentence: str) -> bool:
    """Return whether a sentence begins by saying so."""
    found = _AT_START.match(sentence)
    return found is not None and not _RESTORED.search(sentence, found.end())


def _says_within(sentence: str) -> bool:
    """Return whether a later clause of a sentence says so of this paper."""
    return any(
        not _OTHER_PAPER.search(sentence[:start]) and not _RESTORED.search(sentence[end:])
        for start, end in _clauses(sentence)
    )


def _clauses(sentence: str) -> Iterator[tuple[int, int]]:
    for found in _ANYWHERE.finditer(sentence):
        if not _OTHER_BEFORE.search(sentence[: found.start()]):
            yield found.span()
    for found in _AT_JOINT.finditer(sentence):
        before = sentence[: found.start()]
        taken_in = _TAKEN_IN.search(before) and not found[0].startswith("(")
        if taken_in or not (_SUBMITTED.search(before) or _PART.match(before)):
            yield found.span()
