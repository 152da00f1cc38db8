"""Entities and relations of a snapshot, as a file: figures and names, all made from other files.

They come from the list of entities, from the cards and from names in texts; that a text names an
entity is kept where the text itself, an abstract, does not come with the snapshot.
"""

import gzip
import json
from collections.abc import Mapping
from itertools import accumulate, pairwise

import orjson

from kg.entities.names import folded_name
from kg.snapshot.data_files import packed_text
from kg.store.bulk import insert_rows
from kg.store.catalogue import Catalogue
from kg.store.database import Database


def packed_entities(catalogue: Catalogue, rows: Mapping[int, int]) -> bytes:
    """Return the entities of a catalogue, and the relations of some papers, as a gzipped file.

    Parameters
    ----------
    rows : mapping of int to int
        Key of a paper -> its row in the snapshot.
    """
    entities = dict(sorted(catalogue.entities.all().items(), key=lambda pair: pair[1].id))
    places = {key: place for place, key in enumerate(entities)}
    related: dict[str, dict[str, dict[int, list[int]]]] = {}
    for one in catalogue.relations.all():
        if one.paper in rows:
            for source in one.sources:
                by_entity = related.setdefault(one.relation, {}).setdefault(source, {})
                by_entity.setdefault(places[one.entity], []).append(rows[one.paper])
    made = {
        "entities": [
            [e.id, e.type, e.about, e.source, [[n.text, n.recognised] for n in e.names]]
            for e in entities.values()
        ],
        "extends": sorted([places[a], places[b]] for a, b in catalogue.entities.extends()),
        "relations": {
            relation: {
                # Differences, which take less space.
                source: [
                    [entity, *(b - a for a, b in pairwise([0, *sorted(papers)]))]
                    for entity, papers in sorted(by_entity.items())
                ]
                for source, by_entity in sorted(by_source.items())
            }
            for relation, by_source in sorted(related.items())
        },
    }
    return packed_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")))


def load_entities(database: Database, data: bytes) -> None:
    """Store the entities and relations of a snapshot, whose papers have the keys 1, 2, and so on.

    The database has none before.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError
        If the data are not what `packed_entities` returns.
    """
    made = orjson.loads(gzip.decompress(data))
    entities = list(enumerate(made["entities"], 1))
    insert_rows(
        database,
        "entities",
        (
            (key, ident, kind, names[0][0], about, source)
            for key, (ident, kind, about, source, names) in entities
        ),
    )
    insert_rows(
        database,
        "entity_names",
        (
            (key, folded_name(name), name, recognised)
            for key, (*_, names) in entities
            for name, recognised in names
        ),
    )
    insert_rows(database, "entity_extends", ((a + 1, b + 1) for a, b in made["extends"]))
    insert_rows(
        database,
        "entity_papers",
        (
            (entity + 1, relation, paper + 1, source)
            for relation, by_source in made["relations"].items()
            for source, lines in by_source.items()
            for entity, *steps in lines
            for paper in accumulate(steps)
        ),
    )
