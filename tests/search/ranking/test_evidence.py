import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.store.catalogue import Catalogue
from search.index.words.base import rarity
from search.index.words.fts5 import Fts5Words
from search.index.words.query_words import words
from search.ranking.evidence import best_sentences, sentences
from tests.support.factories import TEXT, paper, put_all

PROSE = st.text(st.sampled_from("ab AB. !?\"')([0\n$\\é\x02\x03")) | TEXT


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n, abstract="Models and data of models.") for n in range(50, 60)))
        yield opened


def best(catalogue: Catalogue, question: str, abstract: str | None) -> str | None:
    catalogue.papers.put(paper(1, abstract=abstract))
    key = catalogue.identifiers.key(paper(1).id)
    abstracts = {key: abstract} if abstract else {}
    return best_sentences(catalogue, question, abstracts, weights(catalogue, question)).get(key)


def weights(catalogue: Catalogue, question: str) -> dict[str, float]:
    return rarity(Fts5Words(catalogue), words(question))


# -- splitting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "One. Two! Three? Four.",
        "It gains 3.5 points. Then 0.2 more.",
        "We use words, e.g. nouns. Verbs, i.e. Doing words, come next.",
        "See Smith et al. (2020) and Fig. 2 of Sec. 3. It holds w.r.t. A and B.",
        "After J. Smith we ask. Why not?",
        "Code is at https://github.com/a/b.git and example.org/x.y. It runs.",
        'He said "It works." "Really?" (Yes.) [1] It does.',
        "We show $x > 0$. $y$ follows. \\emph{So} it ends.",
        "The size is n. We double it. Cats, dogs, etc. Others follow.",
        "GPT-4 vs. Claude 2. 5 models in all.",
        "No full stop at the end",
        "One paragraph\n\nanother paragraph",
        "Version 2.0 is out. v1.5 was not.",
        "Ends with dots... Then goes on.",
    ],
)
def test_sentences_join_to_the_text(text: str) -> None:
    assert " ".join(sentences(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n ", 0),
        ("One", 1),
        ("One. Two! Three? Four.", 4),
        ("It gains 3.5 points. Then 0.2 more.", 2),
        ("We use words, e.g. Nouns. Verbs, i.e. Doing words, come next.", 2),
        ("See Smith et al. (2020), Fig. 2, Eq. (3), cf. Sec. 3 and No. 5.", 1),
        ("Results vs. GPT hold w.r.t. BLEU.", 1),
        ("After J. R. Smith we ask. Why not?", 2),
        ("The size is n. We double it.", 2),
        ("Cats, dogs, etc. Others follow.", 2),
        ("Code: https://github.com/a/b.git. It runs.", 2),
        ('He said "It works." Then left. (Really.) So be it.', 4),
        ("We show $x > 0$. $y$ follows.", 2),
        ("See \\cite{a}. \\emph{So} it ends.", 2),
        ("one\n\ntwo", 2),
        ("lower case follows. here it goes on.", 1),
    ],
)
def test_sentences_end_where_they_should(text: str, count: int) -> None:
    assert len(sentences(text)) == count, sentences(text)


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert sentences('He said "yes." Then (so.) She left.') == [
        'He said "yes."',
        "Then (so.)",
        "She left.",
    ]


@given(PROSE)
@example("A. " * 3000)
@settings(deadline=None)
def test_no_character_is_lost(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(one == " ".join(one.split()) != "" for one in found)


# -- choosing ----------------------------------------------------------------------------------

ABSTRACT = (
    "Deep networks need data. Merging averages their weights, without any training. "
    "We propose model soups, which merge many. Zebras were not harmed."
)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("weights averaged", "Merging averages their weights, without any training."),
        ("Were zebras harmed?", "Zebras were not harmed."),
        ("MERGED soup", "We propose model soups, which merge many."),
        ("data for networks", "Deep networks need data."),
        ("gorilla", "We propose model soups, which merge many."),
        ("", "We propose model soups, which merge many."),
        ("?!", "We propose model soups, which merge many."),
    ],
)
def test_the_sentence_with_the_question_s_words_is_chosen(
    catalogue: Catalogue, question: str, wanted: str
) -> None:
    assert best(catalogue, question, ABSTRACT) == wanted


def test_a_sentence_that_begins_with_the_word_is_still_one_sentence(catalogue: Catalogue) -> None:
    abstract = "Nothing here yet. Zebras run. Nor here at all."
    assert best(catalogue, "zebras", abstract) == "Zebras run."


def test_a_rare_word_outweighs_common_ones(catalogue: Catalogue) -> None:
    abstract = "Models of data of models. Only a zebra knows."
    assert best(catalogue, "models data zebra", abstract) == "Only a zebra knows."


@pytest.mark.parametrize("question", ["databases data zebra", "data databases zebra"])
def test_a_word_counts_as_itself_and_not_as_a_longer_one(
    catalogue: Catalogue, question: str
) -> None:
    # Databases are rarer than the zebra, and data are common.
    assert best(catalogue, question, "Data are here. Only a zebra knows.") == "Only a zebra knows."


def test_a_word_counts_once_in_a_sentence(catalogue: Catalogue) -> None:
    abstract = "Soup, soup, soup, soup and soup. A zebra eats soup."
    assert best(catalogue, "zebra soup", abstract) == "A zebra eats soup."


def test_the_authors_claim_wins_between_equals(catalogue: Catalogue) -> None:
    abstract = "Merging is old. We propose merging. Merging is hard."
    assert best(catalogue, "merging", abstract) == "We propose merging."


def test_without_words_or_claims_the_first_sentence_stands(catalogue: Catalogue) -> None:
    assert best(catalogue, "gorilla", "It is so. It was so.") == "It is so."


def test_one_sentence_is_the_best(catalogue: Catalogue) -> None:
    assert best(catalogue, "anything", "only  one\nsentence") == "only one sentence"


def test_no_abstract_has_no_sentence(catalogue: Catalogue) -> None:
    assert best(catalogue, "models", None) is None
    assert best(catalogue, "models", "  ") is None


def test_latex_is_left_as_it_is(catalogue: Catalogue) -> None:
    abstract = r"Let $\mathcal{L}$ be a loss. \textbf{Merging} keeps $\ell_2$ small. Ends."
    assert best(catalogue, "merging", abstract) == r"\textbf{Merging} keeps $\ell_2$ small."


def test_each_abstract_has_its_own(catalogue: Catalogue) -> None:
    made = [paper(1, abstract="A zebra. A cat."), paper(2, abstract="A dog. A zebra.")]
    one, two = put_all(catalogue, *made)
    abstracts = {one: made[0].abstract or "", two: made[1].abstract or ""}
    found = best_sentences(catalogue, "cat dog", abstracts, weights(catalogue, "cat dog"))
    assert found == {one: "A cat.", two: "A dog."}


@pytest.mark.slow
@given(PROSE, TEXT)
@example("a nul \0. Then zebra. More.", "zebra")
@example("marks \x02a\x03. Then zebra. More.", "zebra")
@settings(deadline=None, max_examples=60)
def test_the_best_sentence_is_a_part_of_the_abstract(abstract: str, question: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder) / "atlas.sqlite") as catalogue,
    ):
        found = best(catalogue, question or abstract, abstract)
        assert (found is None) == (not abstract.strip())
        if found:
            assert found in sentences(abstract)
            assert found in " ".join(abstract.split())
