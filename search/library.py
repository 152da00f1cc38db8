"""The library: every question to an atlas is one method, which all faces call."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cards.card import NAMES
from kg.records import Filters, Paper
from search.atlas import Atlas
from search.ranking.mode import Mode

if TYPE_CHECKING:  # A question is answered without loading what only others need.
    import networkx as nx

    from kg.analysis.bridges import Bridges
    from kg.analysis.gaps import Gaps
    from kg.analysis.influence import Influence
    from kg.analysis.lineage import Lineage
    from kg.analysis.method_influence import MethodInfluence
    from kg.analysis.paths.connect import PathAnswer
    from kg.analysis.timeline import Timeline
    from kg.cards.card import Card
    from kg.entities.entity import Entity
    from kg.graph.citation_graph import Coverage
    from kg.snapshot.file import Saved
    from kg.store.integrity import Fault
    from kg.store.journal import Change
    from kg.text.partial_date import PartialDate
    from search.map.paper_map import PaperMap
    from search.pages.author import AuthorPage
    from search.pages.comparison.comparison import Comparison
    from search.pages.digest.digest import Digest
    from search.pages.entity import EntityPage
    from search.pages.entity_index import EntityIndex
    from search.pages.entity_links import EntityLinks
    from search.pages.graph_papers import GraphPaper
    from search.pages.methods import MethodOrder, MethodTable
    from search.pages.paper import PaperPage
    from search.pages.reading_list import Belonging, ListedPaper, News, ReadingList
    from search.pages.related import RelatedPapers
    from search.pages.reviews import Reviews
    from search.pages.status import Health, Overview, Status
    from search.pages.topic import PaperOrder, Placed, TopicPage
    from search.ranking.answers import Answer, Hit
    from search.ranking.selection import FilterCounts
    from search.ranking.summary import Summary


class Library(Atlas):
    """An open atlas that answers questions.

    Each method is one question and calls one function, whose docstring says more; it is imported
    when it is called, as few questions need all that others do.
    """

    _map: "PaperMap | None" = None

    # -- finding papers --------------------------------------------------------------------

    def ask(
        self,
        question: str,
        k: int = 10,
        filters: Filters | None = None,
        mode: Mode = Mode.HYBRID,
        literal: bool = False,
        without: Collection[str] = (),
    ) -> "Answer":
        """Answer a question with papers."""
        from search.ranking.ask import ask

        return ask(self, question, k, filters, mode, literal, without)

    def similar(
        self,
        name: str | None = None,
        text: str | None = None,
        k: int = 10,
        filters: Filters | None = None,
    ) -> "tuple[Hit, ...]":
        """Return the papers nearest to a paper, or to a pasted abstract."""
        from search.ranking.ask import similar

        return similar(self, name, text, k, filters)

    def count(self, filters: Filters | None = None, words: str | None = None) -> int:
        """Return how many papers pass the filters and, where words are given, have any of them."""
        from search.ranking.selection import count

        return count(self, filters, words)

    def select(self, filters: Filters | None = None) -> list[Paper]:
        """Return all papers that pass the filters, in order of their ids."""
        from search.ranking.selection import select

        return select(self, filters)

    def filter_counts(self) -> "FilterCounts":
        """Return how many papers each value of the filters by cards and links would find."""
        from search.ranking import selection

        return self.catalogue.cache.get("filter counts", lambda: selection.filter_counts(self))

    def summary(self, answer: "Answer") -> "Summary":
        """Return what the best papers of an answer say."""
        from search.ranking.summary import summarise

        return summarise(self, answer)

    def export(self, name: str, filters: Filters | None = None) -> str:
        """Return the papers that pass the filters in a format of `kg.export.formats`."""
        from search.pages.exports import export

        return export(self, name, filters)

    def export_papers(self, name: str, papers: Sequence[str]) -> str:
        """Return papers in a format of `kg.export.formats`, in the order of their names."""
        from search.pages.exports import export_papers

        return export_papers(self, name, papers)

    # -- pages -----------------------------------------------------------------------------

    def paper(self, name: str, similar: int = 5) -> "PaperPage":
        """Return all that is known of a paper, with some that are near to it."""
        from search.pages.paper import paper_page

        return paper_page(self, name, similar)

    def listed(self, names: Iterable[str]) -> "list[ListedPaper]":
        """Return papers by their ids, links or titles, with their topics."""
        from search.pages.reading_list import listed

        return listed(self, names)

    def entity_index(self, k: int) -> "EntityIndex":
        """Return the `k` most used entities of each type."""
        from search.pages.entity_index import entity_index

        return entity_index(self, k)

    def entity_links(
        self, cards: "Mapping[str, Card | None]", fields: Iterable[str] = NAMES
    ) -> "EntityLinks":
        """Return what the names in the cards of some papers, by their ids, lead to."""
        from search.pages.entity_links import entity_links

        return entity_links(self, cards, fields)

    def compare(self, names: Sequence[str]) -> "Comparison":
        """Return papers, methods, benchmarks and models side by side."""
        from search.pages.comparison.comparison import compare

        return compare(self, names)

    def compare_answer(
        self,
        question: str,
        k: int = 10,
        filters: Filters | None = None,
        mode: Mode = Mode.HYBRID,
        literal: bool = False,
        without: Collection[str] = (),
    ) -> "Comparison":
        """Return the papers that answer a question side by side."""
        from search.pages.comparison.comparison import compare_answer

        return compare_answer(self, question, k, filters, mode, literal, without)

    def author(self, name: str) -> "AuthorPage":
        """Return an author's papers and co-authors."""
        from search.pages.author import author_page

        return author_page(self, name)

    def about(self, name: str) -> "EntityPage":
        """Return what a method, benchmark or model is, where it comes from and who uses it."""
        from search.pages.entity import entity_page

        return entity_page(self, name)

    def methods(
        self, topic: str | None = None, k: int | None = None, order: "MethodOrder | None" = None
    ) -> "MethodTable":
        """Return the methods of a topic or of the whole atlas, with what each needs."""
        from search.pages.methods import MethodOrder, method_table

        return method_table(self, topic, k, order or MethodOrder.USED)

    def entity(self, name: str) -> "Entity":
        """Return the method, benchmark or model of an id or name, without what is around it."""
        from search.pages.entity import entity_key

        with self.catalogue.reading():
            return self.catalogue.entities.get([entity_key(self.catalogue, name)])[0]

    def topics(self, topic: str | None = None) -> "TopicPage":
        """Return the topic tree with its counts, or all about one topic."""
        from search.pages.topic import topic_page, topic_tree

        return topic_tree(self) if topic is None else topic_page(self, topic)

    def topic_papers(
        self,
        topic: str,
        papers: "Sequence[Placed]",
        order: "PaperOrder",
        since: int | None = None,
        until: int | None = None,
    ) -> "list[Placed]":
        """Return papers of a topic's page, those of some years, in an order."""
        from search.pages.topic import arranged

        return arranged(self, topic, papers, order, since, until)

    def reading_list(self, names: Sequence[str]) -> "ReadingList":
        """Return the papers that the ids of a reading list mean now."""
        from search.pages.reading_list import look_up

        return look_up(self, names)

    def belonging(self, reading: "ReadingList", k: int) -> "tuple[Belonging, ...]":
        """Return the papers that belong with a reading list and are not on it, best first."""
        from search.pages.reading_list import belonging

        return belonging(self, reading, k)

    def news(self, reading: "ReadingList", since: datetime) -> "News":
        """Return what has come and changed since a time, as it bears on a reading list."""
        from search.pages.reading_list import news

        return news(self, reading, since)

    def digest(
        self,
        since: datetime | None = None,
        topic: str | None = None,
        questions: Sequence[str] = (),
        after: int | None = None,
    ) -> "Digest":
        """Return what came since a time, by topic or by question."""
        from search.pages.digest.digest import digest

        return digest(self, since, topic, questions, after)

    def last_digest(self) -> "Digest":
        """Return what the last refresh brought."""
        from search.pages.digest.digest import last_digest

        return last_digest(self)

    @property
    def map(self) -> "PaperMap":
        """The map of all papers, always the same one."""
        from search.map.paper_map import PaperMap

        with self._lock:
            self._map = self._map or PaperMap(self)
            return self._map

    # -- the graph -------------------------------------------------------------------------

    def path(self, a: str, b: str, alternatives: int = 3) -> "PathAnswer":
        """Return how two papers, topics or entities are connected."""
        from kg.analysis.paths.connect import connect

        self.update_similar_edges()
        return connect(self.catalogue, self.taxonomy, a, b, alternatives)

    def related(self, names: Sequence[str], k: int = 10) -> "RelatedPapers":
        """Return the papers that belong with one paper, or with several."""
        from search.pages.related import related

        self.update_similar_edges()
        return related(self.catalogue, names, k)

    def influential(
        self, topic: str | None = None, since: "PartialDate | None" = None, k: int = 10
    ) -> "Influence":
        """Return the most influential papers, of all or within a topic."""
        from kg.analysis.influence import influential

        return influential(self.catalogue, self.taxonomy, topic, since, k)

    def influential_methods(
        self, topic: str | None = None, since: "PartialDate | None" = None, k: int = 10
    ) -> "MethodInfluence":
        """Return the most influential methods, of all or of a topic."""
        from kg.analysis.method_influence import influential_methods

        return influential_methods(self.catalogue, self.taxonomy, topic, since, k)

    def lineage(self, name: str, n: int = 20) -> "Lineage":
        """Return what a paper builds on and what builds on it, `n` papers on each side."""
        from kg.analysis.lineage import lineage

        return lineage(self.catalogue, name, n)

    def bridges(self, a: str, b: str, k: int = 10) -> "Bridges":
        """Return the papers that connect two topics."""
        from kg.analysis.bridges import bridges

        return bridges(self.catalogue, self.taxonomy, a, b, k)

    def timeline(self, topic: str | None = None) -> "Timeline":
        """Return papers by topic and year, and which topics grow."""
        from kg.analysis.timeline import timeline

        return timeline(self.catalogue, self.taxonomy, topic)

    def gaps(self, k: int = 10) -> "Gaps":
        """Return topics that are close in meaning and far in citations."""
        from kg.analysis.gaps import gaps
        from search.index.base import stored_vectors

        model = self.embedder
        with self.catalogue.reading():
            keys, vectors = stored_vectors(self.catalogue, model.model, model.dim)
            return gaps(self.catalogue, self.taxonomy, keys, vectors, k)

    def neighbourhood(
        self,
        name: str,
        edges: Collection[str],
        depth: int = 1,
        most: int = 40,
        expand: Sequence[str] = (),
    ) -> "nx.MultiDiGraph":
        """Return the graph around a paper or entity, of at most `most` nodes beside it."""
        from kg.graph.graph import neighbourhood

        self.update_similar_edges()
        return neighbourhood(self.catalogue, self.taxonomy, name, edges, depth, most, expand)

    def topic_graph(self, topic: str, edges: Collection[str], most: int) -> "nx.MultiDiGraph":
        """Return the part of the graph that shows a topic's `most` most influential papers."""
        from kg.analysis.topic_graph import topic_graph

        self.update_similar_edges()
        return topic_graph(self.catalogue, self.taxonomy, topic, edges, most)

    def subgraph(self, nodes: Iterable[str], edges: Collection[str]) -> "nx.MultiDiGraph":
        """Return some nodes of the graph, in their order, and the edges of some kinds between."""
        from kg.graph.graph import among

        return among(self.catalogue, self.taxonomy, nodes, edges)

    def graph_papers(self, names: Iterable[str]) -> "list[GraphPaper]":
        """Return papers of the graph, by their ids, with topics and citations."""
        from search.pages.graph_papers import graph_papers

        return graph_papers(self, names)

    def link_counts(self, node: str) -> dict[str, int]:
        """Return how many edges of each kind a paper or entity has in the graph."""
        from search.pages.graph_papers import link_counts

        return link_counts(self, node)

    def named_entities(self, name: str) -> "list[Entity]":
        """Return the methods, benchmarks and models that a name may mean, the most used first."""
        entities = self.catalogue.entities
        with self.catalogue.reading():
            owners = entities.owners(name)
            near = (
                [] if owners else [k for one in entities.near(name) for k in entities.owners(one)]
            )
            return entities.get(owners or list(dict.fromkeys(near)))

    def coverage(self) -> "Coverage":
        """Return of how many papers any citation is known."""
        from search.pages.graph_papers import coverage

        return coverage(self)

    def most_linked(self, most: int) -> "list[Placed]":
        """Return the papers with the most citations and similar papers."""
        from search.pages.graph_papers import most_linked

        return most_linked(self, most)

    # -- the atlas itself ------------------------------------------------------------------

    def changes(self, since: date | None = None) -> "list[Change]":
        """Return what became of papers from a day (UTC) on, else in the last seven days."""
        return self.catalogue.journal.changes_from(since)

    def latest_changes(self, most: int) -> "list[Change]":
        """Return what became of papers last, the latest first."""
        return self.catalogue.journal.changes(datetime(1, 1, 2, tzinfo=UTC), most)

    def history(self, paper: str) -> "list[Change]":
        """Return what became of the paper of an id, the latest first."""
        return self.catalogue.journal.changes_of(paper)

    def waiting(self, start: int = 0, most: int = -1, most_names: int = -1) -> "Reviews":
        """Return what waits for a reviewer: `most` papers after the first `start`, and names."""
        from search.pages.reviews import reviews

        return reviews(self, start, most, most_names)

    def now(self) -> datetime:
        """Return the time by the clock of the atlas, UTC."""
        return self.catalogue.database.now()

    def last_refresh(self) -> datetime | None:
        """Return when the last refresh ended, UTC."""
        return self.catalogue.journal.last_refresh()

    def save(self, path: Path) -> "Saved":
        """Save the whole atlas as a file; see `kg.snapshot.file.save`."""
        from kg.snapshot.file import save

        return save(self.catalogue, path)

    def overview(self) -> "Overview":
        """Return the state of the atlas at a glance."""
        from search.pages.status import overview

        return overview(self)

    def health(self) -> "Health":
        """Return how much the atlas knows, and how fresh it is."""
        from search.pages.status import health

        return health(self)

    def status(self) -> "Status":
        """Return the state of the atlas, after reading the whole catalogue for damage."""
        from search.pages.status import status

        return status(self)

    def faults(self) -> "list[Fault]":
        """Return all that is wrong with the catalogue, after reading the whole of it."""
        from kg.store import integrity

        return list(integrity.faults(self.catalogue.database))
