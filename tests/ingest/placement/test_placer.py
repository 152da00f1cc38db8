"""Topics for new papers: what is learnt, from whom, and what is made of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.embedding import embed_missing
from ingest.placement.examples import READ
from ingest.placement.negatives import papers as negatives
from ingest.placement.negatives.papers import Negatives
from ingest.placement.placer import (
    MIN_PLACED_PAPERS,
    MIN_PLACED_PROBABILITY,
    MIN_REVIEWED_PROBABILITY,
    PlacementDecision,
    Placer,
    Verdict,
    decision_of,
)
from kg.errors import DamagedSnapshot
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder
from tests.support.embedders import HashedWords
from tests.support.factories import paper

TAXONOMY = Taxonomy.load()
ARITHMETIC = "model-reuse/model-fusion/task-arithmetic"
SOUPS = "model-reuse/model-fusion/weight-interpolation"
MEMORY = "model-editing/memory-based"
WORDS = {
    ARITHMETIC: "merging models by adding task vectors",
    SOUPS: "merging models as averaged soups of weights",
    MEMORY: "editing facts kept in an outer memory",
}
FILLER = "robust simple fast deep neural general scalable efficient".split()


def title(words: str, number: int) -> str:
    return f"{FILLER[number % 8]} {words} {FILLER[number // 8 % 8]} {number}"


def outside_of(embedder: HashedWords, model: str = HashedWords.model) -> Negatives:
    """Astronomy, with vectors of another model where `model` is another name."""
    titles = tuple(title("survey of faint galaxies", number) for number in range(40))
    vectors = embedder.encode(titles)
    ids = tuple(f"0801.{number:04}" for number in range(40))
    return Negatives(ids, titles, ("far",) * 40, model, vectors, vectors)


OUTSIDE = outside_of(HashedWords())


def fill(catalogue: Catalogue, each: int = 12) -> None:
    with catalogue.writing():
        for place, (topic, words) in enumerate(WORDS.items()):
            for number in range(each):
                one = paper(100 * place + number, title=title(words, number), abstract=None)
                catalogue.papers.put(one)
                catalogue.placements.add(one.id, [Placement(topic, PlacedBy.LIST, "a list")])
    embed_missing(catalogue, HashedWords())


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        fill(opened)
        yield opened


def train(
    catalogue: Catalogue, rejected: tuple[tuple[str, str | None], ...] = (), **options: Negatives
) -> Placer:
    return Placer.train(
        catalogue, TAXONOMY, HashedWords(), rejected, options.get("outside", OUTSIDE)
    )


def judge(placer: Placer, *titles: str) -> list[PlacementDecision]:
    return placer.place(HashedWords().encode(titles), titles)


def add(catalogue: Catalogue, number: int, words: str, placement: Placement) -> None:
    one = paper(number, title=words, abstract=None)
    catalogue.papers.put(one)
    catalogue.placements.add(one.id, [placement])
    embed_missing(catalogue, HashedWords())


def confidence(placer: Placer, words: str, topic: str) -> float:
    _, found = placer.confidences(HashedWords().encode([words]), [words])
    return float(found[topic][0]) if topic in found else 0.0


@pytest.mark.slow
def test_papers_like_those_of_a_topic_are_placed_there(catalogue: Catalogue) -> None:
    placer = train(catalogue)
    for topic, words in WORDS.items():
        (found,) = judge(placer, title(words, 77))
        assert found.verdict == Verdict.PLACED
        ((named, _),) = found.topics
        assert named == topic
    (found,) = judge(placer, title("survey of faint galaxies", 77))
    assert found.verdict == Verdict.OUTSIDE
    assert found.topics == ()
    assert found.belongs < MIN_REVIEWED_PROBABILITY


FUSION, EDITING = "model-reuse/model-fusion", "model-editing"
DECISIONS = {
    "the deepest topic that has enough of its area": (
        0.9, {"model-reuse": 0.8, FUSION: 0.8, SOUPS: 0.4, ARITHMETIC: 0.2},
        Verdict.PLACED, [SOUPS],
    ),
    "topics too near each other: their common parent": (
        0.9, {"model-reuse": 0.9, FUSION: 0.9, SOUPS: 0.3, ARITHMETIC: 0.3},
        Verdict.PLACED, [FUSION],
    ),
    "the likeliest area, though its topic is the less likely": (
        0.95, {"model-reuse": 0.55, FUSION: 0.5, SOUPS: 0.2, EDITING: 0.4, MEMORY: 0.4},
        Verdict.PLACED, [SOUPS],
    ),
    "between two areas: for a person": (
        0.95, {"model-reuse": 0.45, FUSION: 0.4, SOUPS: 0.3, EDITING: 0.48, MEMORY: 0.45},
        Verdict.UNSURE, [MEMORY, SOUPS],
    ),
    "perhaps of the field: for a person": (0.55, {EDITING: 0.55}, Verdict.UNSURE, [EDITING]),
    "hardly of the field": (0.45, {EDITING: 0.45}, Verdict.OUTSIDE, []),
}  # fmt: skip


@pytest.mark.parametrize(
    ("belongs", "confidence", "verdict", "topics"), DECISIONS.values(), ids=DECISIONS.keys()
)
def test_probabilities_decide(
    belongs: float, confidence: dict[str, float], verdict: Verdict, topics: list[str]
) -> None:
    found = decision_of(TAXONOMY, belongs, confidence)
    assert (found.verdict, found.belongs) == (verdict, belongs)
    assert [topic for topic, _ in found.topics] == topics
    assert all(sure == confidence[topic] for topic, sure in found.topics)


@pytest.mark.slow
def test_a_list_that_stops_early_does_not_hold_papers_back(catalogue: Catalogue) -> None:
    """Papers that a list has under a branch say little against the topics below."""
    for number in range(12):
        words = title(WORDS[SOUPS], 40 + number)
        add(catalogue, 900 + number, words, Placement(FUSION, PlacedBy.LIST, "another list"))
    (found,) = judge(train(catalogue), title(WORDS[SOUPS], 77))
    assert found.topics[0][0] == SOUPS


@pytest.mark.slow
def test_a_reading_counts_in_place_of_what_lists_say(catalogue: Catalogue) -> None:
    words = "merging models by adding sparse vectors"
    for number in range(8):
        one = title(words, number)
        add(catalogue, 900 + number, one, Placement(MEMORY, PlacedBy.LIST, "a list"))
        key = catalogue.identifiers.key(paper(900 + number).id)
        read = Placement(ARITHMETIC, PlacedBy.MODEL, READ, 0.9)
        catalogue.placements.add(catalogue.papers.get([key])[0].id, [read])
    (found,) = judge(train(catalogue), title(words, 77))
    assert found.topics[0][0] == ARITHMETIC


@pytest.mark.slow
def test_no_papers_no_judgements(catalogue: Catalogue, tmp_path: Path) -> None:
    nothing = np.empty((0, HashedWords.dim), np.float32)
    assert train(catalogue).place(nothing, []) == []
    with Catalogue(tmp_path / "empty.sqlite") as empty:
        assert train(empty).place(nothing, []) == []


@pytest.mark.parametrize("papers", [0, 1, MIN_PLACED_PAPERS // 3])
def test_from_less_than_a_handful_nothing_is_told(tmp_path: Path, papers: int) -> None:
    with Catalogue(tmp_path / "small.sqlite") as small:
        fill(small, papers)
        (found,) = judge(train(small), title(WORDS[MEMORY], 3))
    assert found == PlacementDecision(Verdict.UNSURE, (), 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("each", [4, 5, 6])
def test_little_more_than_a_handful_is_learnt_from(tmp_path: Path, each: int) -> None:
    with Catalogue(tmp_path / "small.sqlite") as small:
        fill(small, each)
        galaxy, memory = judge(train(small), OUTSIDE.titles[0], title(WORDS[MEMORY], 1))
    assert galaxy.belongs < memory.belongs


@pytest.mark.slow
def test_a_topic_with_one_paper_does_not_hinder(catalogue: Catalogue) -> None:
    add(catalogue, 500, "hypernetworks", Placement("meta-learning", PlacedBy.LIST, "a list"))
    (found,) = judge(train(catalogue), title(WORDS[MEMORY], 77))
    assert found.topics[0][0] == MEMORY


@pytest.mark.slow
def test_titles_without_words_do_no_harm(catalogue: Catalogue) -> None:
    for number, topic in enumerate(("meta-learning", "meta-learning/bayesian")):
        add(catalogue, 600 + number, "!" * (number + 1), Placement(topic, PlacedBy.LIST, "a list"))
    for found in judge(train(catalogue), "", "???", "字"):
        assert 0 <= found.belongs <= 1


@pytest.mark.slow
def test_what_a_model_placed_is_not_learnt_from(catalogue: Catalogue) -> None:
    before = train(catalogue)
    for number in range(20):
        placed = Placement(MEMORY, PlacedBy.MODEL, "a model", 0.9)
        add(catalogue, 700 + number, title("growing better tomatoes", number), placed)
    after = train(catalogue)
    titles = [title(words, 77) for words in (*WORDS.values(), "growing better tomatoes")]
    assert judge(before, *titles) == judge(after, *titles)


@pytest.mark.slow
def test_what_a_person_accepts_draws_its_like_to_the_topic(catalogue: Catalogue) -> None:
    words = "patching answers after release"
    before = confidence(train(catalogue), title(words, 9), MEMORY)
    for number in range(3):
        accepted = Placement(MEMORY, PlacedBy.PERSON, "ada")
        add(catalogue, 800 + number, title(words, number), accepted)
    assert confidence(train(catalogue), title(words, 9), MEMORY) > before + 0.1


@pytest.mark.slow
def test_what_a_person_rejects_drives_its_like_away(catalogue: Catalogue) -> None:
    words = "editing facts of an outer garden"
    before, after = (
        judge(train(catalogue, rejected), title(words, 9))[0]
        for rejected in ((), tuple((title(words, number), None) for number in range(3)))
    )
    assert after.belongs < before.belongs - 0.1


@pytest.mark.slow
def test_a_rejected_paper_does_not_count_as_a_lists(catalogue: Catalogue) -> None:
    every = tuple((title(WORDS[MEMORY], number), "With an abstract.") for number in range(12))
    placer = train(catalogue, every)
    assert confidence(placer, title(WORDS[MEMORY], 3), MEMORY) == 0
    assert judge(placer, title(WORDS[MEMORY], 3))[0].verdict == Verdict.OUTSIDE


def test_a_paper_of_another_field_that_was_placed_is_not_outside(catalogue: Catalogue) -> None:
    for number in range(len(OUTSIDE.titles)):
        placed = Placement(MEMORY, PlacedBy.PERSON, "ada")
        add(catalogue, 900 + number, OUTSIDE.titles[number].upper() + ".", placed)
    # Nothing is left outside, so that nothing can be told.
    assert judge(train(catalogue), OUTSIDE.titles[0])[0].verdict == Verdict.UNSURE


@pytest.mark.slow
def test_the_same_papers_give_the_same_placer(catalogue: Catalogue) -> None:
    titles = [title(words, 77) for words in WORDS.values()]
    assert judge(train(catalogue), *titles) == judge(train(catalogue), *titles)


@pytest.mark.slow
def test_another_model_sees_titles_alone(catalogue: Catalogue) -> None:
    for number in range(8):
        one = paper(number, title=title(WORDS[ARITHMETIC], number), abstract="Filler " * 20)
        catalogue.papers.put(one)
    embed_missing(catalogue, HashedWords())
    other = replace(OUTSIDE, model="another")
    placer = train(catalogue, negatives=other)
    assert judge(placer, title(WORDS[ARITHMETIC], 77))[0].verdict == Verdict.PLACED
    assert judge(placer, OUTSIDE.titles[3])[0].verdict == Verdict.OUTSIDE


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Placer:
    with Catalogue(tmp_path_factory.mktemp("atlas") / "atlas.sqlite") as opened:
        fill(opened)
        return train(opened)


VOCABULARY = sorted({*" ".join(WORDS.values()).split(), *FILLER, "galaxies", "survey", "tomatoes"})


@pytest.mark.slow
@given(words=st.lists(st.sampled_from(VOCABULARY), max_size=12))
@settings(max_examples=60)
def test_every_judgement_keeps_the_rules(learnt: Placer, words: list[str]) -> None:
    whole = " ".join(words)
    (found,) = judge(learnt, whole)
    belongs, confidences = learnt.confidences(HashedWords().encode([whole]), [whole])
    assert belongs[0] == pytest.approx(found.belongs)
    assert sum(confidences[a.id][0] for a in TAXONOMY.roots if a.id in confidences) == (
        pytest.approx(found.belongs)
    )
    for topic, values in confidences.items():
        assert 0 <= values[0] <= 1
        above = TAXONOMY[topic].parent
        assert above is None or values[0] <= confidences[above][0] + 1e-9
    told = [sure for _, sure in found.topics]
    assert told == sorted(told, reverse=True)
    assert all(topic in TAXONOMY and 0 <= sure <= 1 for topic, sure in found.topics)
    if found.verdict == Verdict.PLACED:
        assert len(told) == 1
        assert found.belongs >= MIN_PLACED_PROBABILITY
    else:
        assert (found.verdict == Verdict.OUTSIDE) == (found.belongs < MIN_REVIEWED_PROBABILITY)


@pytest.mark.slow
def test_importing_the_module_does_not_import_scikit_learn() -> None:
    code = "import sys, ingest.placement.placer; sys.exit('sklearn' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_lists_have_none_of_the_papers_of_other_fields(unpacked_snapshot: Path) -> None:
    bundled = negatives.bundled()
    assert len(bundled.ids) == len(set(bundled.ids)) == len(bundled.of_papers)
    assert set(bundled.kinds) == set(negatives.KINDS)
    with Catalogue(unpacked_snapshot) as catalogue:
        assert not catalogue.lists.names(list(catalogue.identifiers.keys(bundled.ids).values()))


def test_what_is_written_of_other_fields_is_read_again(tmp_path: Path) -> None:
    for name, data in negatives.dump(OUTSIDE).items():
        (tmp_path / name).write_bytes(data)
    again = negatives.load(tmp_path)
    assert (again.ids, again.titles, again.kinds) == (OUTSIDE.ids, OUTSIDE.titles, OUTSIDE.kinds)
    assert (again.of_titles * OUTSIDE.of_titles).sum(axis=1).min() > 0.9999
    assert negatives.dump(again)["papers.jsonl.gz"] == negatives.dump(OUTSIDE)["papers.jsonl.gz"]


@pytest.mark.parametrize("name", ["manifest.json", "papers.jsonl.gz", "vectors.npy"])
@pytest.mark.parametrize("harm", ["missing", "cut", "other"])
def test_damaged_files_of_other_fields_are_refused(tmp_path: Path, name: str, harm: str) -> None:
    for file, data in negatives.dump(OUTSIDE).items():
        (tmp_path / file).write_bytes(data)
    broken = tmp_path / name
    if harm == "missing":
        broken.unlink()
    elif harm == "cut":
        broken.write_bytes(broken.read_bytes()[:-20])
    else:
        broken.write_bytes(json.dumps({"format": 1}).encode())
    with pytest.raises(DamagedSnapshot, match="install lfm-atlas again"):
        negatives.load(tmp_path)


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "abstract", "topics"),
    [
        (
            "Low-rank updates for frozen transformers",
            "We keep the weights of a large language model fixed and train two thin matrices for"
            " each layer, whose product is added to the weight after fine-tuning.",
            "model-tuning",
        ),
        (
            "Averaging fine-tuned checkpoints into one model",
            "Models fine-tuned from the same start are merged by averaging their weights, with no"
            " training data and no cost when the merged model runs.",
            "model-reuse/model-fusion",
        ),
        (
            "Editing a single fact in a language model",
            "We find the layers that hold a factual association and edit their weights, so that"
            " the model tells the new fact and all other knowledge stays.",
            "model-editing",
        ),
        (
            "A small student taught by a large teacher network",
            "Knowledge distillation with soft labels lets a small network match the teacher.",
            "model-distillation",
        ),
        (
            "A redshift survey of faint galaxies in the southern sky",
            "We measured redshifts of nine thousand galaxies and give their luminosity function.",
            None,
        ),
        (
            "Ensemble Kalman filters for ocean currents",
            "An ensemble of simulations is corrected by observations of sea level.",
            None,
        ),
        (
            "Prime gaps and the zeros of the zeta function",
            "Under the Riemann hypothesis we bound the gaps between consecutive primes.",
            None,
        ),
    ],
)
def test_well_known_kinds_of_papers(
    real: Placer, name: str, abstract: str, topics: str | None
) -> None:
    ((_, vectors),) = embed_papers(open_embedder(), [(0, name, abstract)])
    (found,) = real.place(vectors, [name])
    if topics is None:
        assert found.verdict == Verdict.OUTSIDE
    else:
        assert found.verdict == Verdict.PLACED
        assert found.topics[0][0].startswith(topics)


@pytest.fixture(scope="module")
def real(unpacked_snapshot: Path) -> Placer:
    with Catalogue(unpacked_snapshot) as catalogue:
        return Placer.train(catalogue, TAXONOMY, open_embedder())
