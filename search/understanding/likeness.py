"""What a question asks for the like of: "similar to LoRA", "alternatives to MEMIT"."""

from collections.abc import Iterator
from typing import Final

from search.understanding import things, triggers
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.things import LIST, Thing
from search.understanding.words import Words

_KINDS: Final = (
    r"(?:(?:papers?|methods?|approach(?:es)?|techniques?|algorithms?|works?|research|ideas?"
    r"|something|anything|articles?|studies|variants) )"
)
_REQUEST: Final = (
    r"(?:(?:find|show|give|get|list|suggest|recommend|search|i|want|need|looking|for|me|us|are|is"
    r"|there|what|which|some|any|other|more|the|that|recent|new|good) )*"
)
_ANCHORS: Final = (
    rf"{_REQUEST}{_KINDS}*(?:(?:that|which) (?:is|are) )?(?:most |very )?(?:similar|akin|ahnlich"
    r"|ahnliche|similaire|similaires) to",
    rf"{_REQUEST}{_KINDS}*(?:in|along) the (?:spirit|style|vein|manner|lines) of",
    rf"{_REQUEST}(?:alternatives?|competitors?|rivals?) (?:to|of|for)",
    rf"{_REQUEST}{_KINDS}(?:that |which )?(?:resembl(?:e|es|ing)|reminiscent of)",
)
_LIKE: Final = rf"(?!i ){_REQUEST}(?:{_KINDS}(?:much |just |a lot )?)?like"
_LISTED: Final = rf"(?P<anchor>{{}}) {LIST}(?:(?:,| and|, and| or) {LIST})*"
_BEHIND: Final = rf"{LIST} (?P<anchor>(?:alternatives|competitors|rivals))"
_SUFFIX: Final = "-like"


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield each thing of which a question asks for the like, and the words that say so."""
    ends = [at + 1 for at, word in enumerate(words.folded) if word.endswith(_SUFFIX)]
    if triggers.LIKENESS.isdisjoint(words.folded) and not ends:
        return
    named = known.once(things.things, words)
    if not any(one.sure and one.key is not None for one in named):
        return
    yield from (_alike(one) for one in named if one.end in ends and one.key is not None)
    line = known.once(things.line, words)
    for pattern in (*_ANCHORS, _LIKE, _BEHIND):
        whole = pattern if pattern is _BEHIND else _LISTED.format(pattern)
        for match in line.matches(whole):
            start, end = line.words(match, "anchor")
            # "How do methods like LoRA forget" only gives an example.
            if pattern is _LIKE and start > 0:
                continue
            yield from (_alike(one) for one in line.named(match[0]) if one.key is not None)
            yield Span(start, end, ())


def _alike(one: Thing) -> Span:
    return Span(one.start, one.end, (Stated("like", one.id, False),), stays=True, notes=one.notes)
