"""Links that many papers have are shown with few."""

from datetime import date

from kg.links import Link, LinkKind, LinkState
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.store.links import MAX_PAPERS
from tests.support.factories import paper, put_all

FRAMEWORK = "https://github.com/ada/stove"


def told(source: str = "a-list", official: bool | None = None) -> list[Link]:
    return [Link(LinkKind.CODE, FRAMEWORK, source, official)]


def with_code(catalogue: Catalogue) -> list[int]:
    found = catalogue.papers.select(Filters(code=True))
    assert found == sorted(catalogue.links.get(catalogue.papers.keys()))
    return found or []


def test_a_link_of_many_papers_is_that_of_those_which_name_it(catalogue: Catalogue) -> None:
    numbers = range(1, MAX_PAPERS + 2)
    papers = [paper(number) for number in numbers]
    papers[1] = paper(2, title="The Stove: a framework for soups")
    put_all(catalogue, *papers)
    for one in papers[:MAX_PAPERS]:
        catalogue.links.add(one.id, told())
    assert with_code(catalogue) == [1, 2, 3, 4]
    catalogue.links.add(papers[4].id, told())
    assert with_code(catalogue) == [2]
    catalogue.links.add(papers[2].id, told("abstract", official=True))
    assert with_code(catalogue) == [2, 3]
    assert len(catalogue.links.all()) == MAX_PAPERS + 2
    assert catalogue.links.unchecked(LinkKind.CODE, date(2026, 5, 4)) == [FRAMEWORK]
    # One paper less, and it is everybody's again.
    catalogue.links.replace("a-list", {papers[4].id: []})
    assert with_code(catalogue) == [1, 2, 3, 4]


def test_the_order_of_adding_makes_no_difference(catalogue: Catalogue) -> None:
    papers = [paper(number) for number in range(1, MAX_PAPERS + 2)]
    put_all(catalogue, *papers)
    for one in reversed(papers):
        catalogue.links.add(one.id, told())
    assert with_code(catalogue) == []


def test_replacing_passes_over_papers_that_went(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1))
    catalogue.links.replace("a-list", {paper(1).id: told(), "2001.99999": told()})
    assert with_code(catalogue) == [1]
    revision = catalogue.revision
    catalogue.links.replace("a-list", {paper(1).id: told()})
    assert catalogue.revision == revision


def test_where_a_repository_moved_is_a_link_too(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1))
    catalogue.links.add(paper(1).id, told())
    day = date(2026, 5, 4)
    catalogue.links.put_check(FRAMEWORK, LinkState.MOVED, day, "http://127.0.0.1/stove")
    (link,) = catalogue.links.get([1])[1]
    assert (link.state, link.moved_to) == (LinkState.MOVED, None)
    catalogue.links.put_check(FRAMEWORK, None, date(2026, 6, 5))
    (link,) = catalogue.links.get([1])[1]
    assert (link.state, link.checked) == (LinkState.MOVED, date(2026, 6, 5))
