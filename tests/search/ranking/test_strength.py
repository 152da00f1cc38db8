"""How strong evidence is: what is far off in meaning or in words is not told as an answer."""

import numpy as np
import pytest

from ingest.embedding import embed_missing
from kg.store.catalogue import Catalogue
from search.ranking.strength import MIN_PAPERS, Strength, assess, part_below, usual_cosines
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all


@pytest.mark.parametrize(
    ("near", "words", "wanted"),
    [
        (0.999, 1.0, Strength.GOOD),
        (0.98, 0.6, Strength.GOOD),
        (0.995, 0.3, Strength.GOOD),
        (0.999, 0.0, Strength.GOOD),
        (0.97, 0.4, Strength.WEAK),
        (0.94, 1.0, Strength.WEAK),
        (0.985, 0.1, Strength.NONE),
        (0.5, 1.0, Strength.NONE),
        (0.5, None, Strength.NONE),
        (0.99, None, Strength.GOOD),
        (None, 1.0, Strength.GOOD),
        (None, 0.4, Strength.WEAK),
        (None, 0.1, Strength.NONE),
        (None, None, Strength.GOOD),
    ],
)
def test_meaning_and_words_decide_together(
    near: float | None, words: float | None, wanted: Strength
) -> None:
    found = assess(near, words)
    assert found.strength is wanted
    assert bool(found.reasons) == (wanted is not Strength.GOOD)


@pytest.mark.parametrize(
    ("near", "words", "wanted"),
    [
        (0.5, 1.0, Strength.WEAK),
        (0.5, 0.9, Strength.NONE),
        (0.5, None, Strength.NONE),
        (0.99, 1.0, Strength.GOOD),
    ],
)
def test_of_few_papers_one_with_all_words_is_some_evidence(
    near: float, words: float | None, wanted: Strength
) -> None:
    assert assess(near, words, narrowed=True).strength is wanted
    assert assess(0.5, 1.0).strength is Strength.NONE


def test_the_words_that_are_missing_are_told() -> None:
    def told(*missing: str) -> str:
        return assess(0.98, 0.1, missing).reasons[-1]

    assert told("pizza") == "No paper found has the word “pizza”."
    assert told("pizza", "rome") == "No paper found has the words “pizza” or “rome”."
    assert told(*"abcdef") == "No paper found has the words “a”, “b”, “c” or “d”."
    assert told() == "No paper found has most of the words together."


def usual(catalogue: Catalogue) -> np.ndarray:
    return usual_cosines(catalogue, HashedWords.model, HashedWords.dim)


def test_a_few_papers_do_not_tell_what_is_near(catalogue: Catalogue) -> None:
    put_all(catalogue, *(paper(n) for n in range(MIN_PAPERS - 1)))
    embed_missing(catalogue, HashedWords())
    assert len(usual(catalogue)) == 0
    assert part_below(0.9, usual(catalogue)) is None


def test_what_is_usual_is_measured_on_pairs_and_anew_after_a_change(catalogue: Catalogue) -> None:
    put_all(catalogue, *(paper(n, title=f"word{n}", abstract=None) for n in range(MIN_PAPERS)))
    embed_missing(catalogue, HashedWords())
    cosines = usual(catalogue)
    assert len(cosines) == MIN_PAPERS * (MIN_PAPERS - 1) // 2
    assert (np.diff(cosines) >= 0).all()
    assert part_below(1.1, cosines) == 1
    assert part_below(-0.1, cosines) == 0
    put_all(catalogue, paper(MIN_PAPERS, title="one more", abstract=None))
    embed_missing(catalogue, HashedWords())
    assert len(usual(catalogue)) > len(cosines)
