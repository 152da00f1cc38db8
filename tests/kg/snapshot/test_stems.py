"""Word counts of abstracts: the same words are found, and no sentence can be read."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.snapshot.stems import MAX_COUNT, packed_stems, unpacked_stems
from kg.store.stemming import stems
from tests.support.factories import TEXT


def indexed(*abstracts: str | None) -> list[str]:
    return unpacked_stems(packed_stems(abstracts, {"it", "the"}))


def test_words_come_by_their_frequency_in_all_abstracts() -> None:
    one, other = indexed("The zebra merges merged models.", "Merged, it merged: models!")
    assert one == "merged merged models zebra"
    assert other == "merged merged models"


def test_a_count_is_cut_off_and_an_address_left_out() -> None:
    (text,) = indexed("zebra " * 9 + "https://example.org/gorilla models")
    assert Counter(text.split()) == {"zebra": MAX_COUNT, "models": 1}


def test_an_unknown_abstract_has_no_words() -> None:
    assert indexed(None, "", "A zebra") == ["", "", "a zebra"]


def test_a_word_is_found_by_the_stem_that_its_abstract_had() -> None:
    # FTS5 stems "databas", the stem of "databases", to "databa".
    (text,) = indexed("databases")
    assert stems([text])[text] == stems(["database"])["database"]


@given(st.lists(st.none() | TEXT, max_size=4))
def test_the_order_of_an_abstract_does_not_matter(abstracts: list[str | None]) -> None:
    reversed_ = [text and " ".join(reversed(text.split())) for text in abstracts]
    assert len(indexed(*abstracts)) == len(abstracts)
    if not any("://" in (text or "") for text in abstracts):
        assert indexed(*abstracts) == indexed(*reversed_)


@pytest.mark.parametrize("data", [b"", b"x"])
def test_other_data_are_refused(data: bytes) -> None:
    with pytest.raises((ValueError, OSError, EOFError)):
        unpacked_stems(data)
