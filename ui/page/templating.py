"""Render templates: every text is escaped unless it is `Markup`."""

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from kg.ids import topic_ids
from kg.ids.arxiv_id import arxiv_link
from kg.ids.doi import doi_link
from kg.records import Paper
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.plain import web_address, without_controls
from ui.page.address import Address
from ui.text.card_words import labels, link_name, link_notes, need_words
from ui.text.mathematics import with_mathematics

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, **context: object) -> Markup:
    """Render a template of `ui/templates`.

    Parameters
    ----------
    **context
        Variables of the template.
    """
    # jinja2 returns str; the type says that the text is HTML.
    return Markup(_environment().get_template(template).render(**context))


def area(topics: tuple[str, ...]) -> str:
    """Return the area of a paper's first topic, for its colour; empty without topics.

    >>> area(("model-reuse/model-fusion",))
    'model-reuse'
    """
    return topic_ids.area(topics[0]) if topics else ""


TITLE_CHARS = 300
"""Characters of a title in a list; a paper's own page shows all."""

NAME_CHARS = 80
"""Characters of a name, as of an author, among others."""


def cut(text: str, max_chars: int = TITLE_CHARS) -> str:
    """Return the beginning of a text: laying out a very long one would freeze the page.

    >>> cut("Merging models", 9)
    'Merging …'
    """
    return text if len(text) <= max_chars else f"{text[: max_chars - 2].rstrip()} …"


def entity_name(text: str, max_chars: int = NAME_CHARS) -> str:
    """Return a name among other words, without marks of direction: one may undo an element's own.

    >>> entity_name("LoRA \u2067x")
    'LoRA x'
    """
    return cut(without_controls(text), max_chars)


def byline(paper: Paper, max_authors: int = 4) -> str:
    """Return the first authors.

    >>> byline(Paper("1", "T", authors=("A", "B", "C")), max_authors=2)
    'A, B et al.'
    """
    names = ", ".join(cut(name, NAME_CHARS) for name in paper.authors[:max_authors])
    return names + (" et al." if len(paper.authors) > max_authors else "")


def steps(taxonomy: Taxonomy, topic: str) -> list[tuple[str, str]]:
    """Return ids and names of the topics from an area down to `topic`."""
    return list(zip(topic_ids.path(topic), taxonomy.path_names(topic), strict=True))


def known_as(paper: Paper) -> str:
    """Return a paper's id, or nothing where the atlas made it from the title."""
    return "" if paper.id.startswith("title:") else paper.id


def elsewhere(paper: Paper) -> dict[str, str]:
    """Return links to a paper outside the atlas, by their labels.

    >>> elsewhere(Paper("2203.05482", "T", arxiv_id="2203.05482"))
    {'arXiv': 'https://arxiv.org/abs/2203.05482'}
    """
    links = {}
    if paper.arxiv_id:
        links["arXiv"] = arxiv_link(paper.arxiv_id)
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
        "entity_name": entity_name,
        "cut": cut,
        "known_as": known_as,
        "elsewhere": elsewhere,
        "labels": labels,
        "need_words": need_words,
        "link_notes": link_notes,
        "link_name": link_name,
    }
    environment.tests["under"] = topic_ids.is_under
    environment.globals["at"] = lambda view, **params: str(Address.of(view, **params))
    return environment
