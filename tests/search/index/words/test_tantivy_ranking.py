"""tantivy's scores beside those of FTS5, and the lengths that it tells apart."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy

from kg.cards.card import Kind
from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words.fts5_terms import Fts5Terms
from search.index.words.open import Opener
from search.index.words.tantivy_schema import indexed_text, nearest_length, schema
from tests.support.factories import card, paper

WORDS = [
    *("merging", "models", "weights", "tuning", "fine-tuning", "finetuning", "adapter", "optimise"),
    *("optimizing", "networks", "training", "cross-lingual", "distillation", "rank", "of", "the"),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    draw = random.Random(5)
    weights = [1 / n for n in range(1, len(WORDS) + 1)]

    def text(most: int) -> str:
        return " ".join(draw.choices(WORDS, weights, k=draw.randint(1, most)))

    with Catalogue(tmp_path_factory.mktemp("ranking") / "atlas.sqlite") as opened:
        with opened.writing():
            for number in range(600):
                abstract = text(120) if number % 5 else None
                opened.papers.put(paper(number, title=text(8), abstract=abstract))
                if number % 3 == 0:
                    opened.cards.put(paper(number).id, card(kind=Kind.SURVEY), "x")
        yield opened


def found(catalogue: Catalogue, kind: str, question: str) -> dict[int, float]:
    index = Opener(catalogue, kind, catalogue.path.parent / "cache").opened()
    assert index.kind == kind
    return dict(index.search(question, 1000, Filters()))


@pytest.mark.parametrize(
    "question",
    [
        "merging",
        "merging the weights of models",
        "fine-tuning",
        "finetuning of adapters",
        "optimizing cross-lingual networks",
        "author7 rank distillation",
        "merging merged weights",
    ],
)
def test_the_scores_are_those_of_fts5(catalogue: Catalogue, question: str) -> None:
    wanted = found(catalogue, "fts5", question)
    scores = found(catalogue, "tantivy", question)
    assert scores.keys() == wanted.keys()
    # A length is kept to a sixteenth and more.
    assert all(scores[key] == pytest.approx(score, rel=0.04) for key, score in wanted.items())
    mean = sum(scores[key] / score for key, score in wanted.items()) / len(wanted)
    assert mean == pytest.approx(1, abs=0.01)


def test_lengths_that_tantivy_tells_apart() -> None:
    kept = [length for length in range(1, 400) if nearest_length(length) == length]
    scores = {}
    for length in kept:
        index = tantivy.Index(schema(), path=None)
        writer = index.writer(15_000_000, 1)
        # Of three papers, so that their mean length is the same: one is asked for.
        for text in ("zebra" + " +" * (length - 1), " +" * (1200 - length), "other"):
            document = tantivy.Document()
            document.add_text("text", text)
            writer.add_document(document)
        writer.commit()
        index.reload()
        query = tantivy.Query.term_query(index.schema, "text", "zebra", "freq")
        ((scores[length], _),) = index.searcher().search(query, 1).hits
    for length, score in scores.items():
        norm = 1.2 * (0.25 + 0.75 * length / (1201 / 3))
        assert score * (1 + norm) == pytest.approx(scores[1] * (1 + 1.2 * 0.25 + 0.9 * 3 / 1201))


def test_a_text_is_four_times_as_long_as_its_words() -> None:
    terms = Fts5Terms()
    (title, abstract) = terms.of(["LoRA: low-rank adaptation", "We tune " * 20])
    text = indexed_text(title, [abstract, []], terms).split()
    assert len(text) == nearest_length(4 * (len(title) + len(abstract)))
    assert text.count("lora") == text.count("low+rank") == 3
    assert text.count("tune") == 20
    # Of a title that is all compounds there is room for each.
    (title,) = terms.of(["multi multi multi multi"])
    assert len(indexed_text(title, [], terms).split()) == 3 * (4 + 3)
    assert indexed_text([], [], terms) == ""


@pytest.mark.parametrize(("both", "counted"), [(1, 301), (3, 303), (4, 300), (100, 300)])
def test_papers_of_two_spellings_count_once_where_they_are_many(
    tmp_path: Path, both: int, counted: int
) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        with catalogue.writing():
            for number in range(300):
                title = "Trans-former or transformer" if number < both else "A transformer"
                catalogue.papers.put(paper(number, title=title, abstract=None))
        index = Opener(catalogue, "tantivy", tmp_path / "cache").opened()
        # No more than there are papers.
        assert index.document_frequencies(["transformer"]) == {"transformer": min(counted, 300)}
        with catalogue.writing():
            for number in range(300, 310):
                catalogue.papers.put(paper(number, title="Another", abstract=None))
        index = Opener(catalogue, "tantivy", tmp_path / "cache").opened()
        assert index.document_frequencies(["transformer"]) == {"transformer": counted}
