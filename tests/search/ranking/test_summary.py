"""Summaries: sentences of the papers, each once, and none where nothing answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.embedding import embed_missing
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.mode import Mode
from search.ranking.strength import Strength
from search.ranking.summary import (
    MAX_SENTENCE_CHARS,
    MAX_STATEMENTS,
    Candidate,
    Statement,
    choose,
)
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all


def sentence(words: str, score: float = 1.0) -> Candidate:
    return Candidate(frozenset(words.split()), score)


ASKED = {"soup": 2.0, "salt": 1.0}

# -- choosing ----------------------------------------------------------------------------------


def test_the_sentence_with_more_of_the_question_comes_first() -> None:
    assert choose([sentence("salt x"), sentence("soup salt y")], ASKED) == [1]
    assert choose([sentence("soup x"), sentence("soup salt y")], ASKED) == [1, 0]


def test_between_equals_the_better_paper_is_quoted() -> None:
    assert choose([sentence("soup x", 0.2), sentence("soup y", 0.9)], ASKED)[0] == 1


def test_what_is_said_already_is_not_said_again() -> None:
    told = [sentence("soup a b c d"), sentence("soup a b c d"), sentence("soup e f g h", 0.1)]
    assert choose(told, ASKED) == [0, 2]


def test_what_is_new_comes_before_what_is_half_said() -> None:
    told = [sentence("soup a b c d"), sentence("soup a b y z", 0.95), sentence("soup e f g", 0.9)]
    assert choose(told, ASKED) == [0, 2, 1]


def test_a_sentence_with_little_of_the_question_is_left_out() -> None:
    assert choose([sentence("salt x"), sentence("y z")], {"soup": 9.0, "salt": 1.0}) == []
    assert choose([sentence("salt x"), sentence("y z")], {"soup": 9.0, "salt": 1.0}, least=0) == [0]


def test_a_sentence_without_a_word_of_the_question_is_left_out_however_little_words_weigh() -> None:
    least_weight = 5e-324
    without, with_it = sentence("y z"), sentence("soup x")
    assert choose([without], {"soup": least_weight}) == []
    assert choose([without, with_it], {"soup": least_weight}) == [1]
    assert choose([without], ASKED, least=0) == []
    assert choose([without], {"soup": 0.0}) == []


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose([], ASKED) == []
    assert choose([sentence("soup")], {}) == []


WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)


@given(
    st.lists(st.builds(Candidate, WORDS, st.floats(0, 1)), max_size=12),
    st.dictionaries(st.sampled_from("abcd"), st.floats(0, 9)),
    st.integers(0, 5),
)
def test_each_sentence_is_chosen_once_and_has_a_word_of_the_question(
    candidates: list[Candidate], asked: dict[str, float], most: int
) -> None:
    found = choose(candidates, asked, most)
    assert len(set(found)) == len(found) <= most
    assert all(candidates[at].words & asked.keys() for at in found)


# -- of an answer ------------------------------------------------------------------------------

FIELD = (
    "We merge models by averaging their weights.",
    "Task vectors let merged models unlearn.",
    "Merged models lose accuracy when signs disagree.",
    "Permutations align the weights of models before they are merged.",
    "Merging models with routers keeps experts apart.",
    "Merged models need calibration of their statistics.",
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        made = [paper(n, title=f"Merging {n}", abstract=text) for n, text in enumerate(FIELD)]
        others = [
            paper(n, title=f"subject{n} of{n} no{n} interest{n}", abstract=None)
            for n in range(100, 180)
        ]
        titled = paper(90, title="Merged models of zebras", abstract=None)
        put_all(catalogue, *made, *others, titled)
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def test_a_summary_quotes_evidence_of_different_papers(library: Library) -> None:
    answer = library.ask("merged models")
    found = library.summary(answer)
    assert found.judgement.strength is Strength.GOOD
    assert 3 <= len(found.statements) <= MAX_STATEMENTS
    by_rank = {hit.rank: hit for hit in answer.hits}
    assert all(by_rank[one.rank].evidence == one.sentence for one in found.statements)
    assert len({one.rank for one in found.statements}) == len(found.statements)
    assert found.read == 10
    assert found.without_text == sum(hit.evidence is None for hit in answer.hits) > 0


@pytest.mark.parametrize("mode", list(Mode))
def test_a_question_off_the_field_is_told_so_and_quotes_nothing(
    library: Library, mode: Mode
) -> None:
    answer = library.ask("pizza ristorante napoli models", mode=mode)
    found = library.summary(answer)
    assert found.judgement.strength is Strength.NONE
    assert found.statements == ()
    assert "“pizza”" in found.judgement.reasons[-1]


def test_of_a_paper_without_abstract_the_atlas_says_its_own_sentence(library: Library) -> None:
    zebras = paper(90).id
    summary = "Averages striped animals with no need of any data, as ten herds show on the plain."
    library.catalogue.cards.put(zebras, card(summary=summary), "snapshot")
    answer = library.ask("merged models of zebras", k=1)
    found = library.summary(answer)
    assert answer.hits[0].evidence is None
    assert found.statements == (Statement(1, summary, quoted=False),)
    assert found.without_text == 0


def test_a_sentence_of_the_abstract_comes_before_a_summary_of_it(library: Library) -> None:
    library.catalogue.cards.put(paper(0).id, card(), "snapshot")
    answer = library.ask("averaging weights", k=1)
    assert answer.hits[0].details.summary
    (said,) = library.summary(answer).statements
    assert said == Statement(1, FIELD[0], quoted=True)


def test_what_needs_a_thing_is_no_answer_to_how_to_do_without(library: Library) -> None:
    needs = "Finds that merging without loss needs the models, all the tasks and lots of data."
    lacks = "Averages the merging zebras with no need of any data, as ten herds show."
    for number, summary in ((90, needs), (100, lacks)):
        library.catalogue.cards.put(paper(number).id, card(summary=summary), "snapshot")
    found = library.summary(library.ask("merging without any data"))
    said = [one.sentence for one in found.statements]
    assert lacks in said
    assert needs not in said


def test_titles_alone_are_not_quoted(library: Library) -> None:
    found = library.summary(library.ask("merged models of zebras", k=1))
    assert (found.statements, found.read, found.without_text) == ((), 1, 1)
    assert found.judgement.strength is Strength.GOOD


def test_a_text_is_no_matter_of_words(library: Library) -> None:
    pasted = " ".join(FIELD) + " pizza ristorante napoli spaghetti tomatoes cheese basil olives"
    found = library.summary(library.ask(pasted))
    assert found.judgement.strength is Strength.GOOD
    assert found.statements


def test_a_sentence_without_end_is_not_quoted(library: Library) -> None:
    endless = "gorilla " * MAX_SENTENCE_CHARS
    put_all(library.catalogue, paper(95, title="Gorilla", abstract=endless))
    embed_missing(library.catalogue, library.embedder)
    answer = library.ask("gorilla", k=1)
    assert answer.hits[0].evidence
    assert library.summary(answer).statements == ()


def test_an_answer_of_nothing_has_an_empty_summary(library: Library) -> None:
    found = library.summary(library.ask("gorilla", mode=Mode.KEYWORD))
    assert (found.statements, found.read) == ((), 0)
    assert found.judgement.strength is Strength.NONE
