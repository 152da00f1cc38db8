import pytest

from kg.analysis import topic_graph as module
from kg.analysis.topic_graph import topic_graph
from kg.errors import BadRequest, NotFound
from tests.support.graphs.facts import TAXONOMY, TOPICS, Facts, name, node, opened

FUSION, ARITHMETIC = TOPICS[:2]

# 1 and 2 are cited, 4 and 5 are alike, 6 is linked to nothing, 7 is of another topic.
MADE = Facts(
    papers=7,
    cites=[(2, 1), (3, 1), (3, 2), (7, 6)],
    alike=[(4, 5, 0.8), (5, 1, 0.7)],
    topics=[
        *((n, FUSION) for n in (1, 2, 3)),
        *((n, ARITHMETIC) for n in (4, 5, 6)),
        (7, TOPICS[2]),
    ],
)


def test_the_most_influential_papers_come_first_and_then_the_most_linked() -> None:
    with opened(MADE) as catalogue:
        made = topic_graph(catalogue, TAXONOMY, FUSION, most=5)
    assert set(list(made)[:2]) == {node(1), node(2)}
    # 3 and 5 have two links each, 4 has one, 6 has none within the topic.
    assert list(made)[2:] == [node(3), node(5), node(4)]
    assert made.graph["influential"] == 2
    assert (made.graph["topic"], made.graph["of"]) == (FUSION, 6)
    assert made.graph["left_out"] == {"paper": 1}
    assert (made.graph["papers"], made.graph["known_citations"]) == (5, 3)
    assert {key for _, _, key in made.edges(keys=True)} == {"cites", "similar_to"}


def test_a_topic_may_be_named_as_people_do() -> None:
    with opened(MADE) as catalogue:
        made = topic_graph(catalogue, TAXONOMY, "Task Arithmetic")
    assert set(made) == {node(4), node(5), node(6)}
    assert made.graph["left_out"] == {}


def test_what_joins_two_of_the_papers_is_shown_but_the_topic_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = ("in_topic", "written_by")
    with opened(MADE._replace(same_authors=True)) as catalogue:
        made = topic_graph(catalogue, TAXONOMY, FUSION, kinds)
        assert set(made) - {node(n) for n in range(1, 7)} == {
            f"topic:{ARITHMETIC}",
            "author:bo writer",
        }
        monkeypatch.setattr(module, "MAX_JOINING_NODES", 1)
        made = topic_graph(catalogue, TAXONOMY, FUSION, kinds)
        assert "author:bo writer" in made
        assert made.graph["left_out"] == {"topic": 1}


def test_what_makes_no_sense_is_refused() -> None:
    with opened(MADE) as catalogue:
        with pytest.raises(BadRequest):
            topic_graph(catalogue, TAXONOMY, FUSION, ["likes"])
        with pytest.raises(BadRequest):
            topic_graph(catalogue, TAXONOMY, FUSION, most=0)
        with pytest.raises(NotFound):
            topic_graph(catalogue, TAXONOMY, name(1))
