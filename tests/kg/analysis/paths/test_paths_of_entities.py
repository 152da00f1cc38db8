import pytest

from kg.analysis.paths import neighbours
from kg.analysis.paths.connect import PathAnswer, connect
from kg.errors import NotFound, SeveralOwners
from tests.support.graphs.facts import TAXONOMY, TOPICS, Facts, name, node, opened

LORA, DORA, QLORA = "method/lora", "method/dora", "method/qlora"


def ask(made: Facts, a: str, b: str, alternatives: int = 3) -> PathAnswer:
    with opened(made) as catalogue:
        return connect(catalogue, TAXONOMY, a, b, alternatives)


def sentences(found: PathAnswer) -> list[str]:
    return [step.sentence for step in found.routes[0].steps]


def test_one_method_extends_another() -> None:
    made = Facts(papers=1, relations=[(1, "introduces", DORA), (1, "builds_on", LORA)])
    there, back = ask(made, "DORA", "LORA"), ask(made, "LORA", "DORA")
    assert (there.a, there.b) == (f"entity:{DORA}", f"entity:{LORA}")
    assert there.sentence == back.sentence == "DORA extends LORA"
    assert (there.routes[0].steps[0].forward, back.routes[0].steps[0].forward) == (True, False)
    assert there.routes[0].cost == 0.75
    # The paper that says so is another way.
    (step,) = there.routes[1].steps
    assert step.sentence == "“Paper number 1” introduces DORA and builds on LORA"
    assert step.via == (node(1),)


def test_a_list_says_what_extends_what() -> None:
    made = Facts(papers=1, extends=[(DORA, LORA), (QLORA, LORA)])
    found = ask(made, DORA, QLORA)
    assert sentences(found) == ["DORA extends LORA", "QLORA extends LORA"]


def test_a_paper_compares_what_it_introduces() -> None:
    made = Facts(papers=1, relations=[(1, "introduces", DORA), (1, "compares_with", LORA)])
    found = ask(made, LORA, DORA)
    assert found.sentence == "DORA is compared with LORA"
    (step,) = found.routes[1].steps
    assert step.sentence == "“Paper number 1” compares with LORA and introduces DORA"


def test_two_papers_share_an_entity() -> None:
    made = Facts(papers=2, relations=[(1, "introduces", LORA), (2, "builds_on", LORA)])
    found = ask(made, name(1), name(2))
    assert found.sentence == ("“Paper number 1” introduces LORA, which “Paper number 2” builds on")
    made = Facts(papers=2, relations=[(n, "evaluates_on", "benchmark/glue") for n in (1, 2)])
    found = ask(made, name(1), name(2))
    assert found.sentence == "“Paper number 1” and “Paper number 2” are both measured on GLUE"
    assert found.routes[0].steps[0].via == ("entity:benchmark/glue",)


def test_a_paper_and_a_topic_are_connected_with_an_entity() -> None:
    made = Facts(papers=2, topics=[(2, TOPICS[3])], relations=[(2, "works_on", "model/bert")])
    assert sentences(ask(made, "BERT", TOPICS[3])) == [
        "“Paper number 2” works on BERT",
        "“Paper number 2” is under Memory-Based Editing",
    ]


def test_an_entity_of_few_papers_is_closer_than_one_of_many() -> None:
    many = [(n, "builds_on", LORA) for n in range(1, 9)]
    found = ask(
        Facts(papers=8, relations=[*many, (1, "builds_on", QLORA), (2, "builds_on", QLORA)]),
        name(1),
        name(2),
    )
    assert [route.steps[0].via for route in found.routes] == [
        (f"entity:{QLORA}",),
        (f"entity:{LORA}",),
    ]


def test_a_mention_connects_only_what_was_asked_about() -> None:
    made = Facts(papers=2, relations=[(1, "mentions", LORA), (2, "mentions", LORA)])
    assert not ask(made, name(1), name(2)).routes
    assert ask(made, LORA, name(2)).sentence == "“Paper number 2” mentions LORA"


def test_papers_and_topics_win_over_entities_of_the_same_name() -> None:
    made = Facts(
        papers=2, relations=[(1, "introduces", "method/model-editing"), (1, "builds_on", LORA)]
    )
    with opened(made) as catalogue:
        for asked, wanted in (
            ("Model-Editing", "topic:model-editing"),
            ("entity:Model-Editing", "entity:method/model-editing"),
            ("Paper number 2", node(2)),
        ):
            assert connect(catalogue, TAXONOMY, asked, "LoRA").a == wanted


def test_a_name_of_two_entities_lists_them() -> None:
    made = Facts(
        papers=1, relations=[(1, "introduces", "method/grace"), (1, "mentions", "benchmark/grace")]
    )
    with pytest.raises(
        SeveralOwners, match=r"benchmark/grace.*method/grace|method/grace.*benchmark/grace"
    ):
        ask(made, "Grace", name(1))
    assert ask(made, "method/grace", name(1)).routes


def test_an_unknown_name_lists_near_entities() -> None:
    with pytest.raises(NotFound, match="paper, topic or entity") as caught:
        ask(Facts(papers=1, relations=[(1, "introduces", QLORA)]), name(1), "QLoRAs")
    assert "QLORA" in caught.value.nearest


def test_paths_meet_at_a_hub_and_do_not_go_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MAX_DEGREE", 2)
    made = Facts(papers=5, cites=[(4, 5)], relations=[(n, "builds_on", LORA) for n in range(1, 5)])
    with opened(made) as catalogue:
        found = connect(catalogue, TAXONOMY, name(1), name(2))
        assert found.sentence == "“Paper number 1” and “Paper number 2” both build on LORA"
        # As an end, all its papers are read.
        found = connect(catalogue, TAXONOMY, "LoRA", name(5))
        assert sentences(found)[0] == "“Paper number 4” builds on LORA"
