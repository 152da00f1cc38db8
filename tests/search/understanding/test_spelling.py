"""Typing errors: what is mended, what is left alone, and what is read in mended words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.understanding.reading import Reading
from search.understanding.spelling import distance
from search.understanding.understand import understand
from tests.support.embedders import HashedWords
from tests.support.entities import entity
from tests.support.factories import paper, put_all

_TITLE = "Catastrophic forgetting in continual finetuning, merging and retrieval: an approach"
_ABSTRACT = (
    "Speech recognition models are tuned and optimised for accuracy, privacy and modality of a task"
    " by distillations."
)
_RARE = "A stranger counts trained chefs in Zwolle"


class Bert(HashedWords):
    """Its vocabulary has a word of English that no paper has."""

    def knows(self, word: str) -> bool:
        return word in {"court", "unmerge"}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Forty papers of the same words, and one with rare ones."""
    settings = Settings(tmp_path_factory.mktemp("spelling"))
    with Catalogue(settings.catalogue) as catalogue:
        same = (paper(n, title=f"{_TITLE} {n}", abstract=_ABSTRACT) for n in range(2, 42))
        put_all(
            catalogue,
            *same,
            paper(1, title=_RARE, authors=("Ada Mergin",), abstract="Counted.", venue="ICLR"),
        )
        catalogue.entities.put_all([entity("method/approch", "Approch")])
        with Library(settings, Bert()) as opened:
            yield opened


def typos(reading: Reading) -> dict[str, str]:
    """Return the words with errors -> what they should be."""
    found = {}
    for span in reading.spans:
        for one in span.stated:
            if one.filter == "typo":
                assert not one.hard
                found[span.words] = one.value
    return found


@pytest.mark.parametrize(
    ("question", "mended"),
    [
        ("catastropic models", {"catastropic": "catastrophic"}),
        ("catastropic forgeting", {"catastropic": "catastrophic", "forgeting": "forgetting"}),
        ("Catastrphic models", {"Catastrphic": "Catastrophic"}),
        ("continual finetunning?", {"finetunning": "finetuning"}),
        ("models of speach, recogniton", {"speach": "speech", "recogniton": "recognition"}),
        ("mergign models", {"mergign": "merging"}),
        ("retreival models", {"retreival": "retrieval"}),
        ("accurracy of models", {"accurracy": "accuracy"}),
        ("privcay and mdoality", {"privcay": "privacy", "mdoality": "modality"}),
        ("continual-mergign models", {"continual-mergign": "continual-merging"}),
        ("catastrophci", {"catastrophci": "catastrophic"}),
        ("aproach", {"aproach": "approach"}),
        ("distilations of models", {"distilations": "distillations"}),
        ("taks of speech", {"taks": "task"}),
        ("catastrofic models", {"catastrofic": "catastrophic"}),
        ("katastrophik models", {"katastrophik": "catastrophic"}),
        ("privacy of kontinual models", {"kontinual": "continual"}),
        ("optymised models", {"optymised": "optimised"}),
    ],
)
def test_a_typing_error_is_mended_and_told(
    atlas: Library, question: str, mended: dict[str, str]
) -> None:
    reading = understand(atlas, question)
    assert typos(reading) == mended
    wanted = question
    for word, better in mended.items():
        wanted = wanted.replace(word, better)
    assert reading.text == wanted


@pytest.mark.parametrize(
    "question",
    [
        "stranger counts of models",  # of one paper
        "chefs in zwolle",
        "Taks of models",
        "modèles pour la speach et les recogniton",
        "aproach recogniton speach mergign catastropic privcay mdoality",
        "papers of mergin",  # an author
        "approch to models",  # a method
        "court of models",  # English, one letter from "count"
        "unmerges models",
        "SPEACH models",
        "SpeACH models",
        "speach2 models",
        "acuraci models",
        "merg models",
        "2203.05482 models",
        "frühstück models",
        "cactus models",
        "merging forgetting trained tuned counted",
        "forgets optimises retrieve",
    ],
)
def test_what_the_atlas_or_english_knows_is_left_alone(atlas: Library, question: str) -> None:
    assert typos(understand(atlas, question)) == (
        {} if "spech" not in question else {"spech": "speech"}
    )


def test_conditions_are_read_in_mended_words_and_shown_as_written(atlas: Library) -> None:
    reading = understand(atlas, "continaul  merging at iclr, recogniton of speach 2021")
    written = [span.words for span in reading.spans if not span.stays]
    assert written == ["continaul", "at iclr", "recogniton", "speach", "2021"]
    assert reading.text == "continual merging recognition of speech"


def test_the_literal_reading_is_one_step_away(atlas: Library) -> None:
    question = "catastropic forgeting"
    reading = understand(atlas, question, frozenset({"typo:catastrophic"}))
    assert (typos(reading), reading.text) == (
        {"forgeting": "forgetting"},
        "catastropic forgetting",
    )
    assert [span.words for span in reading.set_aside] == ["catastropic"]
    assert atlas.ask(question, literal=True).understood == ()
    found = atlas.ask(question)
    assert [one.words for one in found.understood] == question.split()
    assert found.text == "catastrophic forgetting"


def test_what_a_word_is_mended_to_is_kept_until_the_papers_change(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n, title=f"Modality {n}") for n in range(40)))
        with Library(settings, Bert()) as opened:
            assert typos(understand(opened, "mdoality of models")) == {"mdoality": "modality"}
            assert typos(understand(opened, "mdoality of models")) == {"mdoality": "modality"}
            put_all(opened.catalogue, paper(41, title="Mdoality of models"))
            assert typos(understand(opened, "mdoality of models")) == {}


@pytest.mark.parametrize(
    ("one", "other"), [("speach", "speech"), ("abcdef", "badcfe"), ("ab", "xy")]
)
@pytest.mark.parametrize("any_end", [True, False])
def test_a_distance_is_cut_off_above_the_most(one: str, other: str, any_end: bool) -> None:
    whole = distance(one, other, any_end)
    for most in range(4):
        assert min(distance(one, other, any_end, most), most + 1) == min(whole, most + 1)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("merge", "merge", 0),
        ("merge", "marge", 1),
        ("merge", "mereg", 1),
        ("", "ab", 2),
        ("ab", "ba", 1),
    ],
)
def test_the_distance_counts_swaps_once(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits
    assert distance(one, f"{other}xyz", any_end=True) <= edits
