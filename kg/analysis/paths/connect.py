"""How two papers or topics are connected, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.analysis.paths import links as path_links
from kg.analysis.paths.links import Links, Node
from kg.analysis.paths.search import Found, Search
from kg.errors import BadRequest, NotFound
from kg.graph.rows import closest_pair, paper_rows, with_citations
from kg.ids.topic_ids import depth
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

MOST = 20
"""The most alternatives."""

_NEAREST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route."""

    kind: str
    """Kind of edge, of `kg.graph.schema.EDGES`."""
    source: str
    """Node where it starts, as in the graph: ``paper:2203.05482``, ``topic:model-editing``."""
    target: str
    """Node where it ends."""
    forward: bool
    """Whether the edge runs from source to target; always True of what runs both ways."""
    via: tuple[str, ...]
    """The topics in between where two papers share one: the topic, or the way up and down."""
    cosine: float | None
    """Of two papers that are alike."""
    sentence: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class Route:
    """One connection."""

    cost: float
    """Sum of the weights of its steps: the smaller, the closer."""
    steps: tuple[Step, ...]
    """None where both ends are the same."""


@dataclass(frozen=True, slots=True)
class Approach:
    """The nearest that two unconnected papers, or what is connected to them, come."""

    source: str
    """Node, reached from the first."""
    target: str
    """Node, reached from the second."""
    cosine: float
    """Of their vectors."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How two papers or topics are connected."""

    a: str
    """Node of the first."""
    b: str
    """Node of the second."""
    routes: tuple[Route, ...]
    """The shortest first; the others share no paper or topic in between with those before."""
    nearest: Approach | None
    """Where there is no route, and vectors tell."""
    complete: bool
    """False where the search was given up: there may be a shorter route, or one at all."""
    looked_at: int
    """Papers and topics that were looked at."""
    papers: int
    """How many papers are ends or on the routes."""
    known_citations: int
    """Of how many of them a citation is known."""
    sentence: str
    """The answer in words."""


def connect(
    catalogue: Catalogue, taxonomy: Taxonomy, a: str, b: str, alternatives: int = 3
) -> Connection:
    """Return the shortest meaningful connections between two papers or topics.

    A citation is somebody's decision and weighs 1. Sharing a topic weighs more the larger the
    topic is, since all papers of the field share the field: it equals two citations at some 20
    papers and three at some 460, so that two citation steps are preferred to one huge topic. Being
    alike by meaning weighs 2 to 3, less where the cosine is higher: nobody has said so. From a
    topic to the one right above weighs 1.5, and nothing within a topic that is asked about.

    Parameters
    ----------
    catalogue : Catalogue
    taxonomy : Taxonomy
    a, b : str
        A paper's id, link or title, or a topic's id or name; as in the graph with ``paper:`` or
        ``topic:`` before it where it must be one of them.
    alternatives : int
        How many routes beside the shortest, 0 to `MOST`.

    Returns
    -------
    Connection

    Raises
    ------
    NotFound
        If there is no such paper or topic.
    BadRequest
        If the number of alternatives makes no sense.
    """
    if not 0 <= alternatives <= MOST:
        raise BadRequest(f"cannot give {alternatives} alternatives", f"ask for 0 to {MOST}")
    with catalogue.reading():
        ends = _resolved(catalogue, taxonomy, a), _resolved(catalogue, taxonomy, b)
        links = Links(catalogue, taxonomy, ends)
        if ends[0] == ends[1]:
            found, first = [Found(0.0, ends[:1])], None
        else:
            found, first, complete = _searched(links, ends, alternatives)
        words = _Words(catalogue, taxonomy, links, [*ends, *(n for f in found for n in f.nodes)])
        routes = tuple(Route(round(one.cost, 4), tuple(words.steps(one.nodes))) for one in found)
        nearest = _nearest(catalogue, words, first) if first is not None and not found else None
        keys = sorted({n for n in (*ends, *(n for f in found for n in f.nodes)) if type(n) is int})
        return Connection(
            a=words.node(ends[0]),
            b=words.node(ends[1]),
            routes=routes,
            nearest=nearest,
            complete=first is None or complete,
            looked_at=links.count,
            papers=len(keys),
            known_citations=len(with_citations(catalogue.database, keys)),
            sentence=_sentence(words, ends, routes, nearest, first is None or complete),
        )


def _searched(
    links: Links, ends: tuple[Node, Node], alternatives: int
) -> tuple[list[Found], Search, bool]:
    found: list[Found] = []
    passed: set[Node] = set()
    direct = True
    first = search = Search(links, *ends)
    complete = search.complete
    while search.found is not None:
        found.append(search.found)
        if len(found) > alternatives or links.spent:
            break
        between = search.found.nodes[1:-1]
        # What is below a topic that is asked about is a part of that end.
        passed.update(node for node in between if not links.at_an_end(node))
        direct = direct and bool(between)
        search = Search(links, *ends, without=passed, direct=direct)
        complete = complete and search.complete
    return found, first, complete


def _resolved(catalogue: Catalogue, taxonomy: Taxonomy, name: str) -> Node:
    kind, _, rest = name.strip().partition(":")
    if kind == "topic":
        return taxonomy.find(rest).id
    if kind == "paper":
        return catalogue.identifiers.key(rest)
    if name.strip() in taxonomy:
        return name.strip()
    try:
        return catalogue.identifiers.key(name)
    except NotFound as no_paper:
        try:
            return taxonomy.find(name).id
        except NotFound as no_topic:
            nearest = [*no_topic.nearest, *no_paper.nearest]
            raise NotFound("paper or topic", name, nearest[:3]) from None


class _Words:
    """Names and sentences of nodes and of what joins them."""

    def __init__(
        self, catalogue: Catalogue, taxonomy: Taxonomy, links: Links, nodes: Sequence[Node]
    ) -> None:
        self._catalogue, self._taxonomy, self._links = catalogue, taxonomy, links
        self._rows: dict[int, tuple[str, str]] = {}
        self.know(nodes)

    def know(self, nodes: Sequence[Node]) -> None:
        keys = [node for node in nodes if isinstance(node, int)]
        self._rows |= {
            row[0]: (row[1], row[2]) for row in paper_rows(self._catalogue.database, keys)
        }

    def node(self, node: Node) -> str:
        return f"topic:{node}" if isinstance(node, str) else f"paper:{self._rows[node][0]}"

    def name(self, node: Node) -> str:
        if isinstance(node, int):
            return f"“{self._rows[node][1]}”"
        return self._taxonomy[node].name if node in self._taxonomy else node

    def steps(self, nodes: Sequence[Node]) -> Iterator[Step]:
        start = 0
        while start < len(nodes) - 1:
            stop = start + 1
            if isinstance(nodes[start], int):
                while stop < len(nodes) - 1 and isinstance(nodes[stop], str):
                    stop += 1
            # From paper by topics to paper is one step; a topic at the end is reached one by one.
            if isinstance(nodes[stop], str):
                stop = start + 1
            yield self._step(nodes[start], nodes[start + 1 : stop], nodes[stop])
            start = stop

    def _step(self, source: Node, via: Sequence[Node], target: Node) -> Step:
        link = self._links.between(source, via[0] if via else target)
        forward = link.forward or bool(via)
        one, other = self.name(source), self.name(target)
        lower, upper = (one, other) if forward else (other, one)
        sentence = {
            "cites": f"{lower} cites {upper}",
            "in_topic": f"{lower} is under {upper}",
            "subtopic_of": f"{lower} is a part of {upper}",
            "similar_to": f"{one} and {other} are alike (cosine {link.cosine or 0:.2f})",
        }[link.kind]
        topics = [str(topic) for topic in via]
        if topics:
            top = min(topics, key=depth)
            size = self._crowd(top) if len(topics) == 1 else ""
            sentence = f"{one} and {other} are both under {self.name(top)}{size}"
        return Step(
            kind=link.kind,
            source=self.node(source),
            target=self.node(target),
            forward=forward,
            via=tuple(self.node(topic) for topic in topics),
            cosine=link.cosine,
            sentence=sentence,
        )

    def _crowd(self, topic: str) -> str:
        size = self._links.size(topic)
        more = " or more" if size == path_links.CROWD else ""
        return f" ({size:,}{more} papers)" if size else ""


def _nearest(catalogue: Catalogue, words: _Words, search: Search) -> Approach | None:
    """Return the closest pair of what the two searches have reached, by its vectors."""
    sides = []
    for side in search.sides:
        reached = sorted((d, n) for n, d in side.distance.items() if isinstance(n, int))
        sides.append([node for _, node in reached[:_NEAREST]])
    pair = closest_pair(catalogue.database, *sides)
    if pair is None:
        return None
    one, other, cosine = pair
    words.know([one, other])
    sentence = f"{words.name(one)} and {words.name(other)} come nearest (cosine {cosine:.2f})"
    return Approach(words.node(one), words.node(other), cosine, sentence)


def _sentence(
    words: _Words,
    ends: tuple[Node, Node],
    routes: Sequence[Route],
    nearest: Approach | None,
    complete: bool,
) -> str:
    one, other = words.name(ends[0]), words.name(ends[1])
    if ends[0] == ends[1]:
        return f"{one} is one and the same"
    if routes:
        return "; ".join(step.sentence for step in routes[0].steps)
    said = f"{one} and {other} are not connected"
    if not complete:
        said = f"no connection of {one} and {other} was found before the search was given up"
    return f"{said}; {nearest.sentence}" if nearest else said
