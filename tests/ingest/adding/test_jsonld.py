"""Our own export as JSON-LD, read into another atlas: papers, cards, entities and relations."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.adding.add import Added, add
from ingest.entities.update import update
from kg.cards.card import Kind
from kg.entities.entity import Relation
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, predicted_card, put_all

LORA, DORA = "Lowrankish", "Decomposedish"


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The export of an atlas of two papers that were read, and one whose card is predicted."""
    settings = Settings(tmp_path / "first")
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, paper(1), paper(2, arxiv_id=None, url=None), paper(3))
        with catalogue.writing():
            catalogue.cards.put(paper(1).id, card(introduces=(LORA,), builds_on=()), "mine")
            own = card(introduces=(DORA,), builds_on=(LORA,), evaluates_on=("GLUE",))
            catalogue.cards.put(paper(2).id, own, "mine")
            catalogue.cards.put(paper(3).id, predicted_card(), "predictor")
        update(catalogue)
    with Library(settings, HashedWords()) as library:
        text = library.export("jsonld")
    path = tmp_path / "atlas.jsonld"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path / "second")
    Catalogue(settings.catalogue).close()
    with Library(settings, HashedWords()) as opened:
        yield opened


def put(library: Library, path: Path) -> Added:
    return add(library, path, take_all=True, embedder=HashedWords())


def relations(catalogue: Catalogue) -> set[tuple[str, Relation, str]]:
    """Return title of the paper, relation and id of the entity."""
    found = catalogue.relations.all()
    entities = catalogue.entities.ids([one.entity for one in found])
    keys = catalogue.papers.keys()
    papers = {k: one.title for k, one in zip(keys, catalogue.papers.get(keys), strict=True)}
    return {(papers[one.paper], one.relation, entities[one.entity]) for one in found}


def test_what_cards_say_survives_the_way_out_and_in(exported: Path, library: Library) -> None:
    added = put(library, exported)
    assert not added.problems
    assert (added.counts["added"], added.counts["cards"]) == (3, 2)
    one, two = paper(1).title, paper(2).title
    lora, dora = f"method/{LORA.lower()}", f"method/{DORA.lower()}"
    assert relations(library.catalogue) >= {
        (one, Relation.INTRODUCES, lora),
        (two, Relation.INTRODUCES, dora),
        (two, Relation.BUILDS_ON, lora),
        (two, Relation.EVALUATES_ON, "benchmark/glue"),
    }
    assert put(library, exported).counts["cards_unchanged"] == 2


def test_a_card_that_was_read_here_stays(exported: Path, library: Library) -> None:
    put(library, exported)
    with library.catalogue.writing():
        library.catalogue.cards.put(paper(1).id, card(kind=Kind.ANALYSIS), "mine")
    put(library, exported)
    assert library.paper(paper(1).id).details.card == card(kind=Kind.ANALYSIS)


def test_a_wrong_card_is_reported_with_its_line(exported: Path, library: Library) -> None:
    document = json.loads(exported.read_text("utf-8"))
    wrong = next(node for node in document["@graph"] if "lfm:card" in node)
    wrong["lfm:card"] = {"kind": "essay", "by": "title"}
    exported.write_text(json.dumps(document, indent=2, ensure_ascii=False), "utf-8")
    added = put(library, exported)
    assert (added.counts["added"], added.counts["cards"]) == (2, 1)
    (problem,) = added.problems
    assert "its card cannot be read" in problem
    assert "essay" in problem


def test_articles_of_publishers_are_read_on_one_line(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "articles.json"
    article = {
        "@context": "https://schema.org",
        "@type": ["ScholarlyArticle"],
        "headline": "On merging",
        "author": {"@type": "Person", "givenName": "Ada", "familyName": "Ant"},
        "sameAs": "https://doi.org/10.1000/x",
        "datePublished": "2023-04-05",
        "isPartOf": {"@type": "Periodical", "name": "Journal of Models"},
    }
    path.write_text(json.dumps(article), "utf-8")
    assert put(library, path).counts["added"] == 1
    (found,) = library.catalogue.papers.get(library.catalogue.papers.keys())
    assert (found.title, found.authors, found.doi) == ("On merging", ("Ada Ant",), "10.1000/x")
    assert (found.year, found.venue) == (2023, "Journal of Models")
