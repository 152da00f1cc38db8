"""Questions for papers with code: "with code", "open source implementation", "code on GitHub"."""

from collections.abc import Iterator
from typing import Final

from search.understanding.known import Known
from search.understanding.phrases import FUNCTION_WORDS, Phrase, in_title, matches, negated
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_KIND: Final = (
    r"(?:open[- ]sourced?|official|public|reference|pytorch|jax|tensorflow|available|github"
    r"|python)"
)
_PHRASES: Final = (
    Phrase(
        "code",
        "yes",
        ("code",),
        r"(?:and |that )?(?:with|has|have|having|including|includes?|releas(?:es?|ed|ing)"
        r"|provid(?:es?|ing)|publish(?:es|ed)?|shar(?:es?|ed|ing))"
        r"(?: (?:the|their|its|some|a|publicly|available|public|open|open-source|official|released"
        r"|source|working))* code(?: (?:available|released|online|base))?",
        FUNCTION_WORDS,
    ),
    Phrase(
        "code",
        "yes",
        ("code ",),
        r"(?:(?:and|where|whose|with|if|the|source) )*code (?:(?:is|was|are|publicly|freely|openly)"
        r" )*(?:available|released|online|provided|published|open|(?:on|at) \w*(?:hub|lab))"
        r"(?: on \w*(?:hub|lab))?",
    ),
    Phrase(
        "code",
        "yes",
        ("github",),
        r"(?:with|having|has|a|on|and)(?: a| an| its)* github(?: repo\w*)?|github(?: repo\w*)?$",
    ),
    Phrase(
        "code",
        "yes",
        ("implementation", "code", "repo"),
        rf"{_KIND} (?:code|implementations?|repo(?:s|sitory|sitories)?)",
        FUNCTION_WORDS | {"of"},
    ),
    Phrase(
        "code",
        "yes",
        ("open",),
        r"(?:(?:that|which|and) )?(?:is|are) open[- ]sourced?",
        FUNCTION_WORDS,
    ),
    Phrase("code", "yes", ("papers",), r"open[- ]source papers|papers (?:with|and) code"),
    Phrase(
        "code",
        "yes",
        ("mit ", "avec", "co", "代码"),
        r"mit (?:quell)?code|avec (?:(?:le|du) )?code|co[nm] (?:o )?codigo|con codice"
        r"|带代码|有代码|开源代码|代码",
    ),
)
_IMPLEMENTATION: Final = (
    Phrase(
        "code",
        "yes",
        ("implementation", "code for"),
        r"implementations?(?: (?:of|for))?|(?:source )?code for",
    ),
)
_DONE_WITH_CODE: Final = frozenset(
    "reasoning thinking pretraining pre-training training programming acting planning solving"
    " agents learning work working".split()
)
"""What is done with code rather than published with it."""
_BEFORE_IMPLEMENTATION: Final = frozenset(
    "a an any are can find give good i is know me need of official public reference reproducible"
    " show source the there want where with working you".split()
)


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield where a question asks for code."""
    for start, end, _phrase in matches(words, _PHRASES):
        done = words.folded[start] == "with" and start and words.folded[start - 1]
        if done not in _DONE_WITH_CODE and not negated(words, start):
            yield _asked(start, end + (words.folded[end : end + 1] == ("of",)))
    for start, end, _phrase in matches(words, _IMPLEMENTATION):
        # At the beginning or the end, where it is what is asked for.
        first = _BEFORE_IMPLEMENTATION.issuperset(words.folded[:start])
        if in_title(words, end):
            continue
        last = end == start + 1 == len(words.folded) and words.all[start].text.islower()
        if (first and end > start + 1) or last:
            yield _asked(start, end)


def _asked(start: int, end: int) -> Span:
    return Span(start, end, (Stated("code", "yes", True),), filters={"code": True})
