"""Digests: what is new, where it stands, in which order, and what fits a question."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.embedding import embed_missing
from kg.cards.card import Card, Kind
from kg.errors import BadRequest, NotFound
from kg.links import Link, LinkKind, LinkState
from kg.records import Paper, PlacedBy, Placement
from kg.store.journal import ChangeKind
from search.library import Library
from search.pages.digest.digest import (
    MAX_QUESTIONS,
    MAX_WEAK_ANSWERS,
    NO_TOPIC,
    Digest,
    DigestPaper,
)
from search.ranking.strength import Strength
from tests.search.pages.digest.conftest import NOON
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

FUSION = "model-reuse/model-fusion"
ARITHMETIC = f"{FUSION}/task-arithmetic"
EDITING = "model-editing"


def come(library: Library, *papers: Paper, topic: str | None = EDITING) -> None:
    """Let papers come now, placed by a list."""
    put_all(library.catalogue, *papers)
    for one in papers:
        library.catalogue.journal.log_change(one.id, ChangeKind.ADDED)
        if topic:
            place(library, one, topic)


def place(
    library: Library, one: Paper, topic: str, by: PlacedBy = PlacedBy.LIST, sure: float = 1.0
) -> None:
    source = {PlacedBy.LIST: "a-list", PlacedBy.MODEL: "placer", PlacedBy.PERSON: "review"}[by]
    library.catalogue.placements.add(one.id, [Placement(topic, by, source, sure)])


def listed(found: Digest) -> list[DigestPaper]:
    return [one for section in found.sections for one in section.papers]


def ids(found: Digest) -> list[str]:
    return [one.paper.id for one in listed(found)]


def test_what_came_in_the_period_is_there_and_nothing_else(
    library: Library, clock: StandingClock
) -> None:
    put_all(library.catalogue, paper(1))
    clock.now = NOON - timedelta(days=8)
    come(library, paper(2))
    clock.now = NOON - timedelta(days=6)
    come(library, paper(3), paper(4, withdrawn=True))
    clock.now = NOON
    assert ids(library.digest()) == [paper(3).id]
    assert ids(library.digest(NOON - timedelta(days=8))) == [paper(3).id, paper(2).id]
    assert library.digest(NOON - timedelta(days=5)).is_empty


def test_times_are_compared_as_moments(library: Library, clock: StandingClock) -> None:
    """2026-6-30 is before 2026-07-15 (zotero-arxiv-daily #272), and 08:00 in Tokyo is yesterday."""
    clock.now = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)
    come(library, paper(1))
    clock.now = NOON
    tokyo = timezone(timedelta(hours=9))
    assert ids(library.digest(datetime(2026, 7, 15, 8, tzinfo=tokyo))) == [paper(1).id]
    assert ids(library.digest(datetime(2026, 7, 15, 9, tzinfo=tokyo))) == []
    assert library.digest(datetime(2026, 7, 15, 8, tzinfo=tokyo)).since.utcoffset() == timedelta()


def test_ids_of_all_forms_sort_by_when_they_were_given(library: Library) -> None:
    names = ["2401.00001", "0704.0001", "cs/0112017", "math/9901001", "1412.9999", "1501.00001"]
    made = [
        replace(paper(n), id=name, arxiv_id=name, title=f"Of {name}", published=None, year=year)
        for n, (name, year) in enumerate(
            zip(names, (2024, 2007, 2001, 1999, 2014, 2015), strict=True)
        )
    ]
    come(library, *made)
    assert ids(library.digest()) == [names[n] for n in (0, 5, 4, 1, 2, 3)]


def test_of_one_month_the_greater_number_is_newer(library: Library) -> None:
    made = [
        replace(paper(n), id=name, arxiv_id=name, title=f"Of {name}", year=2014)
        for n, name in enumerate(("1412.0999", "1412.1000", "1412.0001"))
    ]
    come(library, *made)
    assert ids(library.digest()) == ["1412.1000", "1412.0999", "1412.0001"]


def test_topics_come_in_the_order_of_the_tree_and_a_paper_once(library: Library) -> None:
    come(library, paper(1), topic=FUSION)
    come(library, paper(2), topic="model-tuning")
    come(library, paper(3), topic=None)
    for topic, sure in ((EDITING, 0.5), (ARITHMETIC, 0.9), (f"{FUSION}/surveys", 0.6)):
        place(library, paper(1), topic, PlacedBy.MODEL, sure)
    found = library.digest()
    assert [section.topic for section in found.sections] == ["model-tuning", ARITHMETIC, None]
    assert found.sections[-1].heading == NO_TOPIC
    (one,) = found.sections[1].papers
    assert one.reason == "placed by the model, 90% sure"
    assert one.topics[0] == FUSION
    assert found.papers == found.came == 3


def test_a_topic_takes_its_own_papers_and_those_below(library: Library) -> None:
    come(library, paper(1), topic=ARITHMETIC)
    come(library, paper(2), topic=EDITING)
    place(library, paper(2), FUSION, PlacedBy.PERSON, 0.4)
    found = library.digest(topic="model-reuse")
    assert {section.topic: len(section.papers) for section in found.sections} == {
        FUSION: 1,
        ARITHMETIC: 1,
    }
    assert [one.reason for one in listed(found)] == ["placed by hand", "on the list a-list"]
    assert library.digest(topic="meta-learning").fetches.reasons == (
        "2 papers came, none under Meta Learning.",
    )
    with pytest.raises(NotFound):
        library.digest(topic="nothing")


def test_a_paper_says_what_it_does_by_its_card_or_its_abstract(library: Library) -> None:
    summary = "Averages the weights of models that were tuned from one start."
    abstract = "Models are many. We propose to average them."
    come(library, paper(1, abstract=abstract), paper(2, abstract=abstract), paper(3, abstract=None))
    library.catalogue.cards.put(paper(1).id, Card(Kind.METHOD, summary=summary), "snapshot")
    says = {one.paper.id: one.says for one in listed(library.digest())}
    assert list(says.values()) == [None, "We propose to average them.", summary]


def test_code_that_is_gone_is_no_code(library: Library) -> None:
    come(library, paper(1), paper(2))
    for number in (1, 2):
        url = f"https://github.com/a/b{number}"
        library.catalogue.links.add(paper(number).id, [Link(LinkKind.CODE, url, "abstract")])
    library.catalogue.links.put_check("https://github.com/a/b1", LinkState.GONE, date(2026, 11, 20))
    assert [one.code for one in listed(library.digest())] == ["https://github.com/a/b2", None]


def test_what_turned_out_to_be_an_old_paper_is_not_new(library: Library) -> None:
    put_all(library.catalogue, paper(1))
    come(library, paper(2), paper(3))
    for old, new in ((2, 1), (3, 4)):
        if new == 4:
            come(library, paper(4))
        library.catalogue.papers.rename(paper(old).id, paper(new).id)
        library.catalogue.journal.log_change(paper(old).id, ChangeKind.JOINED, paper(new).id)
    assert ids(library.digest()) == [paper(4).id]


def test_a_paper_whose_id_became_known_is_new_by_that(library: Library) -> None:
    come(library, replace(paper(1), id="title:0123", arxiv_id=None))
    library.catalogue.papers.rename("title:0123", paper(1).id)
    assert ids(library.digest()) == [paper(1).id]


def test_changes_of_papers_that_were_there_are_told_once_each(library: Library) -> None:
    put_all(library.catalogue, paper(1), paper(2), paper(3, withdrawn=True))
    place(library, paper(2), FUSION)
    come(library, paper(4))
    log = library.catalogue.journal.log_change
    log(paper(2).id, ChangeKind.REVISED, "version 2")
    log(paper(2).id, ChangeKind.REVISED, "version 3")
    log(paper(3).id, ChangeKind.WITHDRAWN, "an error in the proof")
    log(paper(4).id, ChangeKind.REVISED, "version 2")
    log(paper(1).id, ChangeKind.UNLISTED, "a list")
    found = library.digest()
    assert [(one.change.kind, one.id, one.change.detail) for one in found.changes] == [
        (ChangeKind.WITHDRAWN, paper(3).id, "an error in the proof"),
        (ChangeKind.REVISED, paper(2).id, "version 3"),
    ]
    assert [one.id for one in library.digest(topic=FUSION).changes] == [paper(2).id]
    assert library.digest(questions=["merging"]).changes == ()


def test_what_was_recorded_after_a_change_is_by_its_number(
    library: Library, clock: StandingClock
) -> None:
    come(library, paper(1))
    number = library.catalogue.journal.last_change()
    clock.now = NOON - timedelta(days=40)  # A clock that was set back loses nothing.
    come(library, paper(2))
    assert ids(library.digest(after=number)) == [paper(2).id]
    assert library.digest(after=library.catalogue.journal.last_change()).is_empty


@pytest.fixture
def filled(library: Library) -> Library:
    """Four new papers on merging, four on editing, and sixty of which no two are alike."""
    strangers = [f"alpha{n} beta{n} gamma{n}" for n in range(60)]
    subjects = [*["merging weights of models"] * 4, *["editing facts in neurons"] * 4, *strangers]
    titles = [f"Study {n} of {subject}" for n, subject in enumerate(subjects, 1)]
    come(library, *(paper(n, title=title, abstract=None) for n, title in enumerate(titles, 1)))
    put_all(library.catalogue, paper(900, title="An old study of merging weights of models"))
    embed_missing(library.catalogue, HashedWords())
    return library


def test_a_question_names_new_papers_that_fit_it_and_no_others(filled: Library) -> None:
    found = filled.digest(questions=["merging weights of models", "cooking pizza"])
    first, second = found.sections
    assert first.question == first.heading == "merging weights of models"
    assert [one.paper.title.split("of ", 1)[1] for one in first.papers][:4] == [
        "merging weights of models"
    ] * 4
    assert {one.strength for one in first.papers[:4]} == {Strength.GOOD}
    assert all("fits the question by meaning and words" in one.reason for one in first.papers)
    assert sum(one.strength is Strength.WEAK for one in first.papers) <= MAX_WEAK_ANSWERS
    assert not any("editing" in one.paper.title for one in first.papers)
    assert second.papers == ()
    assert found.came == 68
    assert found.fetches.reasons == ()


def test_conditions_of_a_question_hold_and_so_does_the_topic(filled: Library) -> None:
    by = filled.digest(questions=["author:Author3"])
    assert ids(by) == [paper(3).id]
    assert listed(by)[0].reason == "the question names it"
    other = filled.digest(topic=FUSION, questions=["merging weights of models"])
    assert other.papers == 0
    assert other.fetches.reasons == ("68 papers came, none under Model Reuse / Model Fusion.",)


def test_where_nothing_came_no_model_is_asked(library: Library) -> None:
    found = library.digest(questions=["merging", "merging "])
    assert [section.papers for section in found.sections] == [()]
    assert library._embedder is not None
    assert library._embedder.model == "hashed-words"


@pytest.mark.parametrize("questions", [[""], ["why"] * (MAX_QUESTIONS + 1), ["x" * 10_001]])
def test_questions_that_cannot_be_asked_are_refused(library: Library, questions: list[str]) -> None:
    with pytest.raises(BadRequest):
        library.digest(questions=questions)
