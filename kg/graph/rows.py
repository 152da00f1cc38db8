"""Reads of the graph as rows: nodes, edges and neighbours of papers.

Rows are plain tuples of keys and names; `kg.graph.graph` makes nodes and edges of them,
`kg.analysis.paths.connect` and `kg.analysis.related` walk them. A self-citation row is no edge
anywhere.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from kg.graph.schema import RELATIONS
from kg.store.database import Database, json_keys

End = Literal["citing", "cited"]
"""The end of citations at which a paper is."""
ENDS: tuple[End, End] = ("citing", "cited")

_TOUCHING = {
    "cites": "SELECT citing, cited, group_concat(source, ', ') FROM citations"
    " WHERE citing != cited{} GROUP BY citing, cited",
    # `placed_by` is the strongest of person, list and model.
    "in_topic": "SELECT paper, topic, CASE max(CASE placed_by WHEN 'person' THEN 2"
    " WHEN 'list' THEN 1 ELSE 0 END) WHEN 2 THEN 'person' WHEN 1 THEN 'list' ELSE 'model' END,"
    " group_concat(source, ', '), max(confidence) FROM placements WHERE 1{} GROUP BY paper, topic",
    "in_category": "SELECT paper, category, min(position) FROM categories WHERE category != ''{}"
    " GROUP BY paper, category",
    # A name without a letter or digit has an empty folded name and is no author.
    "written_by": "SELECT paper, folded, min(position) FROM authorships WHERE folded != ''{}"
    " GROUP BY paper, folded",
    "listed_in": "SELECT paper, list, starred FROM list_entries WHERE gone IS NULL{}",
    "similar_to": "SELECT paper, other, cosine, model FROM likeness WHERE 1{}",
    **{
        kind: "SELECT paper, entity, group_concat(source, ', ') FROM entity_papers"
        f" WHERE relation = '{kind}'{{}} GROUP BY paper, entity"
        for kind in RELATIONS
    },
}
"""Kind of edge -> the query of its rows, with a place for a further condition."""

_MEMBERS = {
    "topic": "SELECT DISTINCT paper FROM placements WHERE topic = ?",
    "category": "SELECT DISTINCT paper FROM categories WHERE category = ?",
    "author": "SELECT DISTINCT paper FROM authorships WHERE folded = ?",
    "list": "SELECT DISTINCT paper FROM list_entries WHERE list = ? AND gone IS NULL",
}
"""Kind of node -> the query of the papers that have an edge to it."""


def paper_rows(db: Database, keys: Sequence[int] | None = None) -> list[tuple[Any, ...]]:
    """Return (key, id, title, year, venue, url, arxiv id, DOI, withdrawn), of all or some."""
    where, parameters = _within(["key"], keys)
    return db.rows(
        "SELECT key, id, title, year, venue, url, arxiv_id, doi, withdrawn FROM papers"
        f" WHERE 1{where} ORDER BY key",
        parameters,
    )


def edge_rows(
    db: Database,
    kind: str,
    keys: Sequence[int] | None = None,
    entities: Sequence[int] | None = None,
) -> list[tuple[Any, ...]]:
    """Return the edges of a kind, of all papers or of some; one row a pair.

    Parameters
    ----------
    kind : str
        ``cites``: (citing, cited, sources); ``in_topic``: (paper, topic, placed by, sources,
        confidence); ``in_category``: (paper, category, position); ``written_by``: (paper,
        folded name, position); ``listed_in``: (paper, list, starred); ``similar_to``: (paper,
        other, cosine, model); a relation to entities: (paper, entity, sources).
    keys : sequence of int, optional
        Only edges between these papers, or from one of them to what is no paper.
    entities : sequence of int, optional
        Only edges to these entities, where the kind leads to entities.
    """
    # The plus keeps SQLite from trying each pair of keys.
    ends = {"cites": ("citing", "+cited"), "similar_to": ("paper", "+other")}
    where, parameters = _within(ends.get(kind, ("paper",)), keys)
    to, more = _within(["+entity"], entities)
    return db.rows(_TOUCHING[kind].format(where + to), [*parameters, *more])


def paper_ids(db: Database, keys: Iterable[int]) -> dict[int, str]:
    """Return the ids of the papers of `keys`."""
    sql = "SELECT key, id FROM papers WHERE key IN (SELECT value FROM json_each(?))"
    return dict(db.rows(sql, (json_keys(keys),)))


def entity_topics(
    db: Database, entities: Sequence[int] | None = None, topic: str | None = None
) -> list[tuple[int, str, str, float]]:
    """Return (entity, topic, ids of papers that introduce it there, confidence).

    Parameters
    ----------
    entities : sequence of int, optional
        Only of these entities.
    topic : str, optional
        Only of this topic, without its descendants.
    """
    some, parameters = _within(["entity"], entities)
    if topic is not None:
        some, parameters = f"{some} AND topic = ?", [*parameters, topic]
    return db.rows(
        "SELECT entity, topic, group_concat(id, ', '), max(confidence) FROM"
        " (SELECT entity, topic, papers.id, max(confidence) AS confidence FROM entity_papers"
        " JOIN placements USING (paper) JOIN papers ON papers.key = paper"
        f" WHERE relation = 'introduces'{some} GROUP BY entity, topic, papers.id"
        " ORDER BY papers.id) GROUP BY entity, topic ORDER BY entity, topic",
        parameters,
    )


def author_names(db: Database, folded: Iterable[str] | None = None) -> dict[str, str]:
    """Return one spelling of each folded name, with accents and capitals where there is one."""
    sql = "SELECT folded, max(name) FROM authorships{} GROUP BY folded"
    if folded is None:
        return dict(db.rows(sql.format("")))
    some = " WHERE folded IN (SELECT value FROM json_each(?))"
    return dict(db.rows(sql.format(some), (json.dumps(list(folded)),)))


def citations_among(db: Database, keys: Sequence[int]) -> list[tuple[int, int]]:
    """Return the (citing, cited) pairs among the papers of `keys`."""
    where, parameters = _within(["citing", "+cited"], keys)
    return db.rows(
        f"SELECT DISTINCT citing, cited FROM citations WHERE citing != cited{where} ORDER BY 1, 2",
        parameters,
    )


def with_citations(db: Database, keys: Sequence[int]) -> set[int]:
    """Return those of `keys` of which a citation is known, citing or cited.

    Citation data are incomplete: of the others nothing is known, not that there is nothing.
    """
    sql = (
        "SELECT value FROM json_each(?) WHERE"
        " EXISTS (SELECT 1 FROM citations WHERE citing = value AND cited != value)"
        " OR EXISTS (SELECT 1 FROM citations WHERE cited = value AND citing != value)"
    )
    return set(db.column(sql, (json_keys(keys),)))


def not_withdrawn(db: Database, keys: Sequence[int]) -> set[int]:
    """Return those of `keys` whose papers exist and are not withdrawn."""
    where, parameters = _within(["key"], keys)
    return set(db.column(f"SELECT key FROM papers WHERE NOT withdrawn{where}", parameters))


def citation_counts(db: Database, keys: Sequence[int], most: int) -> dict[int, int]:
    """Return how many papers of the atlas cite each of `keys`, at most `most`."""
    rows = db.rows(
        "SELECT value, (SELECT count(*) FROM (SELECT DISTINCT citing FROM citations"
        " WHERE cited = value AND citing != value LIMIT ?)) FROM json_each(?)",
        (most, json_keys(keys)),
    )
    return dict(rows)


def citation_pairs(
    db: Database, this: End, keys: Sequence[int], most: int
) -> tuple[list[tuple[int, int]], set[int]]:
    """Return the (citing, cited) pairs in which a paper of `keys` is at an end.

    Parameters
    ----------
    this : str
        ``citing`` for the references of the papers, ``cited`` for the papers that cite them.
    most : int
        A paper with more of them than this is a hub: none of its pairs is read.

    Returns
    -------
    list of (int, int)
        The pairs.
    set of int
        The hubs.
    """
    degrees = db.rows(
        f"SELECT value, (SELECT count(*) FROM (SELECT 1 FROM citations WHERE {this} = value"
        " LIMIT ?)) FROM json_each(?)",
        (most + 1, json_keys(keys)),
    )
    some = json_keys(key for key, degree in degrees if 0 < degree <= most)
    # CROSS JOIN keeps the order of the loops: from the few keys to their many rows.
    pairs = db.rows(
        "SELECT DISTINCT citing, cited FROM json_each(?) CROSS JOIN citations"
        f" ON {this} = value WHERE citing != cited",
        (some,),
    )
    return pairs, {key for key, degree in degrees if degree > most}


def last_linked(db: Database, this: End, key: int, most: int) -> list[int]:
    """Return at most `most` papers at the other end of a paper's citations, last added first."""
    other = "cited" if this == "citing" else "citing"
    return db.column(
        f"SELECT DISTINCT {other} FROM citations WHERE {this} = ? AND {other} != {this}"
        f" ORDER BY {other} DESC LIMIT ?",
        (key, most),
    )


def citation_degrees(db: Database, key: int) -> tuple[int, int]:
    """Return how many papers the paper cites, and how many cite it."""
    count = "SELECT count(DISTINCT {}) FROM citations WHERE {} = ? AND cited != citing"
    first, second = count.format("cited", "citing"), count.format("citing", "cited")
    return int(db.value(first, (key,))), int(db.value(second, (key,)))


def most_linked(db: Database, most: int) -> list[int]:
    """Return the keys of `most` papers with the most citations and similar papers."""
    links = (
        "SELECT DISTINCT citing AS paper, cited AS other FROM citations UNION ALL"
        " SELECT DISTINCT cited, citing FROM citations UNION ALL"
        " SELECT paper, other FROM likeness UNION ALL SELECT other, paper FROM likeness"
    )
    return db.column(
        f"SELECT paper FROM ({links}) JOIN papers ON key = paper"
        " WHERE paper != other AND NOT withdrawn"
        " GROUP BY paper ORDER BY count(*) DESC, paper LIMIT ?",
        (most,),
    )


def similar_pairs(db: Database, keys: Sequence[int]) -> list[tuple[int, int, float]]:
    """Return (paper of `keys`, similar paper, cosine); a pair among `keys` comes twice."""
    wanted = json_keys(keys)
    return db.rows(
        "SELECT paper, other, cosine FROM json_each(?) CROSS JOIN likeness ON paper = value"
        " UNION ALL"
        " SELECT other, paper, cosine FROM json_each(?) CROSS JOIN likeness ON other = value",
        (wanted, wanted),
    )


def topic_pairs(db: Database, keys: Sequence[int]) -> list[tuple[int, str]]:
    """Return each (paper, topic) pair of the papers of `keys`, once."""
    return db.rows(
        "SELECT DISTINCT paper, topic FROM json_each(?) CROSS JOIN placements ON paper = value",
        (json_keys(keys),),
    )


def member_keys(db: Database, kind: str, name: str, most: int) -> list[int]:
    """Return the keys of at most `most` papers of a topic, category, author or list.

    Parameters
    ----------
    kind : str
        ``topic``, ``category``, ``author`` or ``list``.
    name : str
        A topic without its descendants; an author's folded name.
    """
    return db.column(f"{_MEMBERS[kind]} LIMIT ?", (name, most))


def member_count(db: Database, kind: str, name: str, most: int) -> int:
    """Return the number of papers that `member_keys` chooses from, at most `most`."""
    sql = f"SELECT count(*) FROM ({_MEMBERS[kind]} LIMIT ?)"
    return int(db.value(sql, (name, most)))


def related_keys(
    db: Database, entity: int, relations: Sequence[str], most: int
) -> list[tuple[int, str]]:
    """Return at most `most` papers that relate to an entity, and how.

    A paper that does in two ways comes twice. The kinds of relations come in the order of
    `relations`; of one kind, the papers that are cited most come first.
    """
    return db.rows(
        "SELECT DISTINCT paper, relation FROM json_each(?) AS wanted CROSS JOIN entity_papers"
        " ON entity = ? AND relation = wanted.value ORDER BY wanted.key,"
        " (SELECT count(DISTINCT citing) FROM citations WHERE cited = paper) DESC, paper LIMIT ?",
        (json.dumps(list(relations)), entity, most),
    )


def related_count(db: Database, entity: int, relations: Sequence[str], most: int) -> int:
    """Return the number that `related_keys` chooses from, at most `most`."""
    return int(
        db.value(
            "SELECT count(*) FROM (SELECT DISTINCT paper, relation FROM entity_papers"
            " WHERE entity = ? AND relation IN (SELECT value FROM json_each(?)) LIMIT ?)",
            (entity, json.dumps(list(relations)), most),
        )
    )


def relation_counts(
    db: Database, entities: Sequence[int], most: int, relations: Sequence[str] = RELATIONS
) -> dict[int, int]:
    """Return how many papers relate to each entity in some ways, at most `most`."""
    rows = db.rows(
        "SELECT value, (SELECT count(*) FROM (SELECT DISTINCT paper FROM entity_papers"
        " WHERE entity = json_each.value AND relation IN (SELECT value FROM json_each(?)) LIMIT ?))"
        " FROM json_each(?)",
        (json.dumps(list(relations)), most, json_keys(entities)),
    )
    return dict(rows)


def relation_pairs(
    db: Database, keys: Sequence[int], relations: Sequence[str], entities: Sequence[int]
) -> list[tuple[int, int, str]]:
    """Return (paper of `keys`, entity, relation): of some relations, and all of some entities.

    Other entities are left out that lead nowhere: no other paper has such a relation to them, and
    the list says of nothing that they extend it or it them.
    """
    some = f"relation IN ({', '.join(repr(str(one)) for one in relations)})"
    return db.rows(
        "SELECT DISTINCT paper, entity, relation FROM json_each(?) AS wanted"
        " CROSS JOIN entity_papers AS own ON paper = wanted.value"
        f" WHERE {some} AND (EXISTS (SELECT 1 FROM entity_papers AS more"
        f" WHERE more.entity = own.entity AND more.paper != own.paper AND {some})"
        " OR EXISTS (SELECT 1 FROM entity_extends AS e WHERE e.entity = own.entity)"
        " OR EXISTS (SELECT 1 FROM entity_extends AS e WHERE e.other = own.entity))"
        " OR entity IN (SELECT value FROM json_each(?))",
        (json_keys(keys), json_keys(entities)),
    )


def paper_relations(
    db: Database, entities: Sequence[int], relations: Sequence[str]
) -> list[tuple[int, int, str]]:
    """Return (entity of `entities`, paper, relation), of some relations."""
    some = f"relation IN ({', '.join(repr(str(one)) for one in relations)})"
    return db.rows(
        "SELECT DISTINCT entity, paper, relation FROM json_each(?)"
        f" CROSS JOIN entity_papers ON entity = value AND {some}",
        (json_keys(entities),),
    )


def closest_pair(
    db: Database, some: Sequence[int], others: Sequence[int]
) -> tuple[int, int, float] | None:
    """Return the paper of `some` and the paper of `others` with the highest cosine, and the cosine.

    Vectors of the model that most of them have are compared; None where there are none.
    """
    import numpy as np

    models: dict[str, dict[int, bytes]] = {}
    for key, model, vector in db.rows(
        "SELECT paper, model, vector FROM json_each(?) CROSS JOIN vectors ON paper = value",
        (json_keys((*some, *others)),),
    ):
        models.setdefault(model, {})[key] = vector
    vectors = max(models.values(), key=len, default={})
    rows, columns = ([key for key in keys if key in vectors] for keys in (some, others))
    if not rows or not columns:
        return None
    one, other = (
        np.stack([np.frombuffer(vectors[key], dtype="<f4") for key in keys])
        for keys in (rows, columns)
    )
    cosines = one @ other.T
    row, column = divmod(int(cosines.argmax()), len(columns))
    return rows[row], columns[column], round(float(cosines[row, column]), 4)


def _within(columns: Sequence[str], keys: Sequence[int] | None) -> tuple[str, list[str]]:
    if keys is None:
        return "", []
    some = [f" AND {column} IN (SELECT value FROM json_each(?))" for column in columns]
    return "".join(some), [json_keys(keys)] * len(columns)
