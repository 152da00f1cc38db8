"""How the evidence of whole questions is judged, where they state more than a subject."""

from collections.abc import Iterator

import pytest

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.strength import Strength
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

PLACED = paper(
    1,
    title="Adding what was learnt apart",
    abstract="Several nets become one. It is robust.",
    authors=("Dacheng Tao",),
)
OTHERS = [
    paper(
        n, title=f"Paper number {n} on subjects", authors=("Dacheng Tao" if n < 4 else "Bo Long",)
    )
    for n in range(2, 80)
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, PLACED, *OTHERS)
        topic = Placement("model-reuse/model-fusion", PlacedBy.LIST, "a list")
        catalogue.placements.add(PLACED.id, [topic])
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("papers by Dacheng Tao on model fusion", Strength.GOOD),
        ("papers by Dacheng Tao on model editing", Strength.NONE),
        ("papers by Dacheng Tao on pizza dough", Strength.NONE),
        ("papers by Dacheng Tao on robustness", Strength.WEAK),
        ("papers by Dacheng Tao on robust pizza", Strength.NONE),
        ("robust pizza", Strength.NONE),
    ],
)
def test_what_is_on_record_of_a_paper_counts(
    library: Library, question: str, wanted: Strength
) -> None:
    found = library.ask(question)
    assert found.judgement.strength is wanted
    assert "Tao" not in question or "Tao" in found.hits[0].paper.authors[0]
