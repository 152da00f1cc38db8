"""What a question asks for the like of: "similar to LoRA", "alternatives to MEMIT"."""

from collections.abc import Iterator
from typing import Final

from search.understanding import things
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.things import LIST
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
_LIKE: Final = rf"{_REQUEST}(?:{_KINDS}(?:much |just |a lot )?)?like"
_LISTED: Final = rf"(?P<anchor>{{}}) {LIST}(?:(?:,| and|, and| or) {LIST})*"
_TRIGGERS: Final = frozenset(
    "akin ahnlich ahnliche alternative alternatives competitor competitors like lines manner"
    " reminiscent resemble resembles resembling rival rivals similaire similaires similar spirit"
    " style vein".split()
)


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield each thing of which a question asks for the like, and the words that say so."""
    if _TRIGGERS.isdisjoint(words.folded) or not any(
        one.sure for one in known.once(things.things, words)
    ):
        return
    line = known.once(things.line, words)
    for pattern in (*_ANCHORS, _LIKE):
        for match in line.matches(_LISTED.format(pattern)):
            start, end = line.words(match, "anchor")
            # "How do methods like LoRA forget" only gives an example.
            if pattern is _LIKE and start > 0:
                continue
            for one in line.named(match[0]):
                if one.key is not None:
                    stated = (Stated("like", one.id, False),)
                    yield Span(one.start, one.end, stated, stays=True, notes=one.notes)
            yield Span(start, end, ())
            return
