"""Venues in questions: acronyms and full names, with years, and the words that only look so."""

import pytest

from kg.records import Filters
from search.library import Library
from search.understanding.known import Known
from search.understanding.reading import Reading, chosen
from search.understanding.venues import spans
from search.understanding.words import Words
from tests.support.understanding import TODAY


def read(library: Library, question: str) -> Reading:
    words = Words(question)
    return chosen(words, spans(words, Known(library, TODAY)))


def stated(reading: Reading) -> list[str]:
    """The conditions of a reading, all of which must be hard."""
    found = [one for span in reading.spans for one in span.stated]
    assert all(one.hard for one in found)
    return [f"{one.filter} {one.value}" for one in found]


@pytest.mark.parametrize(
    ("question", "venue", "text"),
    [
        ("merging at ICLR", "ICLR", "merging"),
        ("ICLR papers on task merging", "ICLR", "papers on task merging"),
        ("ICLR merging of task vectors", "ICLR", "merging of task vectors"),
        ("merging at iclr", "ICLR", "merging"),
        ("few-shot tuning, NeurIPS", "NeurIPS", "few-shot tuning"),
        ("NIPS merging", "NeurIPS", "merging"),
        ("ICLR papers on merging", "ICLR", "papers on merging"),
        ("published in the ICLR: merging", "ICLR", "merging"),
        ("accepted at ICLR, merging", "ICLR", "merging"),
        ("merging in ICLR since 2023", "ICLR", "merging since 2023"),
        ("merging, ICLR, 2021 or later", "ICLR", "merging, 2021 or later"),
        ("ICLR 2022 to 2024 merging", "ICLR", "2022 to 2024 merging"),
        ("prompting at ACL", "ACL", "prompting"),
        ("prompting, ACL", "ACL", "prompting"),
        ("ACL papers on prompting", "ACL", "papers on prompting"),
        ("Findings of EMNLP on editing", "EMNLP Findings", "on editing"),
        ("EMNLP Findings editing", "EMNLP Findings", "editing"),
        ("Conference on Machine Learning: merging", "ICML", "merging"),
        ("merging, international conference on machine learning", "ICML", "merging"),
        ("merging published in Journal of Ants", "Journal of Ants", "merging"),
    ],
)
def test_a_venue(small: Library, question: str, venue: str, text: str) -> None:
    reading = read(small, question)
    assert (stated(reading), reading.text) == ([f"venue {venue}"], text)
    (span,) = reading.spans
    assert small.select(Filters(**span.filters))


@pytest.mark.parametrize(
    ("question", "venue", "year", "text"),
    [
        ("ICML 2024 papers on merging", "ICML", 2024, "papers on merging"),
        ("merging icml 2024", "ICML", 2024, "merging"),
        ("merging at ICML'23", "ICML", 2023, "merging"),
        ("merging at ICML ’23", "ICML", 2023, "merging"),
        ("merging, ICML (2023)", "ICML", 2023, "merging"),
        ("ICML2023 merging", "ICML", 2023, "merging"),
        ("ICML-23 merging", "ICML", 2023, "merging"),
        ("EMNLP Findings 2023 editing", "EMNLP Findings", 2023, "editing"),
        ("NIPS 2016 meta-learning", "NeurIPS", 2016, "meta-learning"),
        ("conference on machine learning 2020 merging", "ICML", 2020, "merging"),
    ],
)
def test_a_year_behind_a_venue_is_the_papers(
    small: Library, question: str, venue: str, year: int, text: str
) -> None:
    reading = read(small, question)
    assert stated(reading) == [f"venue {venue}", f"since {year}", f"until {year}"]
    assert reading.text == text
    (span,) = reading.spans
    assert span.notes == ()


def test_of_several_venues_any_will_do(small: Library) -> None:
    reading = read(small, "ICLR, NeurIPS and ICML 2020 papers on merging")
    assert stated(reading)[:3] == ["venue ICLR", "venue NeurIPS", "venue ICML"]
    assert stated(reading)[3:] == ["since 2020", "until 2020"]
    (span,) = reading.spans
    found = small.select(Filters(**span.filters))
    assert {str(one.venue)[:11] for one in found} == {"ICLR", "NeurIPS", "ICML", "Proceedings"}


def test_papers_of_early_conferences_appear_the_year_before(small: Library) -> None:
    (span,) = read(small, "ICLR 2024 merging").spans
    assert span.notes == (
        "2024 is the year in which papers appeared: many of ICLR 2024 did in 2023",
    )


def test_a_venue_of_no_paper_is_told_and_filters_nothing(small: Library) -> None:
    (span,) = read(small, "merging at WACV").spans
    assert (span.stated, span.filters) == ((), {})
    assert span.notes == ("No paper of the atlas is known to be of WACV",)


@pytest.mark.parametrize(
    "question",
    [
        "ACL injury detection on MRI",
        "merging for the NeurIPS 2024 LLM Merging Competition",
        "unlearning at SemEval-2025 Task 4",
        "the colt revolver",
        "chi squared test",
        "www search engines",
        "iclr merging",
        "in acl",
        "WMT 2014 translation",
        "SemEval 2018 task distillation",
        "KDD cup data",
        "merging not at ICLR",
        "after ICLR 2023",
        "workshop on findings",
        "published in time",
        "learning representations at a conference",
    ],
)
def test_what_is_no_venue_says_nothing(small: Library, question: str) -> None:
    assert read(small, question) == Reading(question)
