from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.sources.lists.awesome_list import parse
from kg.export.awesome_list import awesome_list
from kg.export.excerpt import Excerpt, gather
from kg.ids.titles import normalised_title
from kg.records import Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.details import Details
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import code_link, paper

TAXONOMY = Taxonomy.load()


def excerpt(*placed: tuple[Paper, str]) -> Excerpt:
    placements: dict[str, tuple[Placement, ...]] = {}
    for one, topic in placed:
        if topic:
            own = placements.get(one.id, ())
            placements[one.id] = (*own, Placement(topic, PlacedBy.LIST, "l"))
    return Excerpt(tuple(dict.fromkeys(one for one, _ in placed)), placements, taxonomy=TAXONOMY)


MEMORY = "model-editing/memory-based"


def test_a_tree_of_topics_newest_first() -> None:
    old = paper(1, published=date(2020, 1, 1), venue="ICML", authors=("A B", "C D", "E F", "G H"))
    new = paper(2, year=2021, title="A [new] *one*", authors=("Ada Lovelace et al.",))
    other = paper(3, url=None, arxiv_id=None, authors=(), year=None)
    made = excerpt((old, MEMORY), (new, MEMORY), (new, "model-editing"), (other, ""))
    area, memory = TAXONOMY["model-editing"], TAXONOMY[MEMORY]
    assert awesome_list(made, title="Mine") == "\n".join(
        [
            "# Mine",
            "",
            f"## {area.name}",
            "",
            area.definition,
            "",
            f"### {memory.name}",
            "",
            memory.definition,
            "",
            r"- [A \[new\] \*one\*](https://arxiv.org/abs/2001.00002) - Ada Lovelace et al. (2021)",
            "- [Paper number 1](https://arxiv.org/abs/2001.00001) - A B et al. *ICML 2020*",
            "",
            "## Other papers",
            "",
            "- **Paper number 3**",
            "",
        ]
    )


def test_a_topic_alone() -> None:
    made = excerpt((paper(1), MEMORY), (paper(2), "meta-learning"), (paper(3), ""))
    text = awesome_list(replace(made, topic=MEMORY))
    assert "2001.00001" in text
    assert "2001.00002" not in text
    assert "2001.00003" not in text


@pytest.mark.parametrize(
    "title",
    [
        r"Bounds of $\ell_2$ & `code` <b>bold</b>",
        "Under_score *star* [bracket] | pipe ~~x~~ &amp; done",
        "Größe und 中文 in Ελληνικά: a study",
    ],
)
def test_a_title_comes_back(title: str) -> None:
    (entry,) = parse(awesome_list(excerpt((paper(1, title=title), MEMORY))).encode())
    assert normalised_title(entry.title) == normalised_title(title)
    assert entry.arxiv_id == "2001.00001"


def test_an_address_stays_whole() -> None:
    made = paper(1, url="https://x.org/a(b)c d", arxiv_id=None, id="title:1", title="Some title x")
    assert "(https://x.org/a%28b%29c%20d)" in awesome_list(excerpt((made, MEMORY)))


@pytest.mark.parametrize(
    ("facts", "link"),
    [
        ({"url": "https://x.org/a", "doi": "10.1000/a"}, "https://x.org/a"),
        ({"url": None, "doi": "10.1000/a"}, "https://arxiv.org/abs/2001.00001"),
        ({"url": None, "doi": "10.1000/a", "arxiv_id": None}, "https://doi.org/10.1000/a"),
    ],
)
def test_an_entry_leads_to_the_page_then_to_arxiv_then_to_the_doi(
    facts: dict[str, str | None], link: str
) -> None:
    assert f"]({link}) - " in awesome_list(excerpt((paper(1, **facts), MEMORY)))


@pytest.mark.slow
def test_the_whole_atlas_comes_back(unpacked_snapshot: Path) -> None:
    with Catalogue(unpacked_snapshot) as catalogue:
        made = gather(catalogue, TAXONOMY)
    # What has neither address nor venue is an entry for people; `read` takes it for a remark.
    told = {one.id: one for one in made.papers if one.url}
    wanted = {
        (one.url, topic)
        for one in told.values()
        for topic in made.topics(one.id) or ("",)
        if not any(other.startswith(f"{topic}/") for other in made.topics(one.id))
    }
    found = parse(awesome_list(made).encode())
    back = {(entry.url, TAXONOMY.match_headings(entry.headings) or "") for entry in found}
    assert wanted <= back
    titles = {normalised_title(one.title) for one in told.values()}
    again = {normalised_title(entry.title) for entry in found}
    assert len(titles & again) > 0.99 * len(titles)


def test_a_link_to_code_comes_back() -> None:
    made = excerpt((paper(1, venue="ICML"), MEMORY), (paper(2), MEMORY))
    known = {paper(1).id: Details(links=(code_link(1),))}
    text = awesome_list(replace(made, details=known))
    assert text.count("[[code](https://github.com/ada/code1)]") == 1
    found = {entry.arxiv_id: entry for entry in parse(text.encode())}
    (code,) = found[paper(1).id].links
    assert (code.kind, code.url) == ("code", "https://github.com/ada/code1")
    assert (found[paper(1).id].venue, found[paper(1).id].year) == ("ICML", 2020)
    assert not found[paper(2).id].links
