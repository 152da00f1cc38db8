"""The tree of topics with a sunburst, trends and gaps, or one topic's page."""

from collections.abc import Iterable

from kg.analysis.timeline import Growth, Timeline
from kg.errors import NotFound
from kg.ids.topic_ids import is_below
from kg.taxonomy.taxonomy import Taxonomy
from search.pages.topic import TopicCount
from ui.drawing.charts import columns
from ui.drawing.sunburst import Sunburst, sunburst
from ui.page.templating import rendered
from ui.page.visit import Page, Visit
from ui.views import topic

MAX_TRENDS = 6
"""Growing topics that are listed; likewise shrinking ones."""

MAX_GAPS = 10
"""Pairs of topics that hardly cite each other."""


def view(visit: Visit) -> Page:
    """Return all topics, or the page of the topic that the address names."""
    try:
        return topic.view(visit) if visit.address.one("topic") else _overview(visit)
    except NotFound as error:
        if error.kind != "topic":
            raise
        taxonomy = visit.library.taxonomy
        found = [taxonomy[nearest] for nearest in error.nearest]
        body = rendered("topic_unknown.html", name=error.name, nearest=found, taxonomy=taxonomy)
        return Page("No such topic", body)


def _overview(visit: Visit) -> Page:
    library, taxonomy = visit.library, visit.library.taxonomy
    asked = visit.address.one("at")
    at = taxonomy.find(asked).id if asked else None
    page = library.topics()
    tree, root = page.tree, _found(page.tree, at) if at else None
    years = library.timeline()
    return Page(
        f"{root.name}: topics" if root else "Topics",
        rendered(
            "topics.html",
            taxonomy=taxonomy,
            tree=tree,
            root=root,
            picture=_picture(taxonomy, tree, root),
            papers=years.total.papers,
            unplaced=years.total.papers - page.placed,
            timeline=years,
            columns=columns(years, years.topics),
            growing=_trends(years, "grows"),
            shrinking=_trends(years, "shrinks"),
            gaps=library.gaps(MAX_GAPS) if visit.address.one("gaps") else None,
        ),
    )


def _picture(taxonomy: Taxonomy, tree: tuple[TopicCount, ...], root: TopicCount | None) -> Sunburst:
    if root is None:
        return sunburst(tree, 0)  # The circle is the sum of the areas.
    return sunburst(root.children, root.papers, " ".join(taxonomy.path_names(root.id)))


def _found(tree: Iterable[TopicCount], topic: str) -> TopicCount:
    """Return the branch of a topic that is in the tree."""
    for branch in tree:
        if branch.id == topic:
            return branch
        if is_below(topic, branch.id):
            return _found(branch.children, topic)
    raise NotFound("topic", topic)


def _trends(years: Timeline, verdict: str) -> list[Growth]:
    """Return the topics with that verdict, the most certain first."""
    found = [one for one in years.growth if one.verdict == verdict]
    if verdict == "shrinks":
        found.sort(key=lambda one: one.high)
    return found[:MAX_TRENDS]
