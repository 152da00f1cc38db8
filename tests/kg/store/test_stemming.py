"""Stems are those of the catalogue's own word index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.store.database import own_migrations
from kg.store.stemming import TOKENIZER, stems
from tests.support.factories import TEXT


def test_the_tokenizer_is_the_catalogues() -> None:
    assert any(f'tokenize = "{TOKENIZER}"' in script for script in own_migrations())


@pytest.mark.parametrize(
    ("one", "other"),
    [("merging", "Merged"), ("naïve", "naive"), ("EDITS", "editing"), ("Zürich", "zurich")],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    found = stems([one, other])
    assert found[one] == found[other] != frozenset()


def test_other_words_have_other_stems() -> None:
    found = stems(["editing", "tuning"])
    assert found["editing"].isdisjoint(found["tuning"])


def test_what_is_no_word_has_no_stem_and_two_words_have_two() -> None:
    assert stems(["?!", "", "a_b"]) == {"?!": frozenset(), "": frozenset(), "a_b": {"a", "b"}}


@given(st.lists(TEXT | st.text(), max_size=20))
def test_any_text_is_answered(words: list[str]) -> None:
    assert stems(words).keys() == set(words)
