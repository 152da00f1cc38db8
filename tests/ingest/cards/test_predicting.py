"""Cards are predicted for papers that nobody read, and only where that is sure enough."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.cards import predicting
from ingest.cards.predicting import SOURCE, predict_cards, take_as_predicted
from ingest.cards.predictor import MIN_CONFIDENCE, CardPredictor, CardTexts
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


# -- what is new is predicted, and no more -----------------------------------------------------


@pytest.fixture
def predicted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the papers that were predicted, in order."""
    titles: list[str] = []
    own = CardPredictor.predict

    def predict(self: CardPredictor, texts: CardTexts) -> list[dict[str, tuple[str, float]]]:
        titles.extend(texts.titles)
        return own(self, texts)

    monkeypatch.setattr(CardPredictor, "predict", predict)
    return titles


def test_only_a_new_or_changed_paper_is_predicted(
    catalogue: Catalogue, predicted: list[str]
) -> None:
    put_all(catalogue, method(900), survey(901))
    predict(catalogue)
    assert predicted == [method(900).title, survey(901).title]
    predicted.clear()
    put_all(catalogue, method(902), survey(901, venue="A venue"))
    assert predict(catalogue) == 1
    assert predicted == [survey(901).title, method(902).title]


def test_where_nothing_changed_no_card_is_read(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(catalogue, method(900))
    predict(catalogue)
    monkeypatch.setattr(predicting, "_last_read", None)
    assert predict(catalogue) == 0


def test_another_card_to_learn_from_has_all_predicted_anew(
    catalogue: Catalogue, predicted: list[str]
) -> None:
    put_all(catalogue, method(900), survey(901))
    predict(catalogue)
    predicted.clear()
    catalogue.cards.put(method(0).id, replace(METHOD_CARD, training=Training.NONE), "own.jsonl")
    predict(catalogue)
    assert predicted == [method(900).title, survey(901).title]


def test_a_vector_that_is_another_has_its_paper_predicted(
    catalogue: Catalogue, predicted: list[str]
) -> None:
    put_all(catalogue, method(900), method(901))
    predict(catalogue)
    predicted.clear()
    catalogue.vectors.remove(catalogue.identifiers.key(method(901).id))
    predict(catalogue)
    assert predicted == [method(901).title]


def test_a_run_that_was_killed_goes_on(
    catalogue: Catalogue, predicted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = [method(900 + number) for number in range(6)]
    put_all(catalogue, *new)
    monkeypatch.setattr(predicting, "_PIECE", 2)
    own = CardPredictor.predict

    def killed(self: CardPredictor, texts: CardTexts) -> object:
        if len(predicted) == 4:
            raise KeyboardInterrupt
        return own(self, texts)

    with monkeypatch.context() as patch:
        patch.setattr(CardPredictor, "predict", killed)
        with pytest.raises(KeyboardInterrupt):
            predict(catalogue)
    assert predicted == [one.title for one in new[:4]]
    # What changes meanwhile is predicted as well, whether it was before or not.
    put_all(catalogue, survey(900), method(910))
    predicted.clear()
    assert predict(catalogue) == 4
    assert predicted == [survey(900).title, *(one.title for one in new[4:]), method(910).title]
    predicted.clear()
    assert predict(catalogue) == 0
    assert predicted == []


def test_what_others_write_during_a_run_is_predicted_by_the_next(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(catalogue, method(900), method(901))
    own = CardPredictor.predict

    def beside(self: CardPredictor, texts: CardTexts) -> object:
        with Catalogue(catalogue.path) as other:
            put_all(other, method(902))
        return own(self, texts)

    with monkeypatch.context() as patch:
        patch.setattr(CardPredictor, "predict", beside)
        assert predict(catalogue) == 2
    assert predict(catalogue) == 1
    assert card_of(catalogue, method(902)) is not None


def test_what_is_taken_as_predicted_is_not_predicted(
    catalogue: Catalogue, predicted: list[str]
) -> None:
    put_all(catalogue, method(900))
    embed_missing(catalogue, HashedWords())
    take_as_predicted(catalogue, HashedWords.model)
    assert predict(catalogue) == 0
    assert predicted == []


# -- the predictor is kept ---------------------------------------------------------------------


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many papers each training learnt from."""
    counts: list[int] = []
    own = CardPredictor.trained

    def train(texts: CardTexts, cards: Sequence[Card]) -> CardPredictor:
        counts.append(len(cards))
        return own(texts, cards)

    monkeypatch.setattr(CardPredictor, "trained", train)
    return counts


def add_and_predict(catalogue: Catalogue, number: int, cache: Path) -> Card | None:
    put_all(catalogue, method(number))
    embed_missing(catalogue, HashedWords())
    predict_cards(catalogue, HashedWords.model, cache)
    return card_of(catalogue, method(number))


def test_papers_without_a_card_train_nothing_anew(
    catalogue: Catalogue, tmp_path: Path, trained: list[int]
) -> None:
    first = add_and_predict(catalogue, 900, tmp_path / "cache")
    assert first is not None
    assert add_and_predict(catalogue, 901, tmp_path / "cache") == first
    assert trained == [120]
    put_all(catalogue, survey(902))
    catalogue.cards.put(survey(902).id, SURVEY_CARD, "own.jsonl")
    add_and_predict(catalogue, 903, tmp_path / "cache")
    assert trained == [120, 121]


@pytest.mark.parametrize("damage", ["cut", "another byte", "no file of arrays", "empty", "folder"])
def test_a_damaged_predictor_is_trained_again(
    catalogue: Catalogue, tmp_path: Path, trained: list[int], damage: str
) -> None:
    first = add_and_predict(catalogue, 900, tmp_path)
    path = tmp_path / "card-predictor.npz"
    data = bytearray(path.read_bytes())
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        data[len(data) // 2] ^= 1
        damaged = {"cut": data[:-100], "another byte": data, "empty": b""}
        path.write_bytes(damaged.get(damage, b"no array"))
    assert add_and_predict(catalogue, 901, tmp_path) == first
    assert trained == [120, 120]


def test_a_folder_that_cannot_be_written_costs_no_card(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert add_and_predict(catalogue, 900, tmp_path / "file") is not None


def test_what_was_learnt_without_a_damaged_vector_is_not_kept(
    catalogue: Catalogue, tmp_path: Path, trained: list[int]
) -> None:
    key = catalogue.identifiers.key(method(0).id)
    sql = "UPDATE vectors SET checksum = checksum + 1 WHERE paper = ?"
    catalogue.database.execute(sql, (key,))
    add_and_predict(catalogue, 900, tmp_path)
    assert trained == [119]
    assert not (tmp_path / "card-predictor.npz").exists()
