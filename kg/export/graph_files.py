"""The graph as GraphML and GEXF, which Gephi, Cytoscape, yEd and NetworkX read.

Both hold strings, integers, floats and booleans only. So None and empty values are left out, lists
become one text (`kg.export.text.joined`), dates their ISO form, and characters that XML forbids
are dropped. An attribute of two types in one graph is a string throughout.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kg.export.text import joined, xml_text

if TYPE_CHECKING:  # NetworkX takes a third of a second to import, and most commands need none.
    from networkx import MultiDiGraph

Value = str | int | float | bool

_MODIFIED = re.compile(r' lastmodifieddate="[^"]*"')
# Attributes that have a meaning of their own in GEXF as NetworkX writes it.
_GEXF_OWN = frozenset("id label pid parents viz start end slices spells type weight".split())


def graphml(graph: "MultiDiGraph") -> str:
    """Return `graph` as a GraphML document.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        The graph of the atlas, or a part of it. Of an edge without attribute ``kind``, a key
        that is a text is its kind.
    """
    import networkx as nx

    return "\n".join(nx.generate_graphml(_plain(graph))) + "\n"


def gexf(graph: "MultiDiGraph") -> str:
    """Return `graph` as a GEXF 1.2 document; the same graph gives the same text on any day.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As for `graphml`. ``label`` of a node and ``weight`` of an edge are those of GEXF; another
        attribute that GEXF has for itself (``type``, ``start``, ...) gets a ``_`` after its name.
    """
    import networkx as nx

    plain = _plain(graph)
    for _, facts in plain.nodes(data=True):
        _rename(facts, keep="label")
    for _, _, facts in plain.edges(data=True):
        _rename(facts, keep="weight")
    return _MODIFIED.sub("", "\n".join(nx.generate_gexf(plain)), count=1) + "\n"


def part(graph: "MultiDiGraph", papers: Iterable[str]) -> "MultiDiGraph":
    """Return a view of the subgraph of some papers, of what they lead to that is no paper.

    Topics come with those above them. Of methods, benchmarks and models, those come to which the
    papers themselves relate, with all edges among them.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        The graph of the atlas, its papers called ``paper:`` and their ids.
    papers : iterable of str
        Ids of the papers; those that the graph does not have are left out.
    """
    kept = {node for paper in papers if (node := f"paper:{paper}") in graph}
    reached = list(kept)
    while reached:
        node = reached.pop()
        if node.startswith("entity:"):
            continue
        for other in graph.successors(node):
            if other not in kept and not other.startswith("paper:"):
                kept.add(other)
                reached.append(other)
    import networkx as nx

    # Keeps the graph's order of nodes, where `subgraph` may take that of the set.
    return nx.subgraph_view(graph, filter_node=kept.__contains__)


def _rename(facts: dict[str, Value], keep: str) -> None:
    for name in [name for name in facts if name in _GEXF_OWN and name != keep]:
        facts[name + "_"] = facts.pop(name)


def _plain(graph: "MultiDiGraph") -> "MultiDiGraph":
    import networkx as nx

    plain = nx.MultiDiGraph()
    names: dict[Any, str] = {}
    for node in graph:
        names[node] = _unused(xml_text(str(node)), plain)
        plain.add_node(names[node])
    nodes = _uniform(facts for _, facts in graph.nodes(data=True))
    for node, facts in zip(graph, nodes, strict=True):
        plain.nodes[names[node]].update(facts)
    edges = list(graph.edges(keys=True, data=True))
    kinds = ({"kind": key} if isinstance(key, str) else {} for _, _, key, _ in edges)
    even = _uniform({**kind, **facts} for kind, (*_, facts) in zip(kinds, edges, strict=True))
    # Both formats require unique ids of edges.
    for number, ((source, target, _, _), facts) in enumerate(zip(edges, even, strict=True)):
        plain.add_edge(names[source], names[target], key=f"e{number}", **facts)
    return plain


def _unused(name: str, graph: "MultiDiGraph") -> str:
    while name in graph:
        name += "'"
    return name


def _uniform(rows: Iterable[Mapping[str, object]]) -> list[dict[str, Value]]:
    """Return attributes as types that both formats hold, each name of one type throughout."""
    found = [
        {xml_text(name): plain for name, value in facts.items() if (plain := _value(value)) != ""}
        for facts in rows
    ]
    kinds: dict[str, set[type]] = {}
    for facts in found:
        for name, value in facts.items():
            kinds.setdefault(name, set()).add(type(value))
    for name, types in kinds.items():
        if len(types) > 1:
            form = float if types == {int, float} else str
            for facts in found:
                if name in facts:
                    facts[name] = form(facts[name])
    return found


def _value(value: object) -> Value:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return xml_text(str(value))  # A StrEnum is a text, but NetworkX knows str alone.
    if hasattr(value, "item"):  # NumPy's numbers.
        return _value(value.item())
    if isinstance(value, Iterable):
        return xml_text(joined(str(one) for one in value))
    return xml_text(str(value))
