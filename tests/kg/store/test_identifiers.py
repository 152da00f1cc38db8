import contextlib

import pytest
from hypothesis import example, given

from kg.errors import BadRequest, NotFound
from kg.store.catalogue import Catalogue
from tests.support.factories import FEW_EXAMPLES, TEXT, paper, paper_named, put_all


@pytest.mark.parametrize(
    "name",
    [
        "2001.00007",
        "2001.00007v3",
        "arXiv:2001.00007",
        "https://arxiv.org/pdf/2001.00007v2.pdf",
        "https://doi.org/10.48550/arXiv.2001.00007",
        "10.1145/3560815",
        "https://dl.acm.org/doi/abs/10.1145/3560815",
        "Editing models",
        "  EDITING: models!",
    ],
)
def test_a_paper_is_found_by_every_name(catalogue: Catalogue, name: str) -> None:
    made = paper(7, doi="10.1145/3560815", title="Editing Models")
    put_all(catalogue, paper(1), made)
    assert paper_named(catalogue, name) == made


def test_any_of_some_identifiers(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1, title="Editing Models", doi="10.1000/one"))
    assert catalogue.identifiers.has_any("title", ["other", "editing models"])
    assert not catalogue.identifiers.has_any("title", ["other", "10.1000/one"])
    assert not catalogue.identifiers.has_any("title", [])


def test_a_name_of_one_kind_is_none_of_another(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1), paper(2, doi="10.1000/two"))
    assert catalogue.identifiers.find("doi", "10.1000/two") == paper(2).id
    assert catalogue.identifiers.find("arxiv", "10.1000/two") is None
    # What is one paper's DOI may be all that another's title says.
    catalogue.identifiers.add(one, "title", "10.1000/two")
    assert catalogue.identifiers.find("title", "10.1000/two") == paper(1).id
    assert catalogue.identifiers.find("doi", "10.1000/two") == paper(2).id
    assert catalogue.identifiers.key("10.1000/two") == two


def test_names_are_also_learnt(catalogue: Catalogue) -> None:
    first, second = put_all(catalogue, paper(1), paper(2))
    catalogue.identifiers.add(first, "title", "first one")
    catalogue.identifiers.add(second, "title", "first one")  # Taken.
    assert catalogue.identifiers.key("First one") == first
    assert sorted(catalogue.identifiers.titles(paper(1).id)) == ["first one", "paper number 1"]
    assert catalogue.identifiers.additional() == {first: [("title", "first one")]}


def test_an_unknown_name_carries_the_nearest(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1, title="Model soups: averaging weights"), paper(2))
    with pytest.raises(NotFound) as by_id:
        catalogue.identifiers.key("2001.00003")
    assert set(by_id.value.nearest) == {"2001.00001", "2001.00002"}
    with pytest.raises(NotFound) as by_title:
        catalogue.identifiers.key("Model soup: averaging")
    assert by_title.value.nearest == ("2001.00001",)


@pytest.mark.parametrize("name", ["two words of 7 letters", "title-like"])
def test_no_id_is_near_what_cannot_be_one(catalogue: Catalogue, name: str) -> None:
    put_all(catalogue, paper(1), paper(2, id="title:7f0d1e2b3c4a", arxiv_id=None))
    with pytest.raises(NotFound) as unknown:
        catalogue.identifiers.key(name)
    assert unknown.value.nearest == ()


@given(TEXT)
@example("NEAR(a b)")
@example('"')
@example("doi:10.1/x")
@example("a " * 3000)
@example("x" * 10_000)
@example("")
@FEW_EXAMPLES
def test_no_name_breaks_the_search(shelf: Catalogue, name: str) -> None:
    with contextlib.suppress(NotFound):
        assert paper_named(shelf, name)


def test_a_name_that_is_not_text_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(BadRequest):
        catalogue.identifiers.key("\udcff")
