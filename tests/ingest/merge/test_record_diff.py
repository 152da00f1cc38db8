"""What is news of a paper, and what is only another spelling."""

from dataclasses import replace
from datetime import date

import pytest

from ingest.merge.record_diff import changes_between, updated_record
from kg.store.journal import ChangeKind
from tests.support.factories import paper

OLD = paper(1, published=date(2020, 1, 1), updated=date(2020, 1, 1), version=1)


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({}, []),
        ({"title": "Another title"}, [ChangeKind.RETITLED]),
        ({"title": "Paper  number 1!"}, []),
        ({"version": 2, "updated": date(2020, 2, 1)}, [ChangeKind.REVISED]),
        ({"version": None, "updated": date(2020, 2, 1)}, [ChangeKind.REVISED]),
        ({"abstract": "Now we study another."}, [ChangeKind.REVISED]),
        ({"withdrawn": True}, [ChangeKind.WITHDRAWN]),
        ({"journal_ref": "J. Mach. 1 (2021)"}, [ChangeKind.PUBLISHED]),
        ({"doi": "10.1/x", "journal_ref": "J. Mach. 1 (2021)"}, [ChangeKind.PUBLISHED]),
    ],
)
def test_only_news_is_news(facts: dict, kinds: list[ChangeKind]) -> None:
    assert [kind for kind, _ in changes_between(OLD, replace(OLD, **facts))] == kinds


def test_a_fuller_record_of_a_listed_paper_is_no_news() -> None:
    listed = paper(1, title="A short name", abstract=None, authors=())
    assert list(changes_between(listed, OLD)) == []


def test_another_spelling_of_the_same_changes_nothing() -> None:
    spelt = replace(
        OLD,
        title="Paper number  $1$",
        abstract="We study\nsubject 1. It works.",
        authors=("A. Author1", "B. Writer"),
        version=None,
    )
    assert updated_record(OLD, spelt) == OLD


def test_a_new_version_replaces_what_it_says_and_forgets_nothing_else() -> None:
    old = replace(OLD, venue="ICLR", doi="10.1/x", comment="9 pages")
    new = paper(
        1, abstract="All is new.", authors=("Cy Third",), updated=date(2021, 1, 1), version=2
    )
    made = updated_record(old, new)
    assert (made.abstract, made.authors, made.version) == (new.abstract, new.authors, 2)
    assert (made.venue, made.doi, made.comment) == ("ICLR", "10.1/x", "9 pages")
