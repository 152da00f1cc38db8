"""What a method, benchmark or model is that a question asks for, and who introduced it."""

from kg.entities.entity import EntityType
from kg.records import Paper
from kg.values import dataclass
from search.atlas import Atlas
from search.ranking.answers import Answer

MAX_DEFINITIONS = 5
"""Most owners of one name that are defined."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """A paper that introduced an entity."""

    paper: Paper
    rank: int | None
    """Its rank in the answer; None where it is not among the results."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a method, benchmark or model is."""

    id: str
    name: str
    type: EntityType
    about: str | None
    """In a sentence: of the list, else the summary of the paper that introduced it."""
    introduced_by: tuple[Introduction, ...]
    """The earliest first."""


def definitions(atlas: Atlas, answer: Answer) -> tuple[Definition, ...]:
    """Return what the entities are that the question of an answer asks for by name."""
    keys = answer.entities[:MAX_DEFINITIONS]
    if not keys:
        return ()
    ranks = {hit.key: hit.rank for hit in answer.hits}
    introducing = atlas.catalogue.relations.introducing(keys)
    papers = list(dict.fromkeys(key for one in keys for key in introducing.get(one, ())))
    known = dict(zip(papers, atlas.catalogue.papers.get(papers), strict=True))
    entities = atlas.catalogue.entities.get(keys)
    cards = atlas.catalogue.cards.get(papers)
    found = []
    for key, entity in zip(keys, entities, strict=True):
        own = introducing.get(key, ())
        told = (cards[one].summary for one in own if one in cards)
        found.append(
            Definition(
                entity.id,
                entity.name,
                entity.type,
                entity.about or next(filter(None, told), None),
                tuple(Introduction(known[one], ranks.get(one)) for one in own),
            )
        )
    return tuple(found)
