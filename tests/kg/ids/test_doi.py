"""DOIs: which texts carry one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ids.doi import doi_link, parse_doi


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://doi.org/10.1145/3560815", "10.1145/3560815"),
        ("https://dl.acm.org/doi/abs/10.1145/3605943?af=R", "10.1145/3605943"),
        ("doi:10.1038/S42256-023-00626-4.", "10.1038/s42256-023-00626-4"),
        ("https://doi.org/10.1007%2F978-3-030-01234-5_1", "10.1007/978-3-030-01234-5_1"),
        (
            "https://www.biorxiv.org/content/10.1101/2023.07.05.547496v1.full.pdf",
            "10.1101/2023.07.05.547496",
        ),
        ("https://doi.org/10.48550/arXiv.2310.08184", None),
        ("https://arxiv.org/abs/2310.08184", None),
        ("version 10.2 of it", None),
        # Brackets that the DOI has are its own; those around it are the text's.
        ("10.3319/TAO.2009.05.25.02(IWNOP)", "10.3319/tao.2009.05.25.02(iwnop)"),
        ("(10.1061/(ASCE)0887-3801(1994)8:3(287)).", "10.1061/(asce)0887-3801(1994)8:3(287)"),
        ("[paper](https://doi.org/10.1145/123) (2020)", "10.1145/123"),
        ("(https://doi.org/10.1145/123),(https://doi.org/10.1145/456)", "10.1145/123"),
        ("<https://doi.org/10.1145/123>", "10.1145/123"),
        ('<a href="https://doi.org/10.1145/123">', "10.1145/123"),
        ("10.1145/123<br>more", "10.1145/123"),
        ("<b>10.1145/123</b>", "10.1145/123"),
        ("[10.1145/123]", "10.1145/123"),
        ("（10.1145/123）。", "10.1145/123"),
        (
            "https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O",
            "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
        ),
        (
            "10.1002/(SICI)1097-0258(1998)17:15/16&lt;1661::AID-SIM968&gt;3.0.CO;2-#.",
            "10.1002/(sici)1097-0258(1998)17:15/16<1661::aid-sim968>3.0.co;2-#",
        ),
        (
            "10.1890/0012-9658(2005)086[0001:SRAAAB]2.0.CO;2",
            "10.1890/0012-9658(2005)086[0001:sraaab]2.0.co;2",
        ),
    ],
)
def test_doi(text: str, expected: str | None) -> None:
    assert parse_doi(text) == expected


def test_two_papers_of_one_issue_have_two_dois() -> None:
    dois = [f"10.1002/(SICI)1(1998)49:8<{page}::AID-ASI{page}>3.0.CO;2-O" for page in (1, 2)]
    assert len(set(map(parse_doi, dois))) == 2
    for one in dois:
        assert parse_doi(doi_link(one)) == parse_doi(one) == one.lower()
        assert not set("()<>;[]") & set(doi_link(one))


@pytest.mark.shared
def test_shared_dois_are_whole(faults: Path) -> None:
    lines = (faults / "17-doi-cut" / "dois.txt").read_text().split()
    assert [parse_doi(line) for line in lines] == [line.lower() for line in lines]
    assert len(lines) == 4


@given(st.text())
def test_a_doi_that_is_found_is_a_doi(text: str) -> None:
    found = parse_doi(text)
    assert found is None or parse_doi(found) == found
