"""The catalogue: one database, and a store for each subject in it.

Reads may run in any thread; each thread has its own connection. Writes happen inside
`writing`, which commits all or nothing and moves the revision on when anything changed.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kg.store.database import Database, utc_now
from kg.store.revision_cache import RevisionCache

if TYPE_CHECKING:
    from kg.store.arrivals import ArrivalStore
    from kg.store.authors import AuthorStore
    from kg.store.candidates import CandidateStore
    from kg.store.cards import CardStore
    from kg.store.changes import ChangeStore
    from kg.store.citations import CitationStore
    from kg.store.details import DetailStore
    from kg.store.entities import EntityStore
    from kg.store.facets import FacetStore
    from kg.store.identifiers import IdentifierStore
    from kg.store.journal import Journal
    from kg.store.links import LinkStore
    from kg.store.lists import ListStore
    from kg.store.papers import PaperStore
    from kg.store.placements import PlacementStore
    from kg.store.positions import PositionStore
    from kg.store.proposals import ProposalQueue
    from kg.store.reads import ReadStore
    from kg.store.relations import RelationStore
    from kg.store.reports import ReportStore
    from kg.store.reviews import ReviewQueue
    from kg.store.similarities import SimilarityStore
    from kg.store.vectors import VectorStore
    from kg.store.word_documents import WordDocumentStore
    from kg.store.words import WordStore


class Catalogue:
    """An open catalogue; a context manager that closes this thread's connection.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, with its folder, where it does not exist.
    clock : callable
        Returns the time, in UTC.
    write_wait_s : float
        Seconds that a write waits for other writers, beyond the 30 that each one waits.

    Raises
    ------
    CatalogueError
        If the file cannot be opened; its subclasses say why.
    """

    # The store of each subject, in the module of its name.
    papers: "PaperStore"
    identifiers: "IdentifierStore"
    authors: "AuthorStore"
    words: "WordStore"
    word_documents: "WordDocumentStore"
    changes: "ChangeStore"
    facets: "FacetStore"
    placements: "PlacementStore"
    cards: "CardStore"
    links: "LinkStore"
    reports: "ReportStore"
    details: "DetailStore"
    entities: "EntityStore"
    relations: "RelationStore"
    reads: "ReadStore"
    proposals: "ProposalQueue"
    lists: "ListStore"
    citations: "CitationStore"
    vectors: "VectorStore"
    similarities: "SimilarityStore"
    positions: "PositionStore"
    journal: "Journal"
    arrivals: "ArrivalStore"
    reviews: "ReviewQueue"
    candidates: "CandidateStore"

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        write_wait_s: float = 0.0,
    ) -> None:
        self.path = path
        self.database = Database(path, clock=clock, write_wait_s=write_wait_s)
        self.cache = RevisionCache(self.database)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # A store is made when it is first used: a question loads the code of few.
            kind = Catalogue.__annotations__.get(name)
            if kind is None:
                raise AttributeError(f"a catalogue has no {name}", name=name, obj=self)
            made = getattr(import_module(f"kg.store.{name}"), kind)(self.database)
            return self.__dict__.setdefault(name, made)  # All threads use the same one.

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the catalogue within the block, whatever others write meanwhile."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[object]:
        """Commit all writes of the block together, or none of them: see `Database.writing`."""
        return self.database.writing()

    @property
    def identity(self) -> str:
        """A random name given when the catalogue was made; a copy keeps it."""
        return self.database.identity

    @property
    def revision(self) -> int:
        """Number of the last committed change."""
        return self.database.revision

    def committed_revision(self) -> int:
        """See `Database.committed_revision`."""
        return self.database.committed_revision()

    def size(self) -> int:
        """Return the number of papers."""
        return self.papers.count()

    @property
    def settled_size(self) -> int:
        """The number of papers, counted once a revision: without those of a write under way."""
        return self.cache.get("size", self.size)

    def counts(self) -> dict[str, int]:
        """Return the number of papers, authors, placements, citations and so on."""
        queries = {
            "papers": "SELECT count(*) FROM papers",
            "with_abstract": "SELECT count(*) FROM papers WHERE abstract IS NOT NULL",
            "with_arxiv_id": "SELECT count(*) FROM papers WHERE arxiv_id IS NOT NULL",
            "withdrawn": "SELECT count(*) FROM papers WHERE withdrawn",
            "authors": "SELECT count(DISTINCT name) FROM authorships",
            "placed": "SELECT count(DISTINCT paper) FROM placements",
            "citations": "SELECT count(*) FROM (SELECT DISTINCT citing, cited FROM citations)",
            "lists": "SELECT count(DISTINCT list) FROM list_entries",
            "cards": "SELECT count(*) FROM cards",
            "with_summary": "SELECT count(*) FROM cards WHERE summary IS NOT NULL",
            "with_code": "SELECT count(DISTINCT paper) FROM links WHERE kind = 'code'"
            " AND NOT shared",
            "methods": "SELECT count(*) FROM entities WHERE type = 'method'",
            "benchmarks": "SELECT count(*) FROM entities WHERE type = 'benchmark'",
            "models": "SELECT count(*) FROM entities WHERE type = 'model'",
            "entities": "SELECT count(*) FROM entities",
            "relations": "SELECT count(*) FROM (SELECT DISTINCT entity, relation, paper"
            " FROM entity_papers)",
            "conflicts": "SELECT count(*) FROM conflicts",
            "to_review": "SELECT count(*) FROM reviews",
            "names_to_review": "SELECT count(*) FROM entity_proposals WHERE decision IS NULL",
        }
        return {name: int(self.database.value(sql)) for name, sql in queries.items()}
