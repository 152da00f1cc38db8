"""Methods, benchmarks and models that a question names: "does MEMIT scale", "PEFT with LoRA"."""

from collections.abc import Iterator

from search.understanding import names
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.words import Words


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the entities that a question names; papers on them are preferred."""
    for one in known.once(names.mentions, words):
        if one.sure:
            stated = (Stated("about", one.ids[0], False),)
            yield Span(
                one.start,
                one.end,
                stated,
                filters={"about": one.ids[0]},
                stays=True,
                # A phrase of ordinary words is as well a topic's.
                sure=0.8 if one.text.islower() and " " in one.text else 0.9,
                notes=tuple(names.note(one)),
            )
