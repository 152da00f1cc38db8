"""Entities: methods, benchmarks and models, with their names."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kg.entities.entity import Entity, EntityType, Name, Recognised
from kg.entities.names import folded_name, slug
from kg.errors import NotFound, SeveralOwners
from kg.store.database import Store, json_keys

USUAL = 4
"""How many times as many papers the usual meaning of a name has as any other."""
MIN_USUAL_PAPERS = 8
"""The fewest papers of a usual meaning."""

NONE_YET = "it was made by an earlier version and has none yet: run `lfm refresh`"
"""What to do about an atlas without entities: each that is up to date has some of the list."""

_SUGGESTED = 3
_COMPARED = 40
"""Names that are like an unknown one, of which the best are suggested."""
_MIN_LIKENESS = 0.6
_WITHIN_LIKENESS = 0.85
"""Likeness of a name that is among the words of what was asked for."""
_USE_WEIGHT = 0.03
"""Likeness that ten times as many papers are worth: of 335 known names with one letter wrong, the
right one is then first in 95%, not 91%, and among three in all, not 96%."""
_MAX_WORDS = 20
_MIN_WITHIN_CHARS = 3
_RECOGNISED = {str(one): one for one in Recognised}
"""Quicker than the enumeration, of which a page asks a thousand times."""


class EntityStore(Store):
    """Entities by their keys, ids and names."""

    # -- writing ---------------------------------------------------------------------------

    def put(self, entity: Entity) -> int:
        """Store an entity in place of the one of its id, and return its key."""
        return self.put_all([entity])[entity.id]

    def put_all(self, entities: Iterable[Entity]) -> dict[str, int]:
        """Store entities in place of those of their ids, and return the keys by id."""
        with self._db.writing():
            keys = self.keys()
            stored = self.all()
            new = [one for one in entities if not _same(one, stored.get(keys.get(one.id, 0)))]
            self._db.execute_many(
                "INSERT INTO entities (id, type, name, about, source) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,"
                " about = excluded.about, source = excluded.source",
                ((one.id, one.type, one.name, one.about, one.source) for one in new),
            )
            keys = self.keys()
            self._db.execute_many(
                "DELETE FROM entity_names WHERE entity = ?", ((keys[one.id],) for one in new)
            )
            self._db.execute_many(
                "INSERT OR IGNORE INTO entity_names VALUES (?, ?, ?, ?)",
                (
                    (keys[one.id], folded_name(name.text), name.text, name.recognised)
                    for one in new
                    for name in one.names
                ),
            )
        return keys

    def remove(self, keys: Iterable[int]) -> set[int]:
        """Remove entities, with all their relations; return the papers that had any."""
        gone = json_keys(keys)
        some = " IN (SELECT value FROM json_each(?))"
        with self._db.writing():
            papers = self._db.column(
                f"SELECT DISTINCT paper FROM entity_papers WHERE entity{some}", (gone,)
            )
            self._db.execute(f"DELETE FROM entities WHERE key{some}", (gone,))
        return set(papers)

    def set_extends(self, pairs: Iterable[tuple[int, int]]) -> None:
        """State anew what the list says: which entity extends which other."""
        with self._db.writing():
            wanted = set(pairs)
            there = set(self._db.rows("SELECT entity, other FROM entity_extends"))
            self._db.execute_many(
                "DELETE FROM entity_extends WHERE entity = ? AND other = ?", there - wanted
            )
            self._db.execute_many("INSERT INTO entity_extends VALUES (?, ?)", wanted - there)

    # -- reading ---------------------------------------------------------------------------

    def get(self, keys: Sequence[int]) -> list[Entity]:
        """Return the entities of `keys`, in that order.

        Raises
        ------
        KeyError
            If a key does not exist.
        """
        some = " IN (SELECT value FROM json_each(?))"
        found = self._read(f" WHERE entity{some}", f" WHERE key{some}", (json_keys(keys),))
        return [found[key] for key in keys]

    def all(self) -> dict[int, Entity]:
        """Return all entities by their keys."""
        return self._read("", "", ())

    def _read(self, names_of: str, of: str, parameters: Sequence[object]) -> dict[int, Entity]:
        names: dict[int, list[Name]] = {}
        for key, name, recognised in self._db.rows(
            f"SELECT entity, name, recognised FROM entity_names{names_of}", parameters
        ):
            names.setdefault(key, []).append(Name(name, _RECOGNISED[recognised]))
        found = {}
        for key, ident, kind, name, about, source in self._db.rows(
            f"SELECT key, id, type, name, about, source FROM entities{of}", parameters
        ):
            # The entity's own name comes first, then the shortest.
            own = names.get(key, [])
            if len(own) > 1:
                own.sort(key=lambda n: (n.text != name, len(n.text), n.text))
            entity_names = tuple(own) if own else (Name(name, Recognised.ASKED),)
            found[key] = Entity(ident, EntityType(kind), entity_names, about, source)
        return found

    def count(self) -> int:
        """Return the number of entities."""
        return int(self._db.value("SELECT count(*) FROM entities"))

    def ids(self, keys: Sequence[int]) -> dict[int, str]:
        """Return the ids of the entities of `keys`."""
        sql = "SELECT key, id FROM entities WHERE key IN (SELECT value FROM json_each(?))"
        return dict(self._db.rows(sql, (json_keys(keys),)))

    def keys(self, ids: Sequence[str] | None = None) -> dict[str, int]:
        """Return id -> key of all entities, or of some ids."""
        rows = self._db.rows("SELECT id, key FROM entities")
        return dict(rows) if ids is None else {i: k for i, k in rows if i in set(ids)}

    def of_type(self, kind: EntityType, among: Iterable[int] | None = None) -> list[int]:
        """Return the keys of the entities of a type, all or those of some keys."""
        if among is None:
            return self._db.column("SELECT key FROM entities WHERE type = ? ORDER BY key", (kind,))
        return self._db.column(
            "SELECT key FROM entities WHERE key IN (SELECT value FROM json_each(?)) AND type = ?"
            " ORDER BY key",
            (json_keys(among), kind),
        )

    def owners(self, name: str) -> list[int]:
        """Return the keys of the entities that a name or id means.

        Of several that have the name, it is the one with the plain id (``method/dora``) where
        `MIN_USUAL_PAPERS` relate to it, and `USUAL` times as many as to any other; where none has
        that, one with the plain id of another name of it. Else it is all, those of the most papers
        first. `sharing_names` has the others.
        """
        by_id = self._db.column("SELECT key FROM entities WHERE id = ?", (name.strip().lower(),))
        found = by_id or self._db.column(
            "SELECT entity FROM entity_names WHERE folded = ? ORDER BY 1", (folded_name(name),)
        )
        if len(found) < 2:  # Counting the papers of one takes longer than the rest.
            return found
        first, *others = counted = self._papers_of(found)
        if first[1] >= max(MIN_USUAL_PAPERS, USUAL * others[0][1]):
            plain = {f"{kind}/{slug(name)}" for kind in EntityType}
            if plain.isdisjoint(ident for _, _, ident in counted):
                (entity,) = self.get([first[0]])
                plain = {f"{entity.type}/{slug(one.text)}" for one in entity.names}
            if first[2] in plain:
                return [first[0]]
        return [key for key, _, _ in counted]

    def sharing_names(self, key: int) -> list[int]:
        """Return the keys of the other entities that have a name of one.

        Those of the most papers come first.
        """
        found = self._db.column(
            "SELECT DISTINCT other.entity FROM entity_names AS own JOIN entity_names AS other"
            " ON other.folded = own.folded AND other.entity != own.entity"
            " WHERE own.entity = ? ORDER BY 1",
            (key,),
        )
        return found if len(found) < 2 else [key for key, _, _ in self._papers_of(found)]

    def _papers_of(self, keys: Sequence[int]) -> list[tuple[int, int, str]]:
        """Return (key, related papers, id) of entities, those of the most papers first."""
        return self._db.rows(
            "SELECT key, (SELECT count(DISTINCT paper) FROM entity_papers"
            " WHERE entity = entities.key) AS papers, id FROM entities"
            " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY papers DESC, key",
            (json_keys(keys),),
        )

    def named(self, folded: Iterable[str]) -> dict[str, dict[int, str]]:
        """Return folded name -> the entities that have it, each with how it writes the name.

        Those of the most papers come first.
        """
        found: dict[str, dict[int, str]] = {}
        for one, key, name in self._db.rows(
            "SELECT folded, entity, name FROM entity_names"
            " WHERE folded IN (SELECT value FROM json_each(?))"
            " ORDER BY (SELECT count(DISTINCT paper) FROM entity_papers AS p"
            " WHERE p.entity = entity_names.entity) DESC, entity",
            (json.dumps(sorted(folded), ensure_ascii=False),),
        ):
            found.setdefault(one, {})[key] = name
        return found

    def named_rows(self, folded: Iterable[str]) -> list[tuple[int, str, Name]]:
        """Return key, id and name of the entities that have one of some folded names."""
        return [
            (key, ident, Name(name, _RECOGNISED[recognised]))
            for key, ident, name, recognised in self._db.rows(
                "SELECT entity, entities.id, n.name, recognised FROM json_each(?)"
                " CROSS JOIN entity_names AS n ON folded = json_each.value"
                " CROSS JOIN entities ON entities.key = entity",
                (json.dumps(list(folded), ensure_ascii=False),),
            )
        ]

    def owners_in(
        self, folded: Iterable[str], papers: Sequence[str]
    ) -> dict[str, dict[str, set[str]]]:
        """Return, by folded name, the ids of the entities that have it.

        Each comes with those of some papers, by their ids, that relate to it.
        """
        found: dict[str, dict[str, set[str]]] = {}
        for name, entity, paper in self._db.rows(
            "SELECT folded, entities.id, papers.id FROM json_each(?)"
            " CROSS JOIN entity_names ON folded = value"
            " JOIN entities ON entities.key = entity_names.entity"
            " LEFT JOIN entity_papers AS p ON p.entity = entity_names.entity AND p.paper IN"
            " (SELECT key FROM papers WHERE id IN (SELECT value FROM json_each(?)))"
            " LEFT JOIN papers ON papers.key = p.paper ORDER BY entities.id",
            (json.dumps(sorted(folded)), json.dumps(list(papers))),
        ):
            related = found.setdefault(name, {}).setdefault(entity, set())
            if paper is not None:
                related.add(paper)
        return found

    def key(self, name: str) -> int:
        """Return the key of the one entity of a name or id.

        Raises
        ------
        NotFound
            If there is none; carries the nearest names.
        SeveralOwners
            If there are several.
        """
        owners = self.owners(name)
        if len(owners) == 1:
            return owners[0]
        if not owners:
            raise self.unknown(name, self.near(name))
        raise SeveralOwners(name, self.described(owners))

    def described(self, keys: Sequence[int]) -> dict[str, str]:
        """Return, by id, what entities are: in a sentence, or the title of their first paper."""
        rows = self._db.rows(
            "SELECT key, id, coalesce(about, (SELECT title FROM entity_papers AS own"
            " JOIN papers ON papers.key = paper WHERE entity = entities.key"
            " AND relation = 'introduces' ORDER BY coalesce(published, year), paper LIMIT 1), '')"
            " FROM entities WHERE key IN (SELECT value FROM json_each(?))",
            (json_keys(keys),),
        )
        found = {key: (ident, words) for key, ident, words in rows}
        return dict(found[key] for key in keys if key in found)

    def unknown(
        self, name: str, nearest: Sequence[str], kind: str = "method, benchmark or model"
    ) -> NotFound:
        """Return the error that says that nothing of a kind has a name.

        Of a name with a letter, an atlas that has no entities yet is the reason, whatever else has
        one like it.
        """
        if self.count() or not any(map(str.isalpha, name)):
            return NotFound(kind, name, nearest)
        return NotFound(kind, name, (), NONE_YET)

    def near(self, name: str) -> list[str]:
        """Return the names that are most like one that nobody has, one of each entity.

        Names that are among its words are like it; of names alike, the most used comes first.
        """
        import difflib  # Only where nothing has the name.

        rows = self._db.rows("SELECT folded, name, entity FROM entity_names")
        known = {folded: (text, key) for folded, text, key in rows}
        asked = folded_name(name)
        alike = {
            one: difflib.SequenceMatcher(None, one, asked).ratio()
            for one in difflib.get_close_matches(asked, known, _COMPARED, _MIN_LIKENESS)
        }
        for one in known.keys() & set(_word_runs(name)):
            alike[one] = max(alike.get(one, 0), _WITHIN_LIKENESS)
        papers = {key: many for key, many, _ in self._papers_of([known[one][1] for one in alike])}
        score = {
            one: likeness + _USE_WEIGHT * math.log10(1 + papers[known[one][1]])
            for one, likeness in alike.items()
        }
        best: dict[int, str] = {}
        for one in sorted(alike, key=lambda one: (-score[one], one)):
            best.setdefault(known[one][1], known[one][0])
        return list(best.values())[:_SUGGESTED]

    def names(self) -> Iterator[tuple[int, Name]]:
        """Yield each name with the key of its entity, for a gazetteer."""
        for key, name, recognised in self._db.rows(
            "SELECT entity, name, recognised FROM entity_names"
        ):
            yield key, Name(name, Recognised(recognised))

    def extends(self) -> list[tuple[int, int]]:
        """Return what the list says of which entity extends which other."""
        return self._db.rows("SELECT entity, other FROM entity_extends ORDER BY 1, 2")

    def type_counts(self) -> Mapping[EntityType, int]:
        """Return the number of entities of each type."""
        rows = self._db.rows("SELECT type, count(*) FROM entities GROUP BY type")
        return {EntityType(kind): number for kind, number in rows}


def _word_runs(text: str) -> Iterator[str]:
    """Yield the folded forms of each run of words of a text."""
    words = text.split()[:_MAX_WORDS]
    for first in range(len(words)):
        for end in range(first + 1, len(words) + 1):
            if len(folded := folded_name(" ".join(words[first:end]))) >= _MIN_WITHIN_CHARS:
                yield folded


def _same(entity: Entity, stored: Entity | None) -> bool:
    """Return whether two of one id are the same, in whatever order their further names are."""
    if stored is None or set(entity.names) != set(stored.names):
        return False
    return replace(entity, names=()) == replace(stored, names=()) and entity.name == stored.name
