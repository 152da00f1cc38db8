"""Cards are predicted for papers that nobody read, and only where that is sure enough."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.cards.predicting import SOURCE, predict_cards
from ingest.cards.predictor import MIN_CONFIDENCE
from ingest.embedding import embed_missing
from kg.cards.card import Access, Card, Data, Kind, Modality, Training, WrittenFrom
from kg.records import Paper
from kg.store.catalogue import Catalogue
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all

SURVEY = "We review the literature, compare categories, open challenges and future directions."
METHOD = "We propose adapters, a few parameters trained on labelled examples of images."


def survey(number: int, **facts: object) -> Paper:
    return paper(number, title=f"A review, volume {number}", abstract=SURVEY, **facts)


def method(number: int, **facts: object) -> Paper:
    return paper(number, title=f"Adapters, part {number}", abstract=METHOD, **facts)


METHOD_CARD = card(
    data=Data.LABELED,
    access=Access.WHITE_BOX,
    training=Training.LIGHT,
    modality=(Modality.VISION,),
)
SURVEY_CARD = card(
    kind=Kind.SURVEY, data=None, access=None, training=None, modality=(), introduces=()
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An atlas with 120 cards that somebody wrote."""
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        read = [(survey if number % 3 else method)(number) for number in range(120)]
        put_all(opened, *read)
        with opened.writing():
            for number, one in enumerate(read):
                made = SURVEY_CARD if number % 3 else METHOD_CARD
                opened.cards.put(one.id, made, "snapshot")
        embed_missing(opened, HashedWords())
        yield opened


def predict(catalogue: Catalogue) -> int:
    embed_missing(catalogue, HashedWords())
    return predict_cards(catalogue, HashedWords.model)


def card_of(catalogue: Catalogue, one: Paper) -> Card | None:
    key = catalogue.identifiers.key(one.id)
    return catalogue.cards.get([key]).get(key)


def test_a_paper_with_an_abstract_gets_what_its_like_have(catalogue: Catalogue) -> None:
    put_all(catalogue, method(900), survey(901))
    assert predict(catalogue) == 2
    made = card_of(catalogue, method(900))
    assert made is not None
    assert (made.kind, made.data, made.by) == (Kind.METHOD, Data.LABELED, WrittenFrom.MODEL)
    assert (made.access, made.training) == (Access.WHITE_BOX, Training.LIGHT)
    assert made.modality == (Modality.VISION,)
    assert made.summary is None
    assert dict(made.confidence).keys() == MIN_CONFIDENCE.keys()
    assert all(sure >= MIN_CONFIDENCE[name] for name, sure in made.confidence)
    other = card_of(catalogue, survey(901))
    assert other is not None
    assert (other.kind, other.data, other.access) == (Kind.SURVEY, None, None)
    assert [name for name, _ in other.confidence] == ["kind"]
    key = catalogue.identifiers.key(method(900).id)
    assert catalogue.cards.sources([key]) == {key: SOURCE}


def test_cards_that_somebody_wrote_stay(catalogue: Catalogue) -> None:
    before = catalogue.cards.all()
    put_all(catalogue, method(900))
    predict(catalogue)
    assert {key: one for key, one in catalogue.cards.all().items() if key in before} == before


def test_a_title_alone_gets_nothing_until_its_abstract_comes(catalogue: Catalogue) -> None:
    put_all(catalogue, method(900))
    alone = replace(method(901), abstract=None)
    put_all(catalogue, alone)
    assert predict(catalogue) == 1
    assert card_of(catalogue, alone) is None
    put_all(catalogue, method(901))
    assert predict(catalogue) == 1
    assert card_of(catalogue, alone) is not None


def test_a_card_by_title_keeps_what_was_read(catalogue: Catalogue) -> None:
    one = survey(900)
    read = Card(Kind.METHOD, introduces=("Review",), by=WrittenFrom.TITLE)
    put_all(catalogue, method(901), replace(one, abstract=None))
    catalogue.cards.put(one.id, read, "own.jsonl")
    predict(catalogue)
    assert card_of(catalogue, one) == read
    other = method(902)
    put_all(catalogue, other)
    catalogue.cards.put(other.id, read, "own.jsonl")
    predict(catalogue)
    made = card_of(catalogue, other)
    assert made is not None
    assert (made.kind, made.introduces, made.by) == (Kind.METHOD, ("Review",), WrittenFrom.TITLE)
    assert made.training is Training.LIGHT
    assert "kind" not in dict(made.confidence)
    key = catalogue.identifiers.key(other.id)
    assert catalogue.cards.sources([key]) == {key: "own.jsonl"}


def test_nothing_is_computed_where_nothing_changed(catalogue: Catalogue) -> None:
    put_all(catalogue, method(900))
    predict(catalogue)
    revision = catalogue.revision
    assert predict(catalogue) == 0
    assert catalogue.revision == revision


def test_a_changed_abstract_or_another_card_is_predicted_from_anew(catalogue: Catalogue) -> None:
    one = method(900)
    put_all(catalogue, one)
    predict(catalogue)
    put_all(catalogue, replace(one, abstract=SURVEY, title="A review"))
    assert predict(catalogue) == 1
    made = card_of(catalogue, one)
    assert made is not None
    assert made.kind is Kind.SURVEY
    # A user's card by title takes the place of the prediction, and is completed again.
    read = Card(Kind.SURVEY, by=WrittenFrom.TITLE)
    catalogue.cards.put(one.id, read, "own.jsonl")
    predict(catalogue)
    found = card_of(catalogue, one)
    assert found is not None
    assert (found.kind, found.by) == (Kind.SURVEY, WrittenFrom.TITLE)


def test_the_same_atlas_gives_the_same_cards(catalogue: Catalogue) -> None:
    put_all(catalogue, method(900), survey(901))
    predict(catalogue)
    first = catalogue.cards.all()
    for one in (method(900), survey(901)):
        catalogue.cards.remove(one.id)
    predict(catalogue)
    assert catalogue.cards.all() == first


def test_an_atlas_with_few_cards_predicts_nothing(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "few.sqlite") as catalogue:
        put_all(catalogue, method(1), method(2))
        catalogue.cards.put(method(1).id, METHOD_CARD, "snapshot")
        assert predict(catalogue) == 0
        assert catalogue.cards.count() == 1


def test_a_prediction_that_is_sure_no_more_is_taken_back(catalogue: Catalogue) -> None:
    put_all(catalogue, method(900), paper(901, title="Of", abstract="Zebra quokka."))
    with catalogue.writing():
        catalogue.cards.put(paper(901).id, Card(Kind.POSITION, by=WrittenFrom.MODEL), SOURCE)
    predict(catalogue)
    made = card_of(catalogue, paper(901))
    assert made is None or made.kind is not Kind.POSITION
