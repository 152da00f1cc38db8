"""The map of all papers: near means similar, colour and shape are the area, hits stand out."""

from collections.abc import Iterator
from dataclasses import dataclass

from kg.ids.topic_ids import depth
from kg.records import Filters, Paper
from kg.taxonomy.taxonomy import Taxonomy
from search.library import Library
from search.map.points import Points
from search.ranking.strength import HEADLINES, NEAREST, Strength
from ui.drawing.area_shapes import shape
from ui.page import filters
from ui.page.readings import READ_BY, asked_as, readings
from ui.page.templating import area, rendered
from ui.page.visit import Page, Visit

MAX_HITS = 50
"""Papers of a question that stand out."""

MAX_NEAREST = 10
"""Papers that are named where none answers."""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """An area in the legend."""

    area: str
    name: str
    shape: str
    papers: int


@dataclass(frozen=True, slots=True)
class HighlightedPaper:
    """A paper that stands out."""

    key: int
    paper: Paper
    area: str
    on_map: bool
    """False where it has no vector yet."""


def update(library: Library) -> None:
    """Place new papers on the map, or begin to draw it."""
    library.map.state()


def view(visit: Visit) -> Page:
    """Return the map, or the progress of computing it."""
    address, library = visit.address, visit.library
    state = library.map.state()
    if not state.shown:
        return Page("Map", rendered("map_absent.html", state=state))
    asked = filters.parse_strict(address, library)
    chosen = Filters(topic=asked.topic, since=asked.since, until=asked.until)
    question = address.one("q") or ""
    points = library.map.points()
    answer, how = None, asked_as(address)
    if question:
        answer = library.ask(question, MAX_HITS, chosen, literal=how.literal, without=how.without)
    there = set(points.keys)
    lit = [
        HighlightedPaper(hit.key, hit.paper, area(hit.topics), hit.key in there)
        for hit in (answer.hits if answer else ())
    ]
    # Where nothing answers, the nearest papers are named, but not numbered.
    answers = answer is not None and answer.judgement.strength is not Strength.NONE
    marked = _marked(library, address.one("paper"), points)
    named = library.taxonomy[chosen.topic].name if chosen.topic else ""
    return Page(
        f"{question or named}: map" if question or named else "Map",
        rendered(
            "map.html",
            state=state,
            question=question,
            chosen=chosen,
            named=named,
            marks=list(_marks(library.taxonomy, points)),
            options=list(_options(library.taxonomy, points, chosen.topic)),
            lit=lit if answers else lit[:MAX_NEAREST],
            answer=answer,
            readings=readings(library, address, answer) if answer else None,
            read_by={name: address.all(name) for name in READ_BY},
            judgement=answer.judgement if answer else None,
            headlines=HEADLINES,
            nearest=NEAREST,
            answers=answers,
            hits=[(one.key, rank) for rank, one in enumerate(lit, 1) if one.on_map and answers],
            marked=marked,
            span=points.span,
        ),
    )


def _marked(library: Library, name: str | None, points: Points) -> HighlightedPaper | None:
    if name is None:
        return None
    (one,) = library.listed([name])
    return HighlightedPaper(one.key, one.paper, area(one.topics), one.key in set(points.keys))


def _marks(taxonomy: Taxonomy, points: Points) -> Iterator[LegendEntry]:
    areas = [root.id for root in taxonomy.roots]
    for root in taxonomy.roots:
        yield LegendEntry(root.id, root.name, shape(areas, root.id), points.areas.get(root.id, 0))
    if alone := points.areas.get("", 0):
        yield LegendEntry("", "No topic yet", shape(areas, ""), alone)


def _options(
    taxonomy: Taxonomy, points: Points, chosen: str | None
) -> Iterator[tuple[str, str, int]]:
    """Yield id, name and depth of the topics whose names are on the map."""
    named = {label.topic for label in points.labels} | {chosen}
    for topic in taxonomy:
        if topic.id in named:
            yield topic.id, topic.name, depth(topic.id)
