"""Titles of papers of the atlas as questions, with and without their punctuation."""

from collections.abc import Iterator

import pytest

from kg.settings import Settings
from search.atlas import Atlas
from search.understanding.titles import is_title
from search.understanding.understand import understand
from tests.support.factories import empty_catalogue, paper, put_all

_TITLES = (
    "It's Not Just Size That Matters: Small Language Models Are Also Few-Shot Learners",
    "Don't Stop Merging! Humanity's Models, and What We've Learnt",
    "Models' few-shot surveys",
)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atlas]:
    """Papers whose titles have apostrophes."""
    settings = Settings(tmp_path_factory.mktemp("titles"))
    settings.catalogue.write_bytes(empty_catalogue())
    with Atlas(settings) as opened:
        put_all(opened.catalogue, *(paper(n, title=title) for n, title in enumerate(_TITLES, 1)))
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        _TITLES[0],
        "its not just size that matters small language models are also few-shot learners",
        "Its not just size that matters, small language models are also few shot learners?",
        "dont stop merging humanitys models and what weve learnt",
        "don't stop merging: humanity's models and what we've learnt",
        "models few-shot surveys",
    ],
)
def test_a_title_without_its_marks_is_one_and_states_nothing(atlas: Atlas, question: str) -> None:
    assert is_title(atlas.catalogue, question)
    assert understand(atlas, question).spans == ()


@pytest.mark.parametrize(
    "question",
    [
        "its size that matters, small language models",
        "dont stop merging models",
        "its",
        "few-shot surveys of models",
        "it's not just size",
        "",
    ],
)
def test_what_is_no_title(atlas: Atlas, question: str) -> None:
    assert not is_title(atlas.catalogue, question)
