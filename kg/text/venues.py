"""Canonical names of venues: NIPS, Nips, "NeurIPS 2023" and its full name are all NeurIPS."""

import re
from functools import lru_cache
from typing import Final

_SPELLED: Final = (
    "AAAI ACCV ACL AISTATS AAMAS BMVC CHI CIKM COLING COLM COLT CoNLL CoRL CVPR CVPRW EACL ECAI"
    " ECCV ECCVW ECIR ECML EMNLP FAccT ICASSP ICCV ICCVW ICDE ICDM ICLR ICME ICML ICMLW ICPR ICRA"
    " ICSE IJCAI IJCNN IJCNLP Interspeech IROS ISMIR JMLR KDD LREC MICCAI MIDL MLSys NAACL NeurIPS"
    " PAKDD PKDD RecSys SemEval SIGGRAPH SIGIR SIGMOD TACL TKDE TMLR TPAMI UAI USENIX VLDB WACV"
    " WMT WSDM WWW PMLR TMM TCSVT TNNLS TASLP IJCV"
)
ACRONYMS: Final = {
    **{name.casefold(): name for name in _SPELLED.split()},
    **{"nips": "NeurIPS", "neuripsw": "NeurIPS Workshop", "nipsw": "NeurIPS Workshop"},
    **{"sigkdd": "KDD", "pami": "TPAMI", "acmmm": "ACM MM", "acm-mm": "ACM MM"},
    **{"lrec-coling": "LREC-COLING", "emnlp-ijcnlp": "EMNLP-IJCNLP", "acl-ijcnlp": "ACL-IJCNLP"},
    **{"workshop": "Workshop", "workshops": "Workshop", "findings": "Findings"},
}
"""Canonical spelling of each acronym and word of venues, by its lower-case form."""

_FULL_NAMES: Final = {
    "neural information processing systems": "NeurIPS",
    "conference on learning representations": "ICLR",
    "conference on machine learning": "ICML",
    "conference on computer vision and pattern recognition": "CVPR",
    "conference on empirical methods in natural language processing": "EMNLP",
    "conference on artificial intelligence and statistics": "AISTATS",
    "uncertainty in artificial intelligence": "UAI",
    "conference on knowledge discovery and data mining": "KDD",
    "conference on language modeling": "COLM",
    "transactions on machine learning research": "TMLR",
    "journal of machine learning research": "JMLR",
    "association for computational linguistics": "ACL",
    "transactions of the association for computational linguistics": "TACL",
    "north american chapter of the association for computational linguistics": "NAACL",
    "european chapter of the association for computational linguistics": "EACL",
    "european conference on computer vision": "ECCV",
    "international conference on computer vision": "ICCV",
    "winter conference on applications of computer vision": "WACV",
    "aaai conference on artificial intelligence": "AAAI",
    "international joint conference on artificial intelligence": "IJCAI",
    "conference on robot learning": "CoRL",
    "transactions on pattern analysis and machine intelligence": "TPAMI",
}
# Words before a full name: "Proceedings of the 37th International Conference on ...".
_PREFIX = (
    r"(?:(?:in|advances|proceedings|proc\.?|of|the|on|for|annual|international|ieee(?:/cvf)?|acm"
    r"|sigkdd|conference|meeting|\d+(?:st|nd|rd|th)|[a-z-]*(?:first|second|third|[a-z]th))\s+){0,10}?"
)
# Compiled where first used, as no question needs them: it takes longer than a cold answer may.
_FULL = (
    rf"(?i){_PREFIX}(?P<name>{'|'.join(sorted(_FULL_NAMES, key=len, reverse=True))})"
    r"(?:\s+\d{1,3})?(?:\s*\([^()]{0,30}\))?[\s,.]*"
)
_NUMBER = r"(?<!\d)(?:(?:19|20)\d\d|['’]\s?\d\d)(?!\d)"
_YEAR = rf"\s*\(\s*{_NUMBER}\s*\)|[\s,_:–-]*{_NUMBER}"
_NAMED = "(?i)" + "|".join(sorted(_FULL_NAMES, key=len, reverse=True))
_FINDINGS = (
    r"Findings\s+(?:of\s+)?(?:the\s+)?(?:(?:ACL|Association for Computational Linguistics):\s+)?"
    r"(\S+)"
)
_MULTIMEDIA = frozenset({"acm mm", "acm multimedia", "acm international conference on multimedia"})
_KINDS = frozenset({None, "Workshop", "Findings"})
_EDGE = "()[],;:.@"
MAX_VENUE_WORDS: Final = 12
"""Longest venue in which acronyms are replaced, in words; more are a sentence."""
MAX_VENUE_CHARS: Final = 300
"""Longest venue that is changed, in characters."""


@lru_cache(maxsize=4096)
def canonical_venue(venue: str) -> str:
    """Return the canonical name of a venue, without its year.

    Unknown venues stay as they are written.

    Examples
    --------
    >>> [canonical_venue(name) for name in ("NIPS", "Neurips 2023", "ICLR'24", "Findings of EMNLP")]
    ['NeurIPS', 'NeurIPS', 'ICLR', 'EMNLP Findings']
    >>> canonical_venue("Proceedings of the 37th International Conference on Machine Learning")
    'ICML'
    >>> canonical_venue("Journal of Ants 7 (2023) 6-17")
    'Journal of Ants 7 (2023) 6-17'
    """
    if len(venue) > MAX_VENUE_CHARS:
        return venue
    bare = " ".join(re.sub(_YEAR, " ", venue).split())
    if full := re.fullmatch(_FULL, bare):
        return _FULL_NAMES[full["name"].casefold()]
    if bare.casefold() in _MULTIMEDIA:
        return "ACM MM"
    words = bare.split()
    spelled = [_spelled(word) for word in words]
    if len(words) > MAX_VENUE_WORDS or not set(spelled) - _KINDS:
        return venue
    canonical = " ".join(new or old for new, old in zip(spelled, words, strict=True))
    found = re.fullmatch(_FINDINGS, canonical)
    return f"{found[1]} Findings" if found else canonical


def with_acronyms(venue: str) -> str:
    """Return a venue with the acronyms of the full names in it, so that either finds it.

    Examples
    --------
    >>> with_acronyms("Proc. of the Association for Computational Linguistics (Volume 1)")[-4:]
    ' ACL'
    """
    found = dict.fromkeys(_FULL_NAMES[name[0].casefold()] for name in re.finditer(_NAMED, venue))
    return " ".join((venue, *found))


def full_names(text: str) -> list[tuple[int, int, str]]:
    """Return the full names of venues in a text: where they begin and end, and their acronyms."""
    return [
        (name.start(), name.end(), _FULL_NAMES[name[0].casefold()])
        for name in re.finditer(_NAMED, text)
    ]


def _spelled(word: str) -> str | None:
    """Return a word with its acronym in the canonical spelling, or None where it has none."""
    bare = word.strip(_EDGE)
    spelled = ACRONYMS.get(bare.casefold())
    return word.replace(bare, spelled) if spelled else None
