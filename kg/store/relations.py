"""Relations: how papers relate to entities, and entities to each other."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from kg.entities.entity import Relation, Source
from kg.store.database import Store, json_keys


class Related(NamedTuple):
    """A paper and an entity."""

    entity: int
    relation: Relation
    paper: int
    sources: frozenset[Source]


class EntityPair(NamedTuple):
    """Two entities that a paper joins, or the list of entities."""

    entity: int
    """The one that the paper introduces."""
    other: int
    paper: int | None
    """None where the list says so."""


_Side = Literal["own", "base"]


class RelationStore(Store):
    """Relations of papers to entities, each with who says so.

    One entity extends another of its type where a paper that introduces the one builds on the
    other, or where the list of entities says so.
    """

    # -- writing ---------------------------------------------------------------------------

    def replace(
        self, papers: Iterable[int], rows: Iterable[tuple[int, Relation, int, Source]]
    ) -> set[int]:
        """State anew how papers relate to what they do not introduce.

        Parameters
        ----------
        papers : iterable of int
            Keys of the papers.
        rows : iterable of (int, Relation, int, Source)
            Entity, relation, paper and source; other papers are not among them.

        Returns
        -------
        set of int
            The papers whose relations changed.
        """
        where = "relation != 'introduces' AND paper IN (SELECT value FROM json_each(?))"
        return self._state(rows, where, papers)

    def replace_introductions(
        self, source: Source, entities: Iterable[int], pairs: Iterable[tuple[int, int]]
    ) -> set[int]:
        """State anew which papers introduce some entities, as a source says.

        Parameters
        ----------
        pairs : iterable of (int, int)
            Entity and paper.

        Returns
        -------
        set of int
            The papers whose relations changed.
        """
        rows = ((entity, Relation.INTRODUCES, paper, source) for entity, paper in pairs)
        where = (
            f"relation = 'introduces' AND source = '{source}'"
            " AND entity IN (SELECT value FROM json_each(?))"
        )
        return self._state(rows, where, entities)

    def _state(
        self, rows: Iterable[tuple[int, Relation, int, Source]], where: str, keys: Iterable[int]
    ) -> set[int]:
        """Make rows those of a condition on `keys`; return the papers of which any changed."""
        with self._db.writing():
            wanted = {(e, str(r), p, str(s)) for e, r, p, s in rows}
            there = set(
                self._db.rows(
                    f"SELECT entity, relation, paper, source FROM entity_papers WHERE {where}",
                    (json_keys(keys),),
                )
            )
            row = "entity = ? AND relation = ? AND paper = ? AND source = ?"
            self._db.execute_many(f"DELETE FROM entity_papers WHERE {row}", there - wanted)
            self._db.execute_many(
                "INSERT INTO entity_papers VALUES (?, ?, ?, ?)", sorted(wanted - there)
            )
        return {paper for _, _, paper, _ in there ^ wanted}

    # -- reading ---------------------------------------------------------------------------

    def of_papers(self, keys: Sequence[int]) -> list[Related]:
        """Return the relations of papers, by paper."""
        return self._related("paper IN (SELECT value FROM json_each(?))", (json_keys(keys),))

    def of_entities(
        self, keys: Sequence[int], relations: Iterable[Relation] = tuple(Relation)
    ) -> list[Related]:
        """Return the relations of some kinds of entities."""
        kinds = ", ".join(f"'{one}'" for one in relations)
        where = f"entity IN (SELECT value FROM json_each(?)) AND relation IN ({kinds})"
        return self._related(where, (json_keys(keys),))

    def papers(self, entity: str) -> list[int]:
        """Return the papers that relate to an entity, by its id, in any way."""
        sql = "SELECT DISTINCT paper FROM entity_papers WHERE entity ="
        return self._db.column(f"{sql} (SELECT key FROM entities WHERE id = ?)", (entity,))

    def all(self) -> list[Related]:
        """Return all relations, by paper."""
        return self._related("1", ())

    def _related(self, where: str, parameters: Sequence[object]) -> list[Related]:
        rows = self._db.rows(
            "SELECT entity, relation, paper, group_concat(source) FROM entity_papers"
            f" WHERE {where} GROUP BY entity, relation, paper ORDER BY paper, relation, entity",
            parameters,
        )
        # An entity may have ten thousand rows, of few kinds: each is made once.
        kinds = {kind: Relation(kind) for kind in {row[1] for row in rows}}
        sources = {
            joined: frozenset(map(Source, joined.split(","))) for joined in {row[3] for row in rows}
        }
        return [Related(e, kinds[kind], p, sources[joined]) for e, kind, p, joined in rows]

    def introducing(self, keys: Sequence[int]) -> dict[int, list[int]]:
        """Return, by entity, the papers that introduce it, the earliest first."""
        return self._db.groups(
            "SELECT DISTINCT entity, paper FROM entity_papers JOIN papers ON papers.key = paper"
            " WHERE relation = 'introduces' AND entity IN (SELECT value FROM json_each(?))"
            " ORDER BY entity, coalesce(published, year || '-12', '9'), paper",
            (json_keys(keys),),
        )

    def followers(self, keys: Sequence[int], more: Iterable[int] = ()) -> dict[int, int]:
        """Return the papers that build on, work on or are measured on entities.

        Those that introduce an entity that extends one of `keys` are among them.

        Parameters
        ----------
        more : iterable of int
            Keys of further papers that are to be among them.

        Returns
        -------
        dict of int to int
            Paper -> how often it is used (`uses`).
        """
        papers = self._db.column(
            "SELECT paper FROM entity_papers"
            " WHERE entity IN (SELECT value FROM json_each(?1))"
            " AND relation IN ('builds_on', 'works_on', 'evaluates_on')"
            " UNION SELECT paper FROM entity_extends"
            " JOIN entity_papers AS own ON own.entity = entity_extends.entity"
            " AND own.relation = 'introduces'"
            " WHERE other IN (SELECT value FROM json_each(?1))"
            " UNION SELECT value FROM json_each(?2)",
            (json_keys(keys), json_keys(more)),
        )
        return self.uses(papers)

    def uses(self, papers: Iterable[int]) -> dict[int, int]:
        """Return how often each of some papers is used.

        Citations in the atlas count, and papers that build on, compare with, work on or are
        measured on what it introduces.
        """
        return dict(
            self._db.rows(
                "SELECT f.value, (SELECT count(*) FROM citations WHERE cited = f.value)"
                " + (SELECT count(*) FROM entity_papers AS own"
                " CROSS JOIN entity_papers AS used ON used.entity = own.entity"
                " AND used.relation IN ('builds_on', 'compares_with', 'works_on', 'evaluates_on')"
                " WHERE own.paper = f.value AND own.relation = 'introduces')"
                " FROM json_each(?) AS f",
                (json_keys(papers),),
            )
        )

    def appeared(self, keys: Sequence[int]) -> dict[int, str]:
        """Return, by entity, when the first paper that introduces it appeared.

        A day (``2021-06-17``), month or year; of those that no dated paper introduces, nothing.
        """
        rows = self._db.rows(
            "SELECT entity, min(appeared) AS first"
            " FROM entity_papers JOIN papers ON papers.key = paper"
            " WHERE relation = 'introduces' AND entity IN (SELECT value FROM json_each(?))"
            " GROUP BY entity HAVING first IS NOT NULL",
            (json_keys(keys),),
        )
        return dict(rows)

    def parents(self, keys: Sequence[int]) -> list[EntityPair]:
        """Return what entities of `keys` extend, and by which paper each."""
        return self._extensions("own", keys)

    def children(self, keys: Sequence[int]) -> list[EntityPair]:
        """Return what extends entities of `keys`, and by which paper each."""
        return self._extensions("base", keys)

    def extensions(
        self, keys: Sequence[int] | None = None, within: bool = False
    ) -> list[EntityPair]:
        """Return which entity extends which other, and by which paper; None: by the list.

        Parameters
        ----------
        keys : sequence of int, optional
            Only pairs of which one is among these.
        within : bool
            Only pairs of which both are among `keys`.
        """
        own = self._extensions("own", keys)
        if keys is None:
            return own
        return _within(own, keys) if within else _merged(own, self._extensions("base", keys))

    def comparisons(
        self, keys: Sequence[int] | None = None, within: bool = False
    ) -> list[EntityPair]:
        """Return which entity a paper that introduces it compares with which other.

        Parameters
        ----------
        keys : sequence of int, optional
            Only pairs of which one is among these.
        within : bool
            Only pairs of which both are among `keys`.
        """
        own = self._pairs("compares_with", "own", keys)
        if keys is None:
            return own
        if within:
            return _within(own, keys)
        return _merged(own, self._pairs("compares_with", "base", keys))

    def compared(self, keys: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return (entity of `keys`, other, paper) where a paper of either compares the two.

        The paper introduces one of them and states its results against the other.
        """
        found = set()
        for entity, other, paper in self._pairs("compares_with", "own", keys):
            found.add((entity, other, paper or 0))
        for entity, other, paper in self._pairs("compares_with", "base", keys):
            found.add((other, entity, paper or 0))
        return sorted(found)

    def _extensions(self, end: _Side, keys: Sequence[int] | None) -> list[EntityPair]:
        column = {"own": "entity", "base": "other"}[end]
        some = "" if keys is None else f" WHERE {column} IN (SELECT value FROM json_each(?))"
        listed = self._db.rows(
            f"SELECT entity, other FROM entity_extends{some} ORDER BY 1, 2",
            () if keys is None else (json_keys(keys),),
        )
        return _merged(
            (EntityPair(entity, other, None) for entity, other in listed),
            self._pairs("builds_on", end, keys),
        )

    def _pairs(self, relation: str, end: _Side, keys: Sequence[int] | None) -> list[EntityPair]:
        """Return the pairs of what papers introduce and what they relate it to, of one type.

        `end` is the side on which `keys` are: what is introduced (own), or the other (base).
        """
        first, second = ("own", "base") if end == "own" else ("base", "own")
        kinds = {"own": "introduces", "base": relation}
        # CROSS JOIN keeps the order of the loops: from the few entities to their papers.
        some = "" if keys is None else "json_each(?) CROSS JOIN "
        one_of = "" if keys is None else f" AND {first}.entity = value"
        rows = self._db.rows(
            f"SELECT DISTINCT own.entity, base.entity, own.paper FROM {some}"
            f"entity_papers AS {first} CROSS JOIN entity_papers AS {second}"
            f" ON {second}.paper = {first}.paper AND {second}.relation = '{kinds[second]}'"
            " JOIN entities AS a ON a.key = own.entity"
            " JOIN entities AS b ON b.key = base.entity AND b.type = a.type"
            f" WHERE {first}.relation = '{kinds[first]}'{one_of}"
            " AND own.entity != base.entity AND base.entity NOT IN"
            " (SELECT entity FROM entity_papers WHERE paper = own.paper"
            " AND relation = 'introduces') ORDER BY 1, 2, 3",
            () if keys is None else (json_keys(keys),),
        )
        return [EntityPair(*row) for row in rows]

    def paper_counts(self, keys: Sequence[int]) -> dict[int, int]:
        """Return, by entity, how many papers relate to it in any way."""
        return dict(
            self._db.rows(
                "SELECT entity, count(DISTINCT paper) FROM entity_papers"
                " WHERE entity IN (SELECT value FROM json_each(?)) GROUP BY entity",
                (json_keys(keys),),
            )
        )

    def use(self, keys: Sequence[int] | None = None) -> dict[int, int]:
        """Return, by entity, how many papers relate to it that do not introduce it.

        Withdrawn papers do not count.
        """
        some = "" if keys is None else " AND entity IN (SELECT value FROM json_each(?))"
        there = "NOT IN (SELECT key FROM papers WHERE withdrawn)"
        # Of its many papers, those few that introduce it are counted apart.
        rows = self._db.rows(
            "SELECT entity, count(DISTINCT paper) - (SELECT count(DISTINCT own.paper)"
            " FROM entity_papers AS own CROSS JOIN entity_papers AS other"
            " ON other.paper = own.paper AND other.relation != 'introduces'"
            " AND other.entity = own.entity WHERE own.entity = used.entity"
            f" AND own.relation = 'introduces' AND own.paper {there}) AS papers"
            f" FROM entity_papers AS used WHERE relation != 'introduces'{some}"
            f" AND paper {there} GROUP BY entity HAVING papers > 0",
            () if keys is None else (json_keys(keys),),
        )
        return dict(rows)


def _within(pairs: Iterable[EntityPair], keys: Iterable[int]) -> list[EntityPair]:
    """Return the pairs of which the other entity is among `keys`."""
    wanted = set(keys)
    return [one for one in pairs if one.other in wanted]


def _merged(*several: Iterable[EntityPair]) -> list[EntityPair]:
    """Return each pair once, those of the list first."""
    found = {pair for some in several for pair in some}
    return sorted(found, key=lambda one: (one.entity, one.other, one.paper or 0))
