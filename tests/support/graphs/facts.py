"""Small catalogues of papers that are joined in known ways, for tests of the graph."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import strategies as st

from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.graph.schema import RELATIONS
from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import empty_catalogue, paper, put_all
from tests.support.sqlite_connections import prepared, without_fsync

TAXONOMY = Taxonomy.load()
TOPICS = (
    "model-reuse/model-fusion",
    "model-reuse/model-fusion/task-arithmetic",
    "model-editing",
    "model-editing/memory-based",
    "gone-from-the-taxonomy",
)
ENTITIES = ("method/one", "method/two", "method/three", "benchmark/one")


class Facts(NamedTuple):
    """What joins some papers, by their numbers from 1 on, which are their keys too."""

    papers: int
    cites: Sequence[tuple[int, int]] = ()
    topics: Sequence[tuple[int, str]] = ()
    alike: Sequence[tuple[int, int, float]] = ()
    withdrawn: Sequence[int] = ()
    same_authors: bool = False
    relations: Sequence[tuple[int, str, str]] = ()
    """Number of a paper, kind of edge, and the id of an entity."""
    extends: Sequence[tuple[str, str]] = ()
    """Ids of entities, as a list says."""


def fill(catalogue: Catalogue, facts: Facts) -> None:
    """Put the papers and what joins them into an empty catalogue."""
    made = [paper(n, withdrawn=n in facts.withdrawn) for n in range(1, facts.papers + 1)]
    if not facts.same_authors:
        made = [replace(one, authors=(), categories=()) for one in made]
    assert put_all(catalogue, *made) == list(range(1, facts.papers + 1))
    with catalogue.writing():
        catalogue.citations.add(Citation(name(a), name(b), "s") for a, b in facts.cites)
        for number, topic in facts.topics:
            catalogue.placements.add(name(number), [Placement(topic, PlacedBy.LIST, "l", 1.0)])
    catalogue.similarities.replace(
        {(min(a, b), max(a, b)): (min(a, b), max(a, b), c) for a, b, c in facts.alike}.values(),
        "m",
    )
    relate(catalogue, facts.relations, facts.extends)


def relate(
    catalogue: Catalogue,
    relations: Sequence[tuple[int, str, str]],
    extends: Sequence[tuple[str, str]] = (),
) -> dict[str, int]:
    """State all relations, as cards say them, and return id -> key of the entities in them."""
    ids = dict.fromkeys(
        [one for _, _, one in relations] + [one for pair in extends for one in pair]
    )
    with catalogue.writing():
        keys = {one: catalogue.entities.put(entity(one)) for one in ids}
        rows = {(keys[one], Relation(kind), paper, Source.CARD) for paper, kind, one in relations}
        own = {(entity, paper) for entity, kind, paper, _ in rows if kind is Relation.INTRODUCES}
        others = {row for row in rows if row[1] is not Relation.INTRODUCES}
        catalogue.relations.replace(catalogue.papers.keys(), others)
        catalogue.relations.replace_introductions(Source.CARD, keys.values(), own)
        catalogue.entities.set_extends((keys[one], keys[other]) for one, other in extends)
    return keys


def entity(ident: str) -> Entity:
    """Return the entity of an id, named by its slug in capitals."""
    kind, _, slug = ident.partition("/")
    return Entity(ident, EntityType(kind), (Name(slug.upper()),), f"What {slug} is.", "list")


def name(number: int) -> str:
    """Return the id of a paper."""
    return f"2001.{number:05}"


def node(number: int) -> str:
    """Return a paper's node."""
    return f"paper:{name(number)}"


@contextmanager
def opened(facts: Facts) -> Iterator[Catalogue]:
    """Open a catalogue of the facts, of which nothing stays."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "atlas.sqlite")
        path.write_bytes(empty_catalogue())
        with prepared(without_fsync), Catalogue(path) as catalogue:
            fill(catalogue, facts)
            yield catalogue


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Any few papers, joined in any way."""
    count = draw(st.integers(2, 9))
    numbers = st.integers(1, count)
    pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1])
    cosines = st.sampled_from([0.6, 0.75, 0.9])
    return Facts(
        papers=count,
        cites=draw(st.lists(pairs, max_size=10, unique=True)),
        topics=draw(st.lists(st.tuples(numbers, st.sampled_from(TOPICS)), max_size=6, unique=True)),
        alike=[(*pair, draw(cosines)) for pair in draw(st.lists(pairs, max_size=4))],
        withdrawn=draw(st.lists(numbers, max_size=2)),
        same_authors=draw(st.booleans()),
        relations=draw(
            st.lists(
                st.tuples(numbers, st.sampled_from(RELATIONS), st.sampled_from(ENTITIES)),
                max_size=8,
                unique=True,
            )
        ),
        extends=draw(st.lists(st.sampled_from([ENTITIES[:2], ENTITIES[1:3]]), max_size=2)),
    )
