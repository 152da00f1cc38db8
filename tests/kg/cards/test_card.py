"""What is a card, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.cards.card import (
    CHOICES,
    FIELDS,
    Access,
    Card,
    Kind,
    Modality,
    Training,
    WrittenFrom,
    card_of,
    fitting,
    read_part,
    record_of,
    stored_card,
)
from tests.support.factories import card, predicted_card

WORDS = st.text("abcdefg ", min_size=1).map(lambda text: " ".join(text.split()) or "a")
NAMES = st.lists(WORDS, max_size=3, unique=True).map(tuple)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Any card that a person may write from an abstract."""
    made = Card(
        kind=draw(st.sampled_from(Kind)),
        also_kind=tuple(draw(st.lists(st.sampled_from(Kind), max_size=2, unique=True))),
        summary=" ".join(draw(st.lists(st.just("word"), min_size=12, max_size=45))),
        problem=draw(st.none() | st.just("a difficulty")),
        introduces=draw(NAMES),
        models=draw(NAMES),
        data=draw(st.none() | st.sampled_from(CHOICES["data"])),
        access=draw(st.none() | st.sampled_from(Access)),
        training=draw(st.none() | st.sampled_from(Training)),
        modality=tuple(draw(st.lists(st.sampled_from(Modality), max_size=3, unique=True))),
        by=draw(st.sampled_from((WrittenFrom.ABSTRACT, WrittenFrom.CUT))),
    )
    return fitting(made)


@given(cards())
def test_a_card_is_read_as_it_was_written(made: Card) -> None:
    record = record_of(made)
    assert card_of(record) == stored_card(record) == made
    assert list(record) == [name for name in FIELDS if name in record]


def test_predicted_fields_are_stored_with_their_confidence() -> None:
    record = record_of(predicted_card())
    assert record["confidence"] == {"kind": 0.91, "data": 0.83}
    assert stored_card(record) == predicted_card()


def test_what_was_read_is_what_was_not_predicted() -> None:
    assert read_part(predicted_card()) is None
    title = Card(Kind.METHOD, introduces=("AddUp",), by=WrittenFrom.TITLE)
    more = Card(
        Kind.METHOD,
        introduces=("AddUp",),
        training=Training.LIGHT,
        modality=(Modality.TEXT,),
        by=WrittenFrom.TITLE,
        confidence=(("training", 0.8), ("modality", 0.9)),
    )
    assert read_part(more) == title
    assert read_part(card()) == card()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"topic": "x"}, "'topic' is no field of a card"),
    "an unknown value": ({"data": "lots"}, "data cannot be 'lots': known are labeled"),
    "an unknown modality": ({"modality": ["smell"]}, "modality cannot be 'smell'"),
    "no list": ({"models": "T5"}, "models must be a list of texts, not 'T5'"),
    "an empty list": ({"models": []}, "models must be a list"),
    "a number": ({"problem": 7}, "problem must be a text, not 7"),
    "an empty text": ({"problem": " "}, "problem must be a text"),
    "odd spaces": ({"problem": "two  spaces"}, "odd spaces"),
    "a short summary": ({"summary": "Too short."}, "the summary has 2 words, not 12 to 45"),
    "a long summary": ({"summary": "word " * 45 + "word"}, "the summary has 46 words"),
    "a long problem": ({"problem": "word " * 12 + "word"}, "the problem has 13 words, 12 at most"),
    "access of a survey": ({"kind": "survey"}, "a survey has no access"),
    "training of a system": ({"kind": "system"}, "a system has no training"),
    "a title with a summary": ({"by": "title"}, "a card by title has kind and names only"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_card_is_refused_with_the_reason(what: str) -> None:
    changed, message = REFUSED[what]
    with pytest.raises(ValueError, match=message):
        card_of({**record_of(card()), **changed})


@pytest.mark.parametrize("name", ["kind", "by", "summary"])
def test_a_card_has_a_kind_a_source_and_a_summary(name: str) -> None:
    record = record_of(card())
    del record[name]
    with pytest.raises(ValueError, match=f"there is no {name}"):
        card_of(record)


@pytest.mark.parametrize(
    "confidence", [[], {"summary": 0.5}, {"kind": 2}, {"kind": "sure"}, {"training": 0.5}]
)
def test_a_stored_confidence_is_of_a_field_that_there_is(confidence: object) -> None:
    record = {**record_of(predicted_card()), "confidence": confidence}
    with pytest.raises(ValueError, match="confidence"):
        stored_card(record)
