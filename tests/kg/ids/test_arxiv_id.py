"""arXiv ids: which texts carry one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ids.arxiv_id import cited_arxiv_id, parse_arxiv_id

MONTHS = st.integers(1, 12)
SINCE_2015 = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:05}",
    st.integers(15, 60),
    MONTHS,
    st.integers(1, 99999),
)
UNTIL_2014 = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:04}",
    st.integers(8, 14),
    MONTHS,
    st.integers(1, 9999),
)
OLD = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02}{month:02}{number:03}",
    st.sampled_from(["cs", "math", "hep-th", "cond-mat", "stat", "quant-ph"]),
    st.sampled_from([*range(91, 100), *range(8)]),
    MONTHS,
    st.integers(1, 999),
)
IDS = SINCE_2015 | UNTIL_2014 | OLD
VERSIONS = st.just("") | st.integers(1, 30).map("v{}".format)
LINKS = st.sampled_from(
    [
        "{}",
        "arXiv:{}",
        "arxiv: {}",
        "https://arxiv.org/abs/{}",
        "http://www.arxiv.org/abs/{}",
        "https://export.arxiv.org/abs/{}",
        "https://arxiv.org/abs//{}",
        "https://arxiv.org/abs/arXiv:{}",
        "https://arxiv.org/{}",
        "https://arxiv.org/pdf/{}",
        "https://arxiv.org/pdf/{}.pdf",
        "https://arxiv.org/pdf/{}.pdf#page=2",
        "https://arxiv.org/html/{}",
        "https://arxiv.org/abs/{}?context=cs.LG",
        "https://ar5iv.org/abs/{}",
        "https://ar5iv.labs.arxiv.org/html/{}",
        "https://www.alphaxiv.org/abs/{}",
        "https://huggingface.co/papers/{}",
        "https://scirate.com/arxiv/{}",
        "https://www.arxiv-vanity.com/papers/{}/",
        "https://paperswithcode.com/paper/arxiv/{}",
        "https://doi.org/10.48550/arXiv.{}",
    ]
)


@given(IDS, VERSIONS, LINKS)
def test_every_way_to_write_an_id_reads_back(identifier: str, version: str, link: str) -> None:
    assert parse_arxiv_id(link.format(identifier + version)) == identifier


@given(IDS, VERSIONS)
def test_running_text_may_cite_an_id(identifier: str, version: str) -> None:
    assert cited_arxiv_id(f"A title. Someone et al. arXiv:{identifier}{version}.") == identifier
    assert (
        cited_arxiv_id(f"A title. arXiv preprint arXiv:{identifier}{version} (2020)") == identifier
    )


@given(st.text())
def test_an_id_that_is_found_is_an_id(text: str) -> None:
    found = parse_arxiv_id(text)
    assert found is None or parse_arxiv_id(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2410.123456",
        "2410.1234",
        "1412.12345",
        "1501.0001",
        "2413.00001",
        "0703.0001",
        "hep-th/991301",
        "https://arxiv.org/abs/2410.123456",
        "https://arxiv.org/list/cs.CL/recent",
        "https://arxiv.org/a/turing_a_1",
        "https://github.com/owner/2203.05482",
        "https://example.org/2203.05482",
        "version 2203.05482 of it",
        "10.1145/3560815",
    ],
)
def test_no_id(text: str) -> None:
    assert parse_arxiv_id(text) is None


@pytest.mark.parametrize(
    ("link", "identifier"),
    [
        ("https://arxiv.org/ftp/arxiv/papers/2306/2306.07377.pdf", "2306.07377"),
        ("https://arxiv.org/abs/cs.CL/0112017", "cs/0112017"),
        ("https://arxiv.org/pdf/hep-th/9901001v2", "hep-th/9901001"),
        ("https://arxiv.org/abs/2203.05482%20", "2203.05482"),
        ("0704.0001", "0704.0001"),
        ("https://arxiv.org/html/2410.14852v1/x1.png", "2410.14852"),
    ],
)
def test_known_links(link: str, identifier: str) -> None:
    assert parse_arxiv_id(link) == identifier


def test_citations_without_colon_need_a_new_id() -> None:
    assert cited_arxiv_id("[ArXiv 2109.03459v1]") == "2109.03459"
    assert cited_arxiv_id("arXiv 2020") is None
    assert cited_arxiv_id("arXiv:2014.10510") is None


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("1805.1119600000002", "1805.11196"),
        ("1711.0585199999998", "1711.05852"),
        ("2103.0001999999999", "2103.00020"),
        ("704.0001000000001", "0704.0001"),
        ("1805.1119612345678", None),
        ("1313.1119600000002", None),
        ("1805.111960", None),
    ],
)
def test_an_id_that_went_through_a_spreadsheet(number: str, found: str | None) -> None:
    assert parse_arxiv_id(number) == found
