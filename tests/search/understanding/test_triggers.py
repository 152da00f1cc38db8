"""Every question in which a recogniser finds something has a word that has it imported."""

import pytest

from search.library import Library
from search.understanding import dates, kinds, triggers
from search.understanding.understand import understand


def test_the_words_for_dates_and_kinds_are_those_that_their_recognisers_know() -> None:
    for known, listed in ((dates.TRIGGERS, triggers.DATES), (kinds.TRIGGERS, triggers.KINDS)):
        assert {word for word in known if word.isascii()} == listed


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("merging since May 2023", "since"),
        ("merging in the last two years", "since"),
        ("merging of this month", "since"),
        ("prompts in the '90s", "since"),
        ("merging ２０２３年以后", "since"),
        ("surveys of merging", "kind"),
        ("Übersicht zu merging", "kind"),
        ("merging in cs.CV", "category"),
        ("LoRA vs ROME", "compare"),
        ("something similar to LoRA", "like"),
        ("LoRA-like tuning", "like"),
        ("tuning other than LoRA", "not"),
    ],
)
def test_what_is_imported_where_needed_is_read(named: Library, question: str, stated: str) -> None:
    reading = understand(named, question)
    assert stated in [one.filter for span in reading.spans for one in span.stated]


@pytest.mark.parametrize(
    "question",
    [
        "merging at ICML",
        "tuning at icml'22",
        "tuning, ICML-2022",
        "prompts, International Conference on Machine Learning",
        "merging published in Journal of Ants",
    ],
)
def test_a_venue_is_read(small: Library, question: str) -> None:
    reading = understand(small, question)
    assert "venue" in [one.filter for span in reading.spans for one in span.stated]
