"""Titles: when two are one."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kg.ids.titles import normalised_title


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised_title(text)
    assert normalised_title(once) == once
    assert once == " ".join(once.split())


@given(st.text(alphabet="abcdefgh ÄÉñ", min_size=1))
def test_case_spaces_and_punctuation_do_not_matter(title: str) -> None:
    assume(title.strip())
    varied = "  " + title.upper().replace(" ", " -  ") + "."
    assert normalised_title(varied) == normalised_title(title)
