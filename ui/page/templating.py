"""HTML from templates: every text is escaped unless it is known to be markup."""

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from kg.entities import Paper
from kg.ids import topic_ids
from kg.ids.doi import doi_link
from kg.text.plain import web_address
from ui.page.address import Address
from ui.text.mathematics import with_mathematics

if TYPE_CHECKING:
    from jinja2 import Environment

    from kg.taxonomy.taxonomy import Taxonomy


def rendered(template: str, **context: object) -> Markup:
    """Return a template of `ui/templates` filled in.

    Parameters
    ----------
    template : str
        File name.
    **context
        What the template names.
    """
    # jinja2 marks what it made as safe only in Python's eyes; the type says so to others.
    return Markup(_environment().get_template(template).render(**context))


def area(topics: tuple[str, ...]) -> str:
    """Return the area of a paper's first topic, for its colour; none is empty.

    >>> area(("model-reuse/model-fusion",))
    'model-reuse'
    """
    return topic_ids.area(topics[0]) if topics else ""


TITLE_CHARS = 300
"""Characters of a title among others; a paper's own page shows all."""

NAME_CHARS = 80
"""Characters of an author's name among others."""


def cut(text: str, most: int = TITLE_CHARS) -> str:
    """Return the beginning of a text: laying out what is endless would freeze the page.

    >>> cut("Merging models", 9)
    'Merging …'
    """
    return text if len(text) <= most else f"{text[: most - 2].rstrip()} …"


def byline(paper: Paper, most: int = 4) -> str:
    """Return the first authors.

    >>> byline(Paper("1", "T", authors=("A", "B", "C")), most=2)
    'A, B et al.'
    """
    names = ", ".join(cut(name, NAME_CHARS) for name in paper.authors[:most])
    return names + (" et al." if len(paper.authors) > most else "")


def steps(taxonomy: "Taxonomy", topic: str) -> list[tuple[str, str]]:
    """Return ids and names from a topic's area down to the topic."""
    return list(zip(topic_ids.path(topic), taxonomy.path_names(topic), strict=True))


def known_as(paper: Paper) -> str:
    """Return the id under which others know a paper, or nothing."""
    return "" if paper.id.startswith("title:") else paper.id


def elsewhere(paper: Paper) -> dict[str, str]:
    """Return where else a paper is, by what leads there.

    >>> elsewhere(Paper("2203.05482", "T", arxiv_id="2203.05482"))
    {'arXiv': 'https://arxiv.org/abs/2203.05482'}
    """
    links = {}
    if paper.arxiv_id:
        links["arXiv"] = f"https://arxiv.org/abs/{quote(paper.arxiv_id)}"
    if paper.doi:
        links["DOI"] = doi_link(paper.doi)
    other = web_address(paper.url)
    if other and not (paper.arxiv_id and "arxiv.org/" in other) and other not in links.values():
        links["Its page"] = other
    return links


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "safe_url": web_address,
        "area": area,
        "topic_area": topic_ids.area,
        "steps": steps,
        "math": with_mathematics,
        "byline": byline,
        "cut": cut,
        "known_as": known_as,
        "elsewhere": elsewhere,
    }
    environment.tests["under"] = topic_ids.is_under
    environment.globals["at"] = lambda view, **params: str(Address.of(view, **params))
    return environment
