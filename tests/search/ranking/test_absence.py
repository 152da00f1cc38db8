"""What a question does without is asked for by the term of the field."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.absence import MIN_PAPERS, absence_terms
from search.ranking.mode import Mode
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

FREE = {"data free", "training free", "fine tuning free", "label free", "graph free"}


def terms(text: str) -> list[str]:
    return absence_terms(text, lambda phrase: MIN_PAPERS if phrase in FREE else MIN_PAPERS - 1)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("distillation without data", ["data-free"]),
        ("How can models be merged without any training data?", ["data-free"]),
        ("without access to the original training set", ["data-free"]),
        ("merging WITHOUT further training of the parts", ["training-free"]),
        ("adaptation with no fine-tuning", ["fine-tuning-free"]),
        ("it needs no images, and works without training", ["data-free", "training-free"]),
        ("without data and without any data", ["data-free"]),
        ("quantisation without retraining", []),
        ("without loss of accuracy", []),
        ("without the", []),
        ("without", []),
        ("no free lunch without lunch", []),
        ("distillation with data", []),
        ("", []),
    ],
)
def test_the_term_is_made_of_what_is_missing(text: str, wanted: list[str]) -> None:
    assert terms(text) == wanted


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        free = [paper(n, title=f"Data-free zebras {n}", abstract=None) for n in range(MIN_PAPERS)]
        with_data = [paper(n, title=f"Data of zebras {n}", abstract=None) for n in range(10, 20)]
        put_all(catalogue, *free, *with_data, paper(30, title="Zebras without data", abstract=None))
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


@pytest.mark.parametrize("mode", list(Mode))
def test_papers_that_say_it_in_the_term_are_found(library: Library, mode: Mode) -> None:
    answer = library.ask("zebras without any data", k=MIN_PAPERS + 1, mode=mode)
    assert sum("free" in hit.paper.title for hit in answer.hits) == MIN_PAPERS
    assert answer.text == "zebras without any data"


def test_a_title_asked_for_is_first_all_the_same(library: Library) -> None:
    assert library.ask("Zebras without data").hits[0].paper.id == paper(30).id
