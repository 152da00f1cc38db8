"""A reviewer's decisions: on papers in the review queue or placed by the model, and on names."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.embedding import embed_missing
from ingest.entities.decide import DecidedName, decide_name
from ingest.entities.update import update as update_entities
from ingest.merge.merger import Merger
from kg.entities.entity import EntityType
from kg.errors import BadRequest, NotFound
from kg.ids.arxiv_id import parse_arxiv_id
from kg.records import Paper, PlacedBy, Placement
from kg.store.reviews import Decision
from search.embedding.base import Embedder
from search.library import Library

REVIEW_SOURCE = "review"
"""Source of a reviewer's placements."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The outcome of a decision."""

    paper: Paper
    decision: Decision
    topic: str | None
    """Id of its topic now; None where it was rejected."""


def decide(
    library: Library,
    decision: Decision,
    name: str,
    topic: str | None = None,
    embedder: Embedder | None = None,
) -> Reviewed | DecidedName:
    """Carry out a decision and log it; the next refresh is trained on it.

    A name that was proposed as an entity is accepted as one, of the type `topic`, or rejected.

    Parameters
    ----------
    decision : Decision
        Accept: the paper belongs, under the topic that the model suggests or under `topic`.
        Move: it belongs under `topic`. Reject: it does not belong, and never comes back by itself.
    name : str
        Id or link of a paper in the review queue, or of one that the model placed; or a name.
    topic : str, optional
        Id of a topic; of a name, the type.
    embedder : Embedder, optional
        Used in place of the library's.

    Raises
    ------
    NotFound
        If there is no such paper, name or topic.
    BadRequest
        If a topic is missing or superfluous, or only lists placed the paper.
    """
    if decision is Decision.MOVE and topic is None:
        raise BadRequest("to move a paper, name a topic", "see `lfm topics`")
    if library.catalogue.proposals.waits(name) or topic in list(EntityType):
        kind = _type(topic) if topic else None
        return decide_name(library.catalogue, decision, name, kind)
    if decision is Decision.REJECT and topic is not None:
        raise BadRequest("a rejected paper has no topic", "leave it out")
    if topic is not None:
        topic = library.taxonomy[topic].id
    catalogue = library.catalogue
    name = parse_arxiv_id(name) or name.strip()
    try:
        one = catalogue.reviews.get(name)
    except NotFound as error:
        return _decide_placed(library, decision, name, topic, error)
    if decision is Decision.ACCEPT and topic is None:
        topic = _first_known(library, name, [suggested for suggested, _ in one.suggestions])
    with catalogue.writing():
        if topic is not None:
            Merger(catalogue).put_record(one.paper)
            catalogue.placements.add(
                one.paper.id, [Placement(topic, PlacedBy.PERSON, REVIEW_SOURCE)]
            )
        catalogue.reviews.add_decision(one.paper, decision, topic)
        catalogue.reviews.remove(one.paper.id)
    if topic is not None:
        embed_missing(catalogue, embedder or library.embedder)
        update_entities(catalogue)
    return Reviewed(one.paper, decision, topic)


def _type(text: str) -> EntityType:
    if text not in list(EntityType):
        raise BadRequest(f"there is no type {text!r} of names", f"one of {', '.join(EntityType)}")
    return EntityType(text)


def _first_known(library: Library, name: str, topics: Sequence[str]) -> str:
    """Return the first of the model's topics that the taxonomy has."""
    for topic in topics:
        if topic in library.taxonomy:
            return topic
    raise BadRequest(f"the model has no topic for {name}", "name one; see `lfm topics`")


def _decide_placed(
    library: Library, decision: Decision, name: str, topic: str | None, not_waiting: NotFound
) -> Reviewed:
    """Decide on a paper that the model placed."""
    catalogue = library.catalogue
    try:
        key = catalogue.identifiers.key(name)
    except NotFound:
        raise not_waiting from None
    paper = catalogue.papers.get([key])[0]
    placed = catalogue.placements.get([key]).get(key, [])
    by_model = [one for one in placed if one.placed_by is PlacedBy.MODEL]
    if not by_model:
        raise BadRequest(
            f"{name} does not wait for a decision, and no model placed it",
            "see `lfm review` for those that wait",
        )
    if decision is Decision.ACCEPT and topic is None:
        topic = _first_known(library, name, [one.topic for one in by_model])
    placed_otherwise = len(placed) > len(by_model) or bool(catalogue.lists.names([key]))
    with catalogue.writing():
        catalogue.reviews.add_decision(paper, decision, topic)
        catalogue.placements.remove(paper.id, PlacedBy.MODEL)
        if topic is not None:
            catalogue.placements.add(paper.id, [Placement(topic, PlacedBy.PERSON, REVIEW_SOURCE)])
        elif not placed_otherwise:
            catalogue.papers.remove(paper.id)
            update_entities(catalogue)
    return Reviewed(paper, decision, topic)
