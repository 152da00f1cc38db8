"""The JSON that the commands print, as the command's contract names its parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final

from kg.cards.card import record_of
from kg.links import Link
from kg.records import Paper
from kg.store.details import Details
from kg.store.reports import Report
from kg.text.partial_date import PartialDate

if TYPE_CHECKING:  # A question is answered without loading what only other commands need.
    from ingest.adding.read_file import Reading
    from ingest.entities.decide import DecidedName
    from ingest.placement.review import Reviewed
    from kg.snapshot.file import Loaded, Saved
    from kg.store.integrity import Fault
    from kg.store.journal import Change
    from search.pages.paper import PaperPage
    from search.pages.reviews import Reviews
    from search.pages.status import Health
    from search.pages.topic import Placed, TopicCount, TopicFacts, TopicPage
    from search.ranking.answers import Answer, Hit

Document = dict[str, Any]

_BRIEF = ("id", "title", "authors", "year", "venue", "categories", "url", "withdrawn")


def brief(paper: Paper) -> Document:
    """Return the facts that every answer gives of a paper."""
    facts = {name: getattr(paper, name) for name in _BRIEF}
    return facts | {"authors": list(paper.authors), "categories": list(paper.categories)}


def details(found: Details) -> Document:
    """Return what is known of a paper beside its bibliographic facts."""
    return {
        "summary": found.summary,
        "card": record_of(found.card) if found.card else None,
        "links": [_known(link) for link in found.links],
        "reports": [_known(report) for report in found.reports],
    }


def _known(found: Link | Report) -> Document:
    return {name: plain(value) for name, value in asdict(found).items() if value is not None}


def placed(found: "Placed") -> Document:
    """Return a paper with its topics."""
    return {**brief(found.paper), "topics": list(found.topics), **details(found.details)}


def _fields(found: object, *names: str) -> Document:
    return {name: plain(getattr(found, name)) for name in names}


def hit(found: "Hit") -> Document:
    """Return one result."""
    return {
        "rank": found.rank,
        **brief(found.paper),
        **_fields(found, "topics", "score", "evidence"),
        **details(found.details),
        "why": _fields(found, "dense", "keyword", "named"),
        "cites": list(found.cites),
    }


def answer(found: "Answer") -> Document:
    """Return an answer."""
    return {
        "question": found.question,
        "took_ms": round(found.took_ms, 2),
        "strength": str(found.judgement.strength),
        "understood": [asdict(one) for one in found.understood],
        **({"notes": list(found.notes)} if found.notes else {}),
        "results": [hit(one) for one in found.hits],
    }


def similar(found: "Sequence[Hit]") -> Document:
    """Return the papers nearest to one."""
    return {"results": [hit(one) for one in found]}


def topics(found: "TopicPage") -> Document:
    """Return the topic tree, or one topic's branch with all about it."""
    document: Document = {"topics": [_tree(topic) for topic in found.tree]}
    if found.papers is not None:
        document["definition"] = found.tree[0].definition
        document["papers"] = [placed(one) for one in found.papers]
    if found.facts is not None:
        document |= _topic_facts(found.facts)
    return document


def _topic_facts(found: "TopicFacts") -> Document:
    return {
        **_fields(found, "origin", "path"),
        "newest": [placed(one) for one in found.newest],
        "influential": [
            {"rank": one.rank, **brief(one.paper), **_fields(one, "score", "citations")}
            for one in found.influential
        ],
        **_fields(found, "related", "coverage", "methods"),
    }


def _tree(topic: "TopicCount") -> Document:
    children = [_tree(child) for child in topic.children]
    return {**_fields(topic, "id", "name", "papers"), "children": children}


def paper(page: "PaperPage") -> Document:
    """Return one paper's page."""
    found = page.paper
    return {
        **brief(found),
        **_fields(found, "arxiv_id", "doi", "published", "updated", "version", "comment"),
        **_fields(found, "journal_ref", "abstract"),
        **details(page.details),
        "topics": list(dict.fromkeys(placement.topic for placement in page.placements)),
        "placements": [asdict(placement) for placement in page.placements],
        "lists": list(page.lists),
        "references": [brief(one) for one in page.references],
        "citations": [brief(one) for one in page.citations],
        "similar": [hit(one) for one in page.similar],
    }


def health(found: "Health") -> Document:
    """Return how much the atlas knows, and how fresh it is."""
    last = found.last_refresh
    return {**asdict(found), "last_refresh": last.isoformat() if last else None}


def faults(found: "Sequence[Fault]") -> Document:
    """Return what is wrong with a catalogue."""
    return {"faults": [asdict(fault) for fault in found]}


def entries(found: "Reading") -> Document:
    """Return what a list or page says."""
    return {
        "entries": [
            {
                **_fields(entry, "title", "url", "arxiv_id", "doi", "headings"),
                "topic": topic,
                **_fields(entry, "year", "venue", "authors", "starred"),
            }
            for entry, topic in zip(found.entries, found.topics, strict=True)
        ],
        "conflicts": [asdict(conflict) for conflict in found.conflicts],
        "problems": [str(problem) for problem in found.problems],
    }


def waiting(found: "Reviews") -> Document:
    """Return what waits for a reviewer."""
    return {
        "waiting": [
            {
                **brief(one.paper),
                "abstract": one.paper.abstract,
                "suggestions": [
                    {"topic": topic, "confidence": confidence}
                    for topic, confidence in one.suggestions
                ],
                "belongs": one.belongs,
                "queued": one.queued.isoformat(),
            }
            for one in found.papers
        ],
        "names": [
            {
                **_fields(one, "name", "type"),
                "papers": [brief(paper) for paper in one.papers],
                "queued": one.queued.isoformat(),
            }
            for one in found.names
        ],
    }


def reviewed(found: "Reviewed | DecidedName") -> Document:
    """Return what became of a paper or a name by a decision."""
    from ingest.entities.decide import DecidedName

    if isinstance(found, DecidedName):
        return asdict(found)
    return {"id": found.paper.id, "decision": str(found.decision), "topic": found.topic}


def changes(found: "Sequence[Change]") -> Document:
    """Return what became of papers."""
    return {
        "changes": [
            {
                "at": one.at.isoformat(),
                "id": one.paper,
                **_fields(one, "title", "kind", "detail"),
            }
            for one in found
        ]
    }


def saved(found: "Saved") -> Document:
    """Return what was saved."""
    return {**asdict(found), "path": str(found.path)}


def loaded(found: "Loaded") -> Document:
    """Return what was loaded."""
    return {**asdict(found), "kept": found.kept and str(found.kept)}


def plain(found: object) -> Any:
    """Return any answer as JSON: fields and properties by name, papers by their facts."""
    if found is None or isinstance(found, (bool, int, str)):
        return str(found) if isinstance(found, StrEnum) else found
    if isinstance(found, Paper):
        return brief(found)
    if isinstance(found, PartialDate):
        return str(found)
    if is_dataclass(found) and not isinstance(found, type):
        document: Document = {}
        for one in fields(found):
            value = getattr(found, one.name)
            document |= details(value) if isinstance(value, Details) else {one.name: plain(value)}
        for name, value in vars(type(found)).items():
            if isinstance(value, property) and not name.startswith("_"):
                document[name] = plain(getattr(found, name))
        return document
    if isinstance(found, dict):
        return {str(name): plain(value) for name, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [plain(value) for value in found]
    if isinstance(found, float):
        return round(found, 6)
    return str(found)


DOCUMENTS: Final[Mapping[str, Callable[[Any], Document]]] = {
    **{one.__name__: one for one in (answer, similar, topics, paper, faults, entries)},
    **{one.__name__: one for one in (waiting, reviewed, changes, saved, loaded)},
    "refreshed": methodcaller("document"),
    **dict.fromkeys(("status", "added", "embedded", "evaluation"), asdict),
}
"""What makes the JSON of each kind of answer."""
