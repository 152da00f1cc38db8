"""How two papers, topics or entities are connected, as steps and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.analysis.paths.bidirectional import BidirectionalSearch, ShortestPath
from kg.analysis.paths.neighbours import EntityNode, Neighbours, Node
from kg.analysis.paths.wording import Step, Wording
from kg.entities.names import folded_name
from kg.errors import BadRequest, NotFound
from kg.graph.rows import closest_pair, with_citations
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

MAX_ALTERNATIVES = 20
"""Routes beside the shortest."""

_MAX_COMPARED = 200
"""Papers of each side, the nearest to its end, among which the closest pair is sought."""


@dataclass(frozen=True, slots=True)
class Route:
    """One path between the two."""

    cost: float
    """Sum of the weights of its edges: the smaller, the closer."""
    steps: tuple[Step, ...]
    """Empty where both ends are the same."""


@dataclass(frozen=True, slots=True)
class ClosestPair:
    """The two most similar papers around two ends that no path connects."""

    source: str
    """Node reached from the first end."""
    target: str
    """Node reached from the second end."""
    cosine: float
    """Cosine similarity of their vectors."""
    sentence: str


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """How two papers, topics or entities are connected."""

    a: str
    """Node of the first end."""
    b: str
    """Node of the second end."""
    routes: tuple[Route, ...]
    """The shortest first; each avoids what is in between in those before it."""
    nearest: ClosestPair | None
    """Where there is no route and there are vectors to compare."""
    complete: bool
    """False where the search gave up: there may be a shorter route, or one at all."""
    looked_at: int
    """Number of papers, topics and entities whose neighbours were read."""
    papers: int
    """Number of papers that are ends or on a route."""
    known_citations: int
    """Number of them with a known citation."""
    sentence: str
    """The answer in words."""


def connect(
    catalogue: Catalogue, taxonomy: Taxonomy, a: str, b: str, alternatives: int = 3
) -> PathAnswer:
    """Find the shortest paths between two papers, topics or entities.

    The weights of the edges prefer strong relations. A citation is an author's decision and weighs
    1. Sharing a topic weighs more the larger the topic is, since all papers of the field share the
    field: as much as two citations at some 20 papers and as three at some 460, so that two
    citations are preferred to one huge topic. Similarity of vectors weighs 2 to 3, less for a
    higher cosine: no person stated it. The edge from a topic to the one right above weighs 1.5,
    and 0 within a topic that is an end. A paper and what it introduces are 0.5 apart; an entity and
    the one that it extends 0.75, one that it is compared with 0.9. Two papers of one entity are
    farther apart the more papers it has, as with topics, unless it is an end.

    Parameters
    ----------
    a, b : str
        A paper's id, link or title; a topic's id or name; the id or a name of a method, benchmark
        or model; or an alias of a topic. The first of these that there is; as in the graph with
        ``paper:``, ``topic:`` or ``entity:`` before it where it must be one of them.
    alternatives : int
        How many routes beside the shortest, 0 to `MAX_ALTERNATIVES`.

    Raises
    ------
    NotFound
        If there is no such paper, topic or entity.
    SeveralOwners
        If a name that is no paper's and no topic's is that of several entities.
    BadRequest
        If the number of alternatives makes no sense.
    """
    if not 0 <= alternatives <= MAX_ALTERNATIVES:
        raise BadRequest(
            f"cannot give {alternatives} alternatives", f"ask for 0 to {MAX_ALTERNATIVES}"
        )
    with catalogue.reading():
        ends = _resolved(catalogue, taxonomy, a), _resolved(catalogue, taxonomy, b)
        neighbours = Neighbours(catalogue, taxonomy, ends)
        if ends[0] == ends[1]:
            paths, first, complete = [ShortestPath(0.0, ends[:1])], None, True
        else:
            paths, first, complete = _search(neighbours, ends, alternatives)
        nodes = [*ends, *(node for path in paths for node in path.nodes)]
        wording = Wording(catalogue, taxonomy, neighbours)
        wording.add(nodes)
        routes = tuple(Route(round(p.cost, 4), tuple(wording.steps(p.nodes))) for p in paths)
        nearest = _nearest(catalogue, wording, first) if first is not None and not paths else None
        keys = sorted({node for node in nodes if isinstance(node, int)})
        return PathAnswer(
            a=wording.node(ends[0]),
            b=wording.node(ends[1]),
            routes=routes,
            nearest=nearest,
            complete=complete,
            looked_at=len(neighbours.edges),
            papers=len(keys),
            known_citations=len(with_citations(catalogue.database, keys)),
            sentence=_sentence(wording, ends, routes, nearest, complete),
        )


def _search(
    neighbours: Neighbours, ends: tuple[Node, Node], alternatives: int
) -> tuple[list[ShortestPath], BidirectionalSearch, bool]:
    """Return the shortest path and alternatives, the first search, and whether none gave up."""
    paths: list[ShortestPath] = []
    used: set[Node] = set()
    direct = True
    first = search = BidirectionalSearch(neighbours, *ends)
    complete = search.complete
    while search.path is not None:
        paths.append(search.path)
        if len(paths) > alternatives or neighbours.exhausted:
            break
        between = search.path.nodes[1:-1]
        # A topic below one that is an end is part of that end.
        used.update(node for node in between if not neighbours.is_within_end(node))
        direct = direct and bool(between)
        search = BidirectionalSearch(neighbours, *ends, without=used, direct=direct)
        complete = complete and search.complete
    return paths, first, complete


def _resolved(catalogue: Catalogue, taxonomy: Taxonomy, name: str) -> Node:
    kind, _, rest = name.strip().partition(":")
    if kind == "topic":
        return taxonomy.find(rest).id
    if kind == "paper":
        return catalogue.identifiers.key(rest)
    if kind == "entity":
        return EntityNode(catalogue.entities.key(rest))
    if name.strip() in taxonomy:
        return name.strip()
    nearest: list[str] = []
    try:
        return catalogue.identifiers.key(name)
    except NotFound as no_paper:
        nearest += no_paper.nearest
    topic, like_topics = None, tuple[str, ...]()
    try:
        topic = taxonomy.find(name)
    except NotFound as no_topic:
        like_topics = no_topic.nearest
        nearest = [*like_topics, *nearest]
    # Methods are aliases of the topics that they gave rise to: LoRA is a method first.
    if topic is not None and folded_name(topic.name) == folded_name(name):
        return topic.id
    try:
        return EntityNode(catalogue.entities.key(name))
    except NotFound as no_entity:
        if topic is not None:
            return topic.id
        nearest = [*no_entity.nearest[:1], *nearest]
    kind = "paper, topic or entity"
    if like_topics:
        raise NotFound(kind, name, nearest[:3])
    raise catalogue.entities.unknown(name, nearest[:3], kind)


def _nearest(
    catalogue: Catalogue, wording: Wording, search: BidirectionalSearch
) -> ClosestPair | None:
    """Return the most similar pair of papers that the two sides of a search have reached."""
    sides = []
    for side in search.frontiers:
        reached = sorted((d, n) for n, d in side.distance.items() if isinstance(n, int))
        sides.append([node for _, node in reached[:_MAX_COMPARED]])
    pair = closest_pair(catalogue.database, *sides)
    if pair is None:
        return None
    one, other, cosine = pair
    wording.add([one, other])
    sentence = f"{wording.name(one)} and {wording.name(other)} come nearest (cosine {cosine:.2f})"
    return ClosestPair(wording.node(one), wording.node(other), cosine, sentence)


def _sentence(
    wording: Wording,
    ends: tuple[Node, Node],
    routes: Sequence[Route],
    nearest: ClosestPair | None,
    complete: bool,
) -> str:
    one, other = wording.name(ends[0]), wording.name(ends[1])
    if ends[0] == ends[1]:
        return f"{one} is one and the same"
    if routes:
        return "; ".join(step.sentence for step in routes[0].steps)
    sentence = f"{one} and {other} are not connected"
    if not complete:
        sentence = f"no connection of {one} and {other} was found before the search was given up"
    return f"{sentence}; {nearest.sentence}" if nearest else sentence
