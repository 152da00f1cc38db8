"""The most influential methods: the order, what counts as use, and the filters."""

from collections.abc import Iterator

import pytest

from kg.analysis.influence import influential
from kg.analysis.method_influence import MethodInfluence, influential_methods
from kg.errors import BadRequest, NotFound
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from tests.support.graphs.facts import TAXONOMY, Facts, opened

FACTS = Facts(
    papers=8,
    cites=[(3, 2), (4, 2), (5, 2), (6, 1)],
    topics=[(n, "model-editing") for n in range(1, 7)] + [(7, "model-reuse")],
    withdrawn=[8],
    relations=[
        *[(1, "introduces", "method/plain"), (2, "introduces", "method/cited")],
        *[(3, "introduces", "method/used"), (6, "introduces", "benchmark/one")],
        *[(4, "builds_on", "method/used"), (5, "compares_with", "method/used")],
        *[(4, "mentions", "method/plain"), (5, "mentions", "method/cited")],
        # What introduces a method does not use it; a paper counts once.
        *[(3, "builds_on", "method/used"), (4, "compares_with", "method/used")],
        *[(8, "builds_on", "method/plain"), (7, "builds_on", "method/plain")],
        *[(7, "introduces", "method/other"), (5, "evaluates_on", "benchmark/one")],
    ],
)


@pytest.fixture
def small() -> Iterator[Catalogue]:
    with opened(FACTS) as catalogue:
        yield catalogue


def ask(catalogue: Catalogue, topic: str | None = None, **more: object) -> MethodInfluence:
    return influential_methods(catalogue, TAXONOMY, topic, **more)  # type: ignore[arg-type]


def test_the_most_used_method_of_a_topic_comes_first_then_the_more_cited(small: Catalogue) -> None:
    made = ask(small, "model-editing")
    assert [(one.entity.id, one.used_by) for one in made.methods] == [
        *[("method/used", 2), ("method/cited", 1), ("method/plain", 1)]
    ]
    best = made.methods[0]
    assert (best.rank, best.built_on_by, best.compared_by) == (1, 1, 2)
    assert best.papers == ("2001.00003",)
    assert made.total == 3


def test_the_score_is_that_of_the_paper(small: Catalogue) -> None:
    scores = {
        one.paper.id: one.score for one in influential(small, TAXONOMY, "model-editing").papers
    }
    cited = next(one for one in ask(small, "model-editing").methods if one.entity.name == "CITED")
    assert cited.score == scores["2001.00002"]


def test_all_papers_but_withdrawn_ones_count_without_a_topic(small: Catalogue) -> None:
    use = {one.entity.id: one.used_by for one in ask(small).methods}
    assert use == {"method/used": 2, "method/plain": 2, "method/cited": 1}


def test_methods_since_a_date(small: Catalogue) -> None:
    assert ask(small, since=PartialDate(2020)).methods == ask(small).methods
    assert ask(small, since=PartialDate(2021)).methods == ()
    assert len(ask(small, k=1).methods) == 1


def test_what_makes_no_sense_is_refused(small: Catalogue) -> None:
    with pytest.raises(BadRequest):
        ask(small, k=0)
    with pytest.raises(NotFound):
        ask(small, "no such topic")


def test_an_atlas_without_entities_has_none() -> None:
    with opened(Facts(papers=2)) as catalogue:
        assert ask(catalogue).methods == ()
