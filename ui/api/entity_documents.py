"""The JSON of answers about methods, benchmarks and models."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kg.entities.entity import Relation
from kg.store.cards import NEEDS
from ui.api import documents

if TYPE_CHECKING:
    from kg.analysis.families import Family
    from search.pages.entity import EntityPage, LinkedEntity
    from search.pages.methods import MethodTable

Document = dict[str, Any]


def about(page: "EntityPage") -> Document:
    """Return one entity's page."""
    entity = page.entity
    return {
        "id": entity.id,
        "name": entity.name,
        "type": str(entity.type),
        "about": page.about,
        "introduced_by": [one.paper.id for one in page.introduced_by],
        "builds_on": _ids(page.builds_on),
        "built_on_by": _ids(page.built_on_by),
        "used_by": [one.id for one in page.used_by],
        "evaluated_by": [one.id for one in page.papers.get(Relation.EVALUATES_ON, ())],
        "years": {str(year): papers for year, papers in page.years.items()},
        "about_by": page.about_by,
        "names": [name.text for name in entity.names],
        "introduced": [
            {
                **documents.brief(one.paper),
                "topics": list(one.topics),
                "summary": one.details.summary,
            }
            for one in page.introduced_by
        ],
        "compared_with": _ids(page.compared_with),
        "measured_on": _ids(page.measured_on),
        "topics": list(page.topics),
        "code": page.code,
        "papers": {
            str(relation): [one.id for one in papers] for relation, papers in page.papers.items()
        },
        "others": [{"id": one.id, "about": one.about} for one in page.others],
        "family": _family(page.family),
    }


def _family(found: "Family") -> Document:
    """Return a family, its members in the order of the tree."""
    return {
        "root": found.root,
        "members": [
            {
                "id": one.entity.id,
                "name": one.entity.name,
                "year": one.year,
                "papers": one.papers,
                "steps": one.steps,
                "near": one.near,
                "source": one.source and str(one.source),
                "left_out": one.left_out,
            }
            for one in found.members
        ],
        "lines": [
            {"child": line.child, "parent": line.parent, "source": str(line.source)}
            for line in found.lines
        ],
        "left_out_before": found.left_out_before,
    }


def methods(found: "MethodTable") -> Document:
    """Return a table of methods."""
    return {
        "topic": found.topic,
        "total": found.total,
        "methods": [
            {
                "id": one.entity.id,
                "name": one.entity.name,
                "type": str(one.entity.type),
                "year": one.year,
                **{
                    field: one.needs[field].value if field in one.needs else None for field in NEEDS
                },
                "code": one.code,
                "used_by": one.used_by,
                "introduced_by": list(one.introduced_by),
                "about": one.about,
                "predicted": [field for field, need in one.needs.items() if need.predicted],
            }
            for one in found.methods
        ],
    }


def _ids(linked: "Iterable[LinkedEntity]") -> list[str]:
    return [one.entity.id for one in linked]
