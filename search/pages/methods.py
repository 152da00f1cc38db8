"""The methods of a topic: a table of what each needs, and facts about all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kg.cards.card import Access, Data, Training
from kg.entities.entity import Entity, EntityType, Relation
from kg.errors import BadRequest
from kg.records import Filters
from kg.store.cards import Need
from kg.store.catalogue import Catalogue
from kg.store.relations import Related
from search.atlas import Atlas

MAX_METHODS: Final = 10_000
"""Rows of one table."""

MAX_EXAMPLES: Final = 3
"""Entities that a fact names."""


class MethodOrder(StrEnum):
    """Which methods of a table come first."""

    USED = "used"
    """Those that most papers use; of those used alike, the newest."""
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method of a table."""

    entity: Entity
    year: int | None
    """When a paper first introduced it."""
    needs: Mapping[str, Need]
    """By field of `kg.store.cards.NEEDS`, as the first paper that introduces it and says so."""
    code: str | None
    """Where its code is, by those papers."""
    used_by: int
    """How many papers of the atlas use it."""
    introduced_by: tuple[str, ...]
    """Ids of the papers, the earliest first."""
    about: str | None
    """What it is, in a sentence."""


@dataclass(frozen=True, slots=True)
class MethodTable:
    """The methods that the papers of a topic introduce."""

    topic: str | None
    """Id of the topic; None for the whole atlas."""
    methods: tuple[MethodRow, ...]
    """In the order that was asked for."""
    total: int
    """How many there are, shown or not."""


@dataclass(frozen=True, slots=True)
class NamedCount:
    """An entity and a number of papers."""

    id: str
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class NeedCount:
    """How many methods have one need."""

    methods: int
    known: int
    """Of how many a card says what they need, in this respect."""
    examples: tuple[NamedCount, ...]
    """The most used of them."""


@dataclass(frozen=True, slots=True)
class FilteredCount:
    """A number of methods or papers in words, and the filters of `ask` that find the papers."""

    words: str
    filters: Mapping[str, str]
    """Without that of the topic."""


Part = str | NamedCount | FilteredCount
Sentence = tuple[Part, ...]
"""Words, and what they name and count, to be joined without anything between."""


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What the cards of some papers say of the methods that these introduce."""

    methods: int
    papers: int
    """How many papers introduce them."""
    years: tuple[int, int] | None
    """When the first and the last of them appeared."""
    most_used: tuple[NamedCount, ...]
    """Methods, with the papers of the atlas that use them."""
    no_data: NeedCount
    no_training: NeedCount
    black_box: NeedCount
    evaluated: int
    """How many of the papers name a benchmark."""
    benchmarks: tuple[NamedCount, ...]
    """With how many of the papers are evaluated on each."""
    models: tuple[NamedCount, ...]
    """Pretrained models, with how many of the papers work on each."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The facts in sentences; none where the papers introduce no method."""
        return tuple(_sentences(self))

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join("".join(map(_words, sentence)) for sentence in self.sentences)


def method_table(
    atlas: Atlas, topic: str | None, k: int | None, order: MethodOrder = MethodOrder.USED
) -> MethodTable:
    """Return the methods of a topic, or of the whole atlas, `k` of them at most.

    Parameters
    ----------
    topic : str, optional
        Id, name or alias of a topic; a method is of it where a paper that introduces it is placed
        there or below.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If `k` makes no sense.
    """
    if k is not None and not 1 <= k <= MAX_METHODS:
        raise BadRequest(f"cannot show {k} methods", f"ask for 1 or more, {MAX_METHODS:,} at most")
    catalogue = atlas.catalogue
    with catalogue.reading():
        if topic is None:
            keys = catalogue.entities.of_type(EntityType.METHOD)
        else:
            topic, papers = _papers_of(atlas, topic)
            related = catalogue.relations.of_papers(papers)
            keys = catalogue.entities.of_type(EntityType.METHOD, _introduced(related))
        use, first = catalogue.relations.use(keys), catalogue.relations.appeared(keys)
        ids = catalogue.entities.ids(keys)
        ranked = sorted(keys, key=lambda key: ids[key])
        if order is MethodOrder.USED:
            ranked.sort(key=lambda key: (use.get(key, 0), first.get(key, "")[:4]), reverse=True)
        elif order is MethodOrder.NEWEST:
            ranked.sort(key=lambda key: (first.get(key, ""), use.get(key, 0)), reverse=True)
        return MethodTable(topic, _rows(catalogue, ranked[:k], use, first), len(keys))


def _papers_of(atlas: Atlas, topic: str) -> tuple[str, list[int]]:
    """Return the id of a topic and its papers; the taxonomy is read where it has none."""
    papers = atlas.catalogue.papers.select(Filters(topic=topic.strip().strip("/")))
    if papers:
        return topic.strip().strip("/"), papers
    found = atlas.taxonomy.find(topic).id
    return found, atlas.catalogue.papers.select(Filters(topic=found)) or []


def _introduced(related: Iterable[Related]) -> set[int]:
    return {one.entity for one in related if one.relation is Relation.INTRODUCES}


def _rows(
    catalogue: Catalogue, keys: Sequence[int], use: Mapping[int, int], first: Mapping[int, str]
) -> tuple[MethodRow, ...]:
    own = catalogue.relations.introducing(keys)
    papers = list({paper: None for some in own.values() for paper in some})
    ids = {key: one.id for key, one in zip(papers, catalogue.papers.get(papers), strict=True)}
    details = dict(zip(papers, catalogue.details.get(papers), strict=True))
    needs = catalogue.cards.needs(papers)

    def row(key: int, entity: Entity) -> MethodRow:
        some = own.get(key, [])
        return MethodRow(
            entity,
            int(first[key][:4]) if key in first else None,
            _joined(needs[paper] for paper in some if paper in needs),
            next((details[paper].code for paper in some if details[paper].code), None),
            use.get(key, 0),
            tuple(ids[paper] for paper in some),
            entity.about
            or next((details[paper].summary for paper in some if details[paper].summary), None),
        )

    return tuple(map(row, keys, catalogue.entities.get(keys)))


def _joined(needs: Iterable[Mapping[str, Need]]) -> dict[str, Need]:
    """Return, of each field, the first value that is known."""
    found: dict[str, Need] = {}
    for one in needs:
        found = {**one, **found}
    return found


def method_facts(catalogue: Catalogue, papers: Sequence[int]) -> MethodFacts:
    """Return what the cards of papers say of the methods that these introduce."""
    related = catalogue.relations.of_papers(papers)
    methods = set(catalogue.entities.of_type(EntityType.METHOD, _introduced(related)))
    own: dict[int, list[int]] = {}
    for one in related:
        if one.relation is Relation.INTRODUCES and one.entity in methods:
            own.setdefault(one.entity, []).append(one.paper)
    introducing = list({paper: None for some in own.values() for paper in some})
    needs = catalogue.cards.needs(introducing)
    joined = {
        key: _joined(needs[paper] for paper in some if paper in needs) for key, some in own.items()
    }
    use, first = catalogue.relations.use(list(own)), catalogue.relations.appeared(list(own))
    benchmarks = _used(related, Relation.EVALUATES_ON)
    models = _used(related, Relation.WORKS_ON)
    best = Counter({key: use[key] for key in own if key in use})

    def examples(counts: Mapping[int, int]) -> tuple[NamedCount, ...]:
        ranked = _ranked(counts)
        entities = catalogue.entities.get([key for key, _ in ranked])
        return tuple(
            NamedCount(entity.id, entity.name, papers)
            for entity, (_, papers) in zip(entities, ranked, strict=True)
        )

    def needing(field: str, value: str) -> NeedCount:
        read = {
            key: one[field].value
            for key, one in joined.items()
            if field in one and not one[field].predicted
        }
        those = {key: use.get(key, 0) for key, one in read.items() if one == value}
        return NeedCount(len(those), len(read), examples(those))

    years = sorted(int(one[:4]) for one in first.values())
    return MethodFacts(
        methods=len(own),
        papers=len(introducing),
        years=(years[0], years[-1]) if years else None,
        most_used=examples(best),
        no_data=needing("data", Data.NONE),
        no_training=needing("training", Training.NONE),
        black_box=needing("access", Access.BLACK_BOX),
        evaluated=len({one.paper for one in related if one.relation is Relation.EVALUATES_ON}),
        benchmarks=examples(benchmarks),
        models=examples(models),
    )


def _used(related: Iterable[Related], relation: Relation) -> Counter[int]:
    return Counter(one.entity for one in related if one.relation is relation)


def _ranked(counts: Mapping[int, int]) -> list[tuple[int, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MAX_EXAMPLES]


def _sentences(facts: MethodFacts) -> Iterable[Sentence]:
    if not facts.methods:
        return
    first, last = facts.years or (None, None)
    period = "" if first is None else f" in {first}" if first == last else f", {first} to {last}"
    yield (
        f"{_number(facts.papers, 'paper')} of this topic introduce"
        f"{'s' if facts.papers == 1 else ''} {_number(facts.methods, 'method')}{period}",
        *_listed("; most used: ", facts.most_used, "paper", found=False),
        ".",
    )
    needs = [
        (need, words, field)
        for need, words, field in (
            (facts.no_data, "no data of one's own", {"data": Data.NONE}),
            (facts.no_training, "no training", {"training": Training.NONE}),
            (
                facts.black_box,
                "no access to the weights of a model",
                {"access": Access.BLACK_BOX},
            ),
        )
        if need.methods
    ]
    if needs:
        yield tuple(_needs(needs))
    if facts.benchmarks:
        yield (
            f"{_number(facts.evaluated, 'paper')} name{'s' if facts.evaluated == 1 else ''} a"
            " benchmark",
            *_listed(", most often ", facts.benchmarks, "paper"),
            ".",
        )
    if facts.models:
        noun, verb = ("model", "is") if len(facts.models) == 1 else ("models", "are")
        before = f"The {noun} that they work on most often {verb} "
        yield (*_listed(before, facts.models, "paper"), ".")


def _words(part: Part) -> str:
    if isinstance(part, NamedCount):
        return part.name
    return part if isinstance(part, str) else part.words


def _needs(needs: Sequence[tuple[NeedCount, str, Mapping[str, str]]]) -> Iterable[Part]:
    for place, (need, words, filters) in enumerate(needs):
        between = ", and " if place == len(needs) - 1 else ", "
        yield between if place else "Of those whose cards tell, "
        verb = "needs" if need.methods == 1 else "need"
        yield FilteredCount(f"{need.methods:,} of {need.known:,} {verb} {words}", filters)
        such_as = "such as " if len(need.examples) < need.methods else ""
        yield from _listed(f" ({such_as}", need.examples)
        yield ")"
    yield "."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _listed(
    before: str, entities: Sequence[NamedCount], noun: str = "", found: bool = True
) -> Iterable[Part]:
    """Yield entities with commas and "and" between, each with its number where that has a noun.

    `found` says whether the papers are those that a filter by the entity finds.
    """
    for place, one in enumerate(entities):
        yield before if not place else " and " if place == len(entities) - 1 else ", "
        yield one
        if noun:
            number = _number(one.papers, noun) if not place else f"{one.papers:,}"
            yield " ("
            yield FilteredCount(number, {"about": one.id}) if found else number
            yield ")"
