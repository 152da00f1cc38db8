"""A small atlas whose links are known, for tests of the view graph."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.embedding import embed_missing
from kg.records import Paper
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.graphs.facts import TOPICS, Facts, fill

# 1 cites 2 and is cited by 3 and 4, which cite each other; 5 is alike 1; 6 and 7 are beyond 2;
# 8 has the same authors as all, 9 is linked to nothing. 1 introduces what 3 builds on.
MADE = Facts(
    papers=9,
    cites=[(1, 2), (3, 1), (4, 1), (3, 4), (4, 3), (6, 2), (7, 2)],
    alike=[(1, 5, 0.75)],
    topics=[(1, TOPICS[1]), (2, TOPICS[0]), (5, TOPICS[3]), (8, TOPICS[3])],
    relations=[(1, "introduces", "method/lora"), (3, "builds_on", "method/lora")],
)


@contextmanager
def atlas(facts: Facts = MADE, *more: Paper) -> Iterator[Library]:
    """Open a library of papers that are joined in known ways."""
    with TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        with Catalogue(settings.catalogue) as catalogue:
            fill(catalogue, facts)
            for one in more:
                catalogue.papers.put(one)
            embed_missing(catalogue, HashedWords())
            # The pairs are given: none is to be sought by the tiny embedder.
            catalogue.journal.set_cursor(
                "likeness", HashedWords.model, str(catalogue.vectors.revision)
            )
        with Library(settings, HashedWords()) as library:
            yield library
