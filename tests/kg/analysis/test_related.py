import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis import related as kg_related
from kg.analysis.related import Signal, signals
from kg.errors import BadRequest, NotFound
from search.pages.related import RelatedPapers, related
from tests.support.factories import paper
from tests.support.graphs.facts import TOPICS, Facts, facts, name, opened


def told(answer: RelatedPapers) -> dict[str, dict[Signal, str]]:
    return {
        one.paper.id: {reason.signal: reason.sentence for reason in one.reasons}
        for one in answer.related
    }


def test_each_signal_tells_its_numbers() -> None:
    made = Facts(
        papers=9,
        # 3 and 4 cite both 1 and 2; 5 cites what 1 cites, twice; 8 is alike; 9 is under the topic.
        cites=[(3, 1), (3, 2), (4, 1), (4, 2), (1, 6), (1, 7), (5, 6), (5, 7)],
        topics=[(1, TOPICS[0]), (9, TOPICS[0])],
        alike=[(1, 8, 0.75)],
    )
    with opened(made) as catalogue:
        answer = related(catalogue, [name(1)])
    assert told(answer) == {
        name(2): {Signal.CITED_TOGETHER: "cited together by 2 papers"},
        name(3): {Signal.CITATION: "one cites the other"},
        name(4): {Signal.CITATION: "one cites the other"},
        name(5): {Signal.SHARED_REFERENCES: "2 references in common"},
        name(6): {Signal.CITATION: "one cites the other"},
        name(7): {Signal.CITATION: "one cites the other"},
        name(8): {Signal.SIMILAR: "alike (cosine 0.75)"},
        name(9): {Signal.TOPIC: "1 topic in common"},
    }
    assert answer.related[0].paper.id == name(2)
    assert [one.rank for one in answer.related] == list(range(1, 9))
    assert (answer.papers, answer.known_citations) == (9, 7)
    assert [one.id for one in answer.seeds] == [name(1)]


def test_what_a_reading_list_lacks() -> None:
    # 5 cites all of the list and 4 too; 6 is cited by two of the list.
    made = Facts(papers=7, cites=[(5, 1), (5, 2), (5, 3), (5, 4), (1, 6), (2, 6), (7, 1)])
    with opened(made) as catalogue:
        answer = related(catalogue, [name(1), name(2), name(3), name(1)])
    found = told(answer)
    assert found[name(4)] == {Signal.CITED_TOGETHER: "cited together by 1 paper"}
    assert found[name(6)] == {Signal.CITATION: "2 citations to or from the 3 papers"}
    assert not {name(1), name(2), name(3)} & found.keys()
    assert len(answer.seeds) == 3


def test_a_long_list_of_references_says_less_of_each() -> None:
    made = Facts(papers=9, cites=[(2, 1), (2, 3), (4, 1), (4, 5), (4, 6), (4, 7), (4, 8)])
    with opened(made) as catalogue:
        together = signals(catalogue, [1])[Signal.CITED_TOGETHER]
    assert next(iter(together)) == 3
    assert together[3].score == 1 / 2
    assert together[5].score == 1 / 5


def test_withdrawn_papers_are_left_out_but_may_be_asked_about() -> None:
    made = Facts(papers=3, cites=[(1, 2), (1, 3)], withdrawn=[1, 2])
    with opened(made) as catalogue:
        assert list(told(related(catalogue, [name(1)]))) == [name(3)]


def test_similar_papers_may_be_given() -> None:
    with opened(Facts(papers=4, alike=[(1, 2, 0.9)])) as catalogue:
        answer = related(catalogue, [name(1)], similar=[(3, 0.5), (4, 0.7), (1, 1.0)])
        assert list(told(answer)) == [name(4), name(3)]


def test_a_paper_that_nothing_is_known_of_has_no_related() -> None:
    with opened(Facts(papers=2)) as catalogue:
        answer = related(catalogue, [name(1)])
    assert answer.related == ()
    assert (answer.papers, answer.known_citations) == (1, 0)


def test_hubs_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg_related, "MAX_DEGREE", 2)
    # 2 cites too much to say anything of it, and 6 is cited too often.
    made = Facts(papers=9, cites=[(2, 1), (2, 3), (2, 4), (1, 6), (7, 6), (8, 6)])
    with opened(made) as catalogue:
        found = signals(catalogue, [1])
    assert not found[Signal.CITED_TOGETHER]
    assert not found[Signal.SHARED_REFERENCES]
    assert set(found[Signal.CITATION]) == {2, 6}


def test_of_what_everyone_cites_the_newest_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg_related, "MAX_CANDIDATES", 2)
    made = Facts(papers=9, cites=[(2, 1), (3, 1), (4, 1), (4, 9)])
    with opened(made) as catalogue:
        assert set(signals(catalogue, [1])[Signal.CITATION]) == {3, 4}


@given(facts(), st.sets(st.integers(1, 9), min_size=1, max_size=3))
def test_what_is_asked_about_never_comes_back(any_facts: Facts, seeds: set[int]) -> None:
    names = [name(n) for n in seeds if n <= any_facts.papers]
    if not names:
        return
    with opened(any_facts) as catalogue:
        answer = related(catalogue, names, k=100)
    found = [one.paper for one in answer.related]
    assert not {one.id for one in found} & set(names)
    assert not any(one.withdrawn for one in found)
    assert len({one.id for one in found}) == len(found)
    assert all(one.reasons for one in answer.related)
    scores = [one.score for one in answer.related]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)
    assert answer.known_citations <= answer.papers


def test_bad_requests() -> None:
    with opened(Facts(papers=2)) as catalogue:
        for names, k in (([], 5), ([name(1)], 0), ([name(1)], 10**9), ([name(1)] * 1001, 5)):
            with pytest.raises(BadRequest):
                related(catalogue, names, k)
        with pytest.raises(NotFound):
            related(catalogue, [name(1), paper(77).id])
