"""Methods, benchmarks and models that a question names: "does MEMIT scale", "PEFT with LoRA"."""

from collections.abc import Iterator

from kg.entities.entity import EntityType
from search.understanding import names, topics
from search.understanding.known import Known
from search.understanding.names import Mention
from search.understanding.reading import Span, Stated
from search.understanding.words import Words


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the entities that a question names; papers on them are preferred."""
    for one in known.once(names.mentions, words):
        if one.sure and not topics.is_rather_topic(known.atlas, one.text):
            stated = (Stated("about", one.ids[0], False),)
            yield Span(
                one.start,
                _with_kind(words, one),
                stated,
                filters={"about": one.ids[0]},
                stays=True,
                # A phrase of ordinary words is as well a topic's.
                sure=0.8 if one.text.islower() and " " in one.text else 0.9,
                notes=tuple(names.note(one)),
            )


def _with_kind(words: Words, one: Mention) -> int:
    """Return the end of a name, with the word behind it that says what bears it."""
    after = words.folded[one.end] if one.end < len(words.all) else ""
    benchmark = one.ids[0].startswith(f"{EntityType.BENCHMARK}/")
    return one.end + (benchmark and after in ("benchmark", "dataset"))
