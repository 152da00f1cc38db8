"""British and American spellings, hyphens and plurals are one."""

from pathlib import Path

import pytest

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words import fts5
from search.index.words.base import rarity
from search.index.words.open import Opener
from search.index.words.spellings import joined_pairs, other_spellings
from tests.support.factories import paper, put_all
from tests.support.indexes import EVERY_WORD_KIND

TITLES = (
    "Behaviour of models, catalogued",
    "Behavior of a model",
    "Optimise the centre",
    "Optimized centers",
    "Fine-tuning twice",
    "Finetuning once",
    "Pre-trained sorts",
    "Pretrained, sorted",
    "Data sets",
    "A dataset",
    "Fine days for tuning forks",
)


@pytest.mark.parametrize("kind", EVERY_WORD_KIND)
@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (("behaviour", "behavior", "Behaviours"), {0, 1}),
        (("optimise", "optimize", "optimising", "optimised"), {2, 3}),
        (("centre", "center", "centers"), {2, 3}),
        (("pretrained", "pre-trained", "pre trained"), {6, 7}),
        (("dataset", "datasets", "data set", "data-sets"), {8, 9}),
        (("finetuning",), {4, 5}),
        (("fine-tuning", "fine tuning"), {4, 5, 10}),
    ],
)
def test_spellings_of_a_word_find_the_same(
    tmp_path: Path, kind: str, asked: tuple[str, ...], wanted: set[int]
) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n, title=one, abstract="") for n, one in enumerate(TITLES)))
        index = Opener(catalogue, kind, tmp_path / "cache").opened()
        for text in asked:
            keys = [key for key, _ in index.search(text, 20, Filters())]
            assert {int(one.id[-2:]) for one in catalogue.papers.get(keys)} == wanted, text


@pytest.mark.parametrize("kind", EVERY_WORD_KIND)
def test_a_word_is_as_rare_as_all_its_spellings(tmp_path: Path, kind: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n, title=one, abstract="") for n, one in enumerate(TITLES)))
        index = Opener(catalogue, kind, tmp_path / "cache").opened()
        assert len(set(rarity(index, ["behaviour", "behavior", "models"]).values())) == 1
        assert index.document_frequencies(["finetuning", "tuning"]) == {
            "finetuning": 2,
            "tuning": 2,
        }


def test_a_long_text_is_looked_up_as_it_is_spelled(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n, title=one, abstract="") for n, one in enumerate(TITLES)))
        many = [f"word{n}" for n in range(60)] + ["behaviour"]
        assert fts5.spelled(catalogue, many)["behaviour"] == ["behaviour"]
        assert fts5.spelled(catalogue, ["adapter"]) == {"adapter": ["adapter"]}


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("colour", ["color"]),
        ("artefacts", ["artifacts"]),
        ("dialogue", ["dialog"]),
        ("defense", ["defence"]),
        ("analyse", ["analyze"]),
        ("judgement", ["judgment"]),
        ("zeroshot", ["zero shot"]),
        ("model", []),
        ("größere", []),
    ],
)
def test_other_spellings(word: str, others: list[str]) -> None:
    assert list(other_spellings(word)) == others


def test_only_neighbours_are_joined() -> None:
    assert joined_pairs("self supervised, pre-trained nets") == ["selfsupervised", "pretrained"]
