"""Addresses: what they mean, and that nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadRequest
from tests.support.factories import TEXT
from ui.page.address import IMPLIED, MAX_CHARS, Address
from ui.views import registry

VALUES = TEXT.map(str.strip).filter(bool)
NAMES = st.from_regex("[a-z_]{1,8}", fullmatch=True).filter(lambda name: name != "view")
ADDRESSES = st.builds(
    Address,
    st.sampled_from(sorted(registry.VIEWS)),
    st.lists(st.tuples(NAMES, VALUES), max_size=5).map(tuple),
)


@given(ADDRESSES)
def test_an_address_is_read_as_it_is_written(address: Address) -> None:
    assert Address.parse(str(address)) == address


@given(st.text(max_size=200))
def test_any_text_is_an_address_of_a_view(query: str) -> None:
    address = Address.parse(query)
    assert address.view
    assert Address.parse(str(address)).params == address.params


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("", "ask"),
        ("?", "ask"),
        ("?q=model+soups", "ask"),
        ("?like=2203.05482", "ask"),
        ("?topic=model-editing&q=x", "ask"),
        ("?paper=2203.05482", "paper"),
        ("?topic=model-editing", "topics"),
        ("?view=&topic=model-editing", "topics"),
        ("?view=map&q=x", "map"),
        ("?view=map&view=graph", "map"),
    ],
)
def test_an_address_without_a_view_means_one(query: str, view: str) -> None:
    assert Address.parse(query).view == view


def test_what_is_empty_or_blank_is_not_said() -> None:
    assert Address.parse("?q=&since=+&until=2020").params == (("until", "2020"),)
    assert str(Address.of("topics", topic="", year=None, more=False)) == "?view=topics"


def test_ids_and_paths_stay_readable() -> None:
    assert str(Address.of("paper", paper="doi:10.1/a,b")) == "?view=paper&paper=doi:10.1/a,b"
    assert str(Address.of("ask", q="a b & c", k=20)) == "?q=a+b+%26+c&k=20"
    assert str(Address.of("ask", topic="model-editing")) == "?view=ask&topic=model-editing"


def test_a_parameter_may_come_several_times() -> None:
    address = Address.parse("?q=x&category=cs.LG&category=cs.CL")
    assert address.all("category") == ("cs.LG", "cs.CL")
    assert address.one("category") == "cs.LG"
    assert address.one("topic") is None
    assert address.all("topic") == ()
    assert str(Address.of("ask", category=["a", "b"], withdrawn=True)) == (
        "?category=a&category=b&withdrawn=1"
    )


@given(ADDRESSES, NAMES, VALUES)
def test_one_parameter_changes_and_the_others_stay(address: Address, name: str, value: str) -> None:
    changed = address.with_(**{name: value})
    assert changed.all(name) == (value,)
    others = tuple(pair for pair in address.params if pair[0] != name)
    assert changed.with_(**{name: None}).params == others
    assert changed.view == address.view


def test_whole_numbers_are_read_and_nothing_else() -> None:
    assert Address.parse("?k=20").number("k") == 20
    assert Address.parse("?k=-3").number("k") == -3
    assert Address.parse("?").number("k", 10) == 10
    for wrong in ("x", "1.5", "1_0", "٣", "9" * 10, "0x1", "1e3"):
        with pytest.raises(BadRequest, match="k must be a whole number"):
            Address.of("ask", k=wrong).number("k")


def test_an_address_has_an_end() -> None:
    assert Address.parse("?q=" + "x" * (MAX_CHARS - 3)).one("q")
    with pytest.raises(BadRequest, match="too long"):
        Address.parse("?q=" + "x" * MAX_CHARS)


def test_what_short_addresses_imply_is_a_view() -> None:
    assert set(IMPLIED.values()) <= registry.VIEWS.keys()
