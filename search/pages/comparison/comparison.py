"""Papers, methods, benchmarks and models side by side, by the cards of the papers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.cards.card import CHOICES, NAMES, Card
from kg.entities.entity import CARD_FIELDS, Entity, Source
from kg.entities.names import folded_name
from kg.errors import BadRequest, NotFound
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.ids.topic_ids import innermost
from kg.records import Filters, Paper, Placement
from kg.store.details import Details
from kg.store.relations import Related
from search.atlas import Atlas, of_one_state
from search.ranking.mode import Mode
from search.ranking.strength import Strength

MAX_ROWS: Final = 50
"""The most papers and entities of one comparison: nobody reads more side by side."""

_NEAREST = 3

Value = str | int | bool | tuple[str, ...] | Mapping[str, float] | None
"""What a row says in one column; empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is told of each row."""

    name: str
    """For programs."""
    heading: str
    """For people."""
    is_list: bool = False
    """Whether a row says several things there."""


COLUMNS: Final = (
    Column("id", "Id"),
    Column("name", "Name"),
    Column("about", "What it is"),
    Column("title", "Paper"),
    Column("introduced_by", "Introduced by", is_list=True),
    Column("withdrawn", "Withdrawn"),
    Column("year", "Year"),
    Column("authors", "Authors", is_list=True),
    Column("summary", "What it does"),
    Column("problem", "Problem"),
    Column("kind", "Kind"),
    Column("data", "Data needed"),
    Column("access", "Model access"),
    Column("training", "Training"),
    Column("modality", "Input", is_list=True),
    Column("introduces", "Introduces", is_list=True),
    Column("builds_on", "Builds on", is_list=True),
    Column("compares_with", "Compares with", is_list=True),
    Column("evaluates_on", "Evaluates on", is_list=True),
    Column("models", "Models", is_list=True),
    Column("code", "Code"),
    Column("cited_by", "Cited by"),
    Column("used_by", "Used by"),
    Column("topics", "Topics", is_list=True),
    Column("confidence", "Predicted"),
)
"""All columns, in their order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One paper or entity of a comparison."""

    id: str
    """Of the paper, or of the entity."""
    entity: Entity | None
    """The method, benchmark or model; None where the row is of a paper."""
    paper: Paper | None
    """The paper, or the earliest one that introduces the entity; None where none is known."""
    values: Mapping[str, Value]
    """Name of a column -> what this row says there, for each of `COLUMNS`."""
    entities: Mapping[str, str]
    """Name of an entity in `values` -> its id."""

    @property
    def label(self) -> str:
        """The entity's name, or the paper's title."""
        if self.entity is not None:
            return self.entity.name
        return self.paper.title if self.paper else self.id


@dataclass(frozen=True, slots=True)
class Comparison:
    """Papers and entities side by side."""

    columns: tuple[Column, ...]
    """Those of `COLUMNS` that any row fills."""
    rows: tuple[Row, ...]
    question: str | None = None
    """The question whose answer is compared; None where the rows were named."""
    strength: Strength = Strength.GOOD
    """How well the papers fit the question."""


class _Node(NamedTuple):
    key: int
    is_entity: bool


def compare(atlas: Atlas, names: Sequence[str]) -> Comparison:
    """Return papers and entities side by side, in the order of their names, each once.

    Parameters
    ----------
    names : sequence of str
        Names or ids of entities; ids, links or titles of papers.

    Raises
    ------
    NotFound
        If a name means nothing; carries the nearest names.
    SeveralOwners
        If several entities have a name.
    BadRequest
        If these are not two different things at least, or more than `MAX_ROWS`.
    """
    with atlas.catalogue.reading():
        nodes = list(dict.fromkeys(_node(atlas, name.strip()) for name in names[: MAX_ROWS + 1]))
        if len(nodes) < 2:
            what = "these are all the same" if len(names) > 1 else "one alone cannot be compared"
            raise BadRequest(
                what if names else "there is nothing to compare",
                "name two papers, methods, benchmarks or models at least",
            )
        if len(names) > MAX_ROWS:
            raise BadRequest(f"{len(names):,} are too many to compare", f"name {MAX_ROWS} at most")
        return _compared(atlas, nodes)


@of_one_state
def compare_answer(
    atlas: Atlas,
    question: str,
    k: int = 10,
    filters: Filters | None = None,
    mode: Mode = Mode.HYBRID,
    literal: bool = False,
    without: Collection[str] = (),
) -> Comparison:
    """Return the papers that answer a question side by side, best first.

    Parameters
    ----------
    k : int
        Number of papers.

    Raises
    ------
    BadRequest
        If `k` is more than `MAX_ROWS`, or as `ask` does.
    """
    from search.ranking.ask import ask  # What is named is compared without NumPy.

    if k > MAX_ROWS:
        raise BadRequest(f"{k:,} are too many to compare", f"ask for {MAX_ROWS} at most")
    answer = ask(atlas, question, k, filters, mode, literal, without)
    found = _compared(atlas, [_Node(hit.key, is_entity=False) for hit in answer.hits])
    strength = answer.judgement.strength
    return Comparison(found.columns, found.rows, answer.question, strength)


def _node(atlas: Atlas, name: str) -> _Node:
    entities, identifiers = atlas.catalogue.entities, atlas.catalogue.identifiers
    if entities.owners(name):
        return _Node(entities.key(name), is_entity=True)
    key = identifiers.look_up(name) if name else None
    if key is not None:
        return _Node(key, is_entity=False)
    try:
        identifiers.key(name)
        nearest: list[str] = []
    except NotFound as error:
        nearest = list(error.nearest)
    if not (parse_arxiv_id(name) or parse_doi(name)):
        nearest = [*entities.near(name), *nearest]
    kind = "paper, method, benchmark or model"
    raise entities.unknown(name, list(dict.fromkeys(nearest))[:_NEAREST], kind)


def _compared(atlas: Atlas, nodes: Sequence[_Node]) -> Comparison:
    rows = tuple(_rows(atlas, nodes))
    columns = tuple(one for one in COLUMNS if any(row.values[one.name] for row in rows))
    return Comparison(columns, rows)


def _rows(atlas: Atlas, nodes: Sequence[_Node]) -> Iterator[Row]:
    catalogue = atlas.catalogue
    own = [node.key for node in nodes if node.is_entity]
    introducing = catalogue.relations.introducing(own)
    used = catalogue.relations.use(own)
    named = [node.key for node in nodes if not node.is_entity]
    keys = list(dict.fromkeys([*named, *(one for some in introducing.values() for one in some)]))
    papers = dict(zip(keys, catalogue.papers.get(keys), strict=True))
    details = dict(zip(keys, catalogue.details.get(keys), strict=True))
    placements = catalogue.placements.get(keys)
    related: dict[int, list[Related]] = {}
    for one in catalogue.relations.of_papers(keys):
        related.setdefault(one.paper, []).append(one)
    bases: dict[int, list[int]] = {}
    for extending, base, _ in catalogue.relations.parents(own):
        bases.setdefault(extending, []).append(base)
    wanted = {one.entity for some in related.values() for one in some}
    wanted.update(own, *bases.values())
    entities = dict(zip(ordered := sorted(wanted), catalogue.entities.get(ordered), strict=True))

    for node in nodes:
        values: dict[str, Value] = {one.name: () if one.is_list else None for one in COLUMNS}
        entity = entities[node.key] if node.is_entity else None
        key = next(iter(introducing.get(node.key, ())), None) if node.is_entity else node.key
        names: dict[str, str] = {}
        facts = _NamedEntities(entities, related.get(key, ()) if key is not None else ())
        if key is not None:
            values |= _facts(papers[key], details[key], placements.get(key, ()))
        card = details[key].card if key is not None else None
        for field in NAMES:
            found = facts.of(field, card)
            if field == "builds_on" and entity is not None:
                # The list of entities says so, whatever the introducing paper's card tells.
                found |= {entities[one].name: entities[one].id for one in bases.get(node.key, ())}
            values[field] = tuple(found)
            names |= {name: ident for name, ident in found.items() if ident}
        if entity is not None:
            values |= {
                "id": entity.id,
                "name": entity.name,
                "about": entity.about,
                "introduced_by": tuple(papers[one].id for one in introducing.get(node.key, ())),
                "used_by": used.get(node.key, 0),
            }
        yield Row(
            str(values["id"]), entity, papers[key] if key is not None else None, values, names
        )


def _facts(paper: Paper, details: Details, placements: Iterable[Placement]) -> dict[str, Value]:
    card = details.card
    return {
        "id": paper.id,
        "title": paper.title,
        "withdrawn": paper.withdrawn,
        "year": paper.year,
        "authors": paper.authors,
        "summary": details.summary,
        "problem": card.problem if card else None,
        **{field: _choice(card, field) for field in CHOICES},
        "code": details.code,
        "cited_by": details.citations,
        # Without the taxonomy, which takes longer to read than all else.
        "topics": tuple(innermost(dict.fromkeys(one.topic for one in placements))),
        "confidence": dict(card.confidence) if card and card.confidence else None,
    }


def _choice(card: Card | None, field: str) -> Value:
    """Return the value of a field of `CHOICES`: a text, or several."""
    value = getattr(card, field, None)
    if isinstance(value, tuple):
        return tuple(map(str, value))
    return str(value) if value else None


class _NamedEntities:
    """The entities that one paper relates to, by the fields of a card."""

    def __init__(self, entities: Mapping[int, Entity], related: Iterable[Related]) -> None:
        self._by_field: dict[str, list[Entity]] = {field: [] for field in NAMES}
        fields = {relation: field for field, relation in CARD_FIELDS.items()}
        for one in related:
            if one.relation in fields and one.sources != {Source.MATCH}:
                self._by_field[fields[one.relation]].append(entities[one.entity])

    def of(self, field: str, card: Card | None) -> dict[str, str | None]:
        """Return the names of a field -> ids of their entities, in the card's order.

        An entity has one name whatever a card calls it, so that rows can be compared; a name
        without an entity is as on the card.
        """
        known = {
            folded_name(name.text): entity
            for entity in self._by_field[field]
            for name in entity.names
        }
        found: dict[str, str | None] = {}
        for written in getattr(card, field, ()):
            entity = known.get(folded_name(written))
            found[entity.name if entity else written] = entity.id if entity else None
        return found | {one.name: one.id for one in self._by_field[field]}
