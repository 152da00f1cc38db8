"""arXiv categories in questions."""

import pytest

from search.understanding.categories import spans
from search.understanding.known import Known
from search.understanding.words import Words
from tests.support.understanding import notes_of, read_by, text_without


@pytest.mark.parametrize(
    ("question", "categories", "text"),
    [
        ("cs.CV prompt tuning", ["cs.CV"], "prompt tuning"),
        ("merging in CS.lg", ["cs.LG"], "merging"),
        ("merging in the category stat.ML", ["stat.ML"], "merging"),
        ("merging (eess.AS)", ["eess.AS"], "merging"),
        ("cond-mat.dis-nn, merging", ["cond-mat.dis-nn"], "merging"),
    ],
)
def test_a_category_is_a_condition(
    known: Known, question: str, categories: list[str], text: str
) -> None:
    assert read_by(spans, known, question) == [f"category {one}" for one in categories]
    assert text_without(spans, known, question) == text


def test_papers_of_any_of_several_categories_pass(known: Known) -> None:
    found = list(spans(Words("merging in cs.LG or stat.ML"), known))
    assert [one.filters for one in found] == [{"categories": ("cs.LG", "stat.ML")}] * 2


def test_a_category_that_does_not_exist_is_told(known: Known) -> None:
    (note,) = notes_of(spans, known, "merging in cs.XX")
    assert note.startswith("cs.XX is no category of arXiv, and was left out")
    assert read_by(spans, known, "merging in cs.XX") == []
    assert text_without(spans, known, "merging in cs.XX") == "merging"


@pytest.mark.parametrize("question", ["cs.stanford.edu", "math.pi", "i.e. merging", "stat.", "cs"])
def test_other_names_with_dots_are_none(known: Known, question: str) -> None:
    assert list(spans(Words(question), known)) == []
