"""Names that several new papers use and nobody knows are proposed, and decided on once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.entities.decide import decide_name
from ingest.entities.propose import MIN_PAPERS, propose
from ingest.entities.update import update
from kg.entities.entity import PERSON, Entity, EntityType, Name
from kg.errors import BadRequest, NotFound
from kg.store.catalogue import Catalogue
from kg.store.papers import PaperStore
from kg.store.reviews import Decision
from tests.support.factories import card, paper, predicted_card, put_all

NEW = ("FooTune beats LoRA.", "We extend FooTune-based tuning.", "Unlike FooTune, it is cheap.")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        yield opened


def waiting(catalogue: Catalogue) -> list[str]:
    return [one.name for one in catalogue.proposals.waiting()]


def put(catalogue: Catalogue, *abstracts: str, title: str = "", first: int = 1) -> None:
    """Store papers that nobody has read, and bring relations and proposals up to date."""
    made = [
        paper(number, abstract=text, **({"title": f"{title} {number}"} if title else {}))
        for number, text in enumerate(abstracts, first)
    ]
    put_all(catalogue, *made)
    update(catalogue)
    propose(catalogue)


def test_a_name_of_three_papers_is_proposed_with_them(catalogue: Catalogue) -> None:
    put(catalogue, *NEW[:2])
    assert len(NEW) == MIN_PAPERS
    assert waiting(catalogue) == []
    put(catalogue, NEW[2], first=3)
    (one,) = catalogue.proposals.waiting()
    assert (one.name, one.papers) == ("FooTune", (paper(1).id, paper(2).id, paper(3).id))
    assert propose(catalogue) == 0


@pytest.mark.parametrize(
    ("abstracts", "names"),
    [
        (["The Merged Expert Net (MeNet) is used."] * 3, ["MeNet"]),
        (["The Gap Affine Net (GAFN)."] * 2 + ["A Great Farm Nursery (GAFN)."], []),
        (["Results on CountQA and SumUp-Bench."] * 3, ["CountQA", "SumUp-Bench"]),
        (["We train Zeta3-8B and Zeta3-Instruct."] * 3, ["Zeta3"]),
        (["An On-Policy and Well-Known step, pre-LN, at ICLR2025, by 3D views."] * 3, []),
        (["See https://example.org/FooTune and a@FooTune.org, where $W=xBA$."] * 3, []),
        (["Tests on GLUE and MMLU."] * 3, []),  # They are known.
        (["Plain words and Capitals of Sentences."] * 3, []),
        (["FooTunes and MLPs, the MLP."] * 3, ["FooTunes", "MLP"]),
    ],
)
def test_what_looks_like_a_name_is_one(
    catalogue: Catalogue, abstracts: list[str], names: list[str]
) -> None:
    put(catalogue, *abstracts)
    assert sorted(waiting(catalogue)) == names


def test_a_plain_word_is_a_name_where_a_title_begins_with_it(catalogue: Catalogue) -> None:
    put(catalogue, "Momentum.", title="Sunrise: tuning by number")
    put(catalogue, "We use Sunrise here.", "At sunrise.", first=2)
    assert waiting(catalogue) == []
    put(catalogue, "A Sunrise step.", first=4)
    (one,) = catalogue.proposals.waiting()
    assert (one.name, one.papers) == ("Sunrise", (paper(1).id, paper(2).id, paper(4).id))


def test_what_readers_met_and_did_not_name_is_an_ordinary_word(catalogue: Catalogue) -> None:
    for number in (10, 11):
        read = paper(number, abstract="MLPs, and FooTune.")
        put_all(catalogue, read)
        catalogue.cards.put(read.id, card(introduces=(), builds_on=("FooTune",)), "a.jsonl")
    put(catalogue, *(f"The MLP is used, with BarTune. {text}" for text in NEW))
    assert waiting(catalogue) == ["BarTune", "FooTune"]


def test_a_predicted_card_does_not_mean_that_somebody_read_the_paper(catalogue: Catalogue) -> None:
    put_all(catalogue, *(paper(n, abstract=text) for n, text in enumerate(NEW)))
    for number in range(len(NEW)):
        catalogue.cards.put(paper(number).id, predicted_card(), "predictor")
    assert propose(catalogue) == 1


def test_what_the_words_around_a_name_say_it_is(catalogue: Catalogue) -> None:
    put(catalogue, *["Results on CountQA show that Zeta3-8B models win by FooTune."] * 3)
    types = {one.name: one.type for one in catalogue.proposals.waiting()}
    assert types == {
        "CountQA": EntityType.BENCHMARK,
        "Zeta3": EntityType.MODEL,
        "FooTune": EntityType.METHOD,
    }


# -- decisions ---------------------------------------------------------------------------------


def test_an_accepted_name_is_an_entity_related_to_its_papers(catalogue: Catalogue) -> None:
    put(catalogue, *NEW, "No name.")
    done = decide_name(catalogue, Decision.ACCEPT, "footune", EntityType.MODEL)
    assert (done.name, done.entity, done.related) == ("FooTune", "model/footune", 3)
    key = catalogue.entities.key("FooTune")
    (found,) = catalogue.entities.get([key])
    assert (found.type, found.source, found.about) == (EntityType.MODEL, PERSON, None)
    assert len(catalogue.relations.of_entities([key])) == 3
    assert waiting(catalogue) == []
    assert propose(catalogue) == 0
    put(catalogue, "FooTune again.", first=9)
    assert waiting(catalogue) == []
    assert len(catalogue.relations.of_entities([key])) == 4


def test_a_rejected_name_is_never_proposed_again(catalogue: Catalogue) -> None:
    put(catalogue, *NEW)
    assert decide_name(catalogue, Decision.REJECT, "FooTune").entity is None
    assert waiting(catalogue) == []
    put(catalogue, *NEW, first=10)
    assert waiting(catalogue) == []
    assert not catalogue.entities.owners("FooTune")


def test_a_name_that_becomes_known_waits_no_longer(catalogue: Catalogue) -> None:
    put(catalogue, *NEW)
    catalogue.cards.put(paper(1).id, card(introduces=("FooTune",)), "a.jsonl")
    update(catalogue)
    assert propose(catalogue) == 0
    assert waiting(catalogue) == []


def test_an_accepted_name_does_not_take_the_id_of_another(catalogue: Catalogue) -> None:
    put(catalogue, *NEW)
    other = Entity("method/footune", EntityType.METHOD, (Name("Tune of Foo"),), "x", "own.yaml")
    catalogue.entities.put(other)
    assert decide_name(catalogue, Decision.ACCEPT, "FooTune").entity == "method/footune-2"
    assert catalogue.entities.get([catalogue.entities.key("method/footune")]) == [other]


@pytest.mark.parametrize(
    ("decision", "kind", "told"),
    [
        (Decision.MOVE, None, "a name is accepted or rejected"),
        (Decision.REJECT, EntityType.METHOD, "a rejected name has no type"),
    ],
)
def test_a_decision_that_means_nothing_changes_nothing(
    catalogue: Catalogue, decision: Decision, kind: EntityType | None, told: str
) -> None:
    put(catalogue, *NEW)
    with pytest.raises(BadRequest, match=told):
        decide_name(catalogue, decision, "FooTune", kind)
    with pytest.raises(NotFound, match="no proposed name 'FooTun' in the atlas"):
        decide_name(catalogue, Decision.ACCEPT, "FooTun")
    assert waiting(catalogue) == ["FooTune"]


def test_where_nothing_is_new_no_paper_is_read_again(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(catalogue, *NEW)
    monkeypatch.setattr(PaperStore, "get", None)
    assert propose(catalogue) == 0
