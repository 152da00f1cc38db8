from datetime import date
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.arxiv import titles
from ingest.sources.arxiv.queries import (
    CATEGORIES,
    phrase,
    title_clause,
    topic_queries,
    topic_query,
)
from ingest.sources.arxiv.titles import similarity
from kg.errors import BadRequest
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import TEXT, paper

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 31)


def test_a_query_of_several_terms() -> None:
    query = topic_query(["model soups", 'LoRA: (low) "rank"', "model soups"], [], FIRST, LAST)
    assert query == (
        '(ti:"model soups" OR abs:"model soups" OR ti:"LoRA low rank" OR abs:"LoRA low rank")'
        " AND submittedDate:[202405010000 TO 202405312359]"
    )


def test_days_in_the_wrong_order() -> None:
    with pytest.raises(BadRequest, match="2024-05-31"):
        topic_query(["ants"], [], LAST, FIRST)


def test_the_whole_taxonomy_is_asked_in_short_addresses() -> None:
    terms = list(dict.fromkeys(term for topic in Taxonomy.load() for term in topic.terms))
    queries = topic_queries(terms, CATEGORIES, FIRST, LAST)
    assert 1 < len(queries) < 30
    assert max(len(quote_plus(query)) for query in queries) < 3900
    for term in terms:
        assert sum(f'ti:"{phrase(term)}"' in query for query in queries) == 1


def test_no_terms_no_queries() -> None:
    assert topic_queries([], CATEGORIES, FIRST, LAST) == ()
    assert topic_queries(["", "?!"], CATEGORIES, FIRST, LAST) == ()


def test_a_term_that_is_too_long_is_asked_alone() -> None:
    assert len(topic_queries(["ants", "bees " * 400, "wasps"], [], FIRST, LAST, 500)) == 3


@given(TEXT)
def test_a_title_never_breaks_its_query(title: str) -> None:
    clause = title_clause(title)
    if clause is None:
        return
    inside = clause.replace(" AND ", "").replace("ti:", "").strip("()").split('"')[1::2]
    assert clause.count('"') == 2 * len(inside)
    assert all(part and part.replace(" ", "").replace("'", "").replace(".", "") for part in inside)
    assert not set("()[]{}:\\+&|!^~*?/<>") & set("".join(inside))


@pytest.mark.parametrize(
    ("title", "clause"),
    [
        ("Don’t Stop: Pre-training, 2.0", 'ti:"Don\'t Stop Pre-training 2.0"'),
        (r"On $\mathcal{L}_2$-Norms {of} \emph{Ants}", None),
        ("…?", None),
        ("$x$", None),
    ],
)
def test_clauses_of_titles(title: str, clause: str | None) -> None:
    found = title_clause(title)
    if title.startswith("On"):
        assert found == '(ti:"On" AND ti:"Norms" AND ti:"of" AND ti:"Ants")'
    else:
        assert found == clause


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Merging Models by Averaging Weights", "merging models by averaging weights."),
        ("The Data-Free Way to Merge Two Models", "Data free way to merge two models"),
        ("Datafree Merging of All the Networks", "Data-Free Merging of All the Networks"),
        ("Weight Enginerring for Language Models", "Weight Engineering for Language Models"),
        ("Modelling the Behaviour of Merged Networks", "Modeling the Behavior of Merged Networks"),
    ],
)  # fmt: skip
def test_spellings_of_one_title(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a) >= 95


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Learning from All Models, Part 1", "Learning from All Models, Part 2"),
        ("Learning from All Models, Part I", "Learning from All Models, Part II"),
        ("What GPT-2 Knows of Ants and Bees", "What GPT-3 Knows of Ants and Bees"),
        ("Supervised Tuning of Very Large Models", "Unsupervised Tuning of Very Large Models"),
        ("Merging Models with Any Data at All", "Merging Models without Any Data at All"),
        ("On Symmetric Merging of Large Networks", "On Asymmetric Merging of Large Networks"),
        ("Editing the Memory of Vision Models", "Editing the Memory of Language Models"),
        ("A Survey of Model Merging", "Model Merging"),
        ("", ""),
    ],
)  # fmt: skip
def test_titles_of_two_papers(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a) == 0.0


def test_the_best_of_several() -> None:
    exact = paper(1, title="Weight Engineering for Large Models")
    near = paper(2, title="Weight Enginerring for Large Models")
    assert titles.best(exact.title, [near, exact, exact]) == exact
    assert titles.best(exact.title, [near]) == near
    assert titles.best("Something Else Altogether", [near, exact]) is None
    assert titles.best(exact.title, []) is None


def test_two_as_good_are_none() -> None:
    twins = [paper(number, title="Weight Engineering for Large Models") for number in (1, 2)]
    assert titles.best(twins[0].title, twins) is None


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_similarity_has_no_sides(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0.0 <= similarity(a, b) <= 100.0
