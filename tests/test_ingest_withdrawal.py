import gzip
import json
from pathlib import Path

import pytest
from lxml import etree

from ingest.sources.withdrawal import is_withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to a wrong sign in (3)",
        "Withdrawn",
        "withdrawn by the authors, who found a gap in Lemma 2",
        "Withdrawn - see arXiv:2001.00001",
        "Paper withdrawn",
        "12 pages, 3 figures. The paper is now withdrawn from arXiv",
        "12 pages, withdrawn due to an error",
        "5 pages; withdrawn",
        "We have withdrawn this paper: the proof fails",
        "The authors have temporarily withdrawn this submission",
        "This paper (old version) was temporarily withdrawn",
        "arXiv admin note: This submission has been withdrawn by arXiv administrators",
        "This version has been removed by arXiv administrators because of its licence",
    ],
)
def test_a_comment_that_says_so(comment: str) -> None:
    assert is_withdrawn(comment, "We study ants.")


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "Withdrawn from ICLR 2022",
        "This paper was withdrawn from ICLR 2021 and is improved here",
        "This paper was withdrawn by the authors from a workshop",
        "Withdrawn submission to a conference",
        "Replaces a withdrawn paper, arXiv:2001.00001",
        "The previous version was withdrawn; this one is right",
        "Theorem 3 of the first version is withdrawn",
        "A study of withdrawn papers",
        "Not withdrawn",
    ],
)
def test_a_comment_that_does_not(comment: str | None) -> None:
    assert not is_withdrawn(comment, "We study why people withdrew. This paper has been withdrawn.")


def test_an_abstract_that_was_replaced() -> None:
    assert is_withdrawn(None, "This paper has been withdrawn by the author.")
    assert is_withdrawn("3 pages", "The author has withdrawn this paper, since it was wrong.")
    assert not is_withdrawn(None, "Withdrawn papers teach us much.")
    assert not is_withdrawn(None, None)


@pytest.mark.shared
def test_shared_comments_and_abstracts(shared: Path) -> None:
    comments = [
        element.text
        for path in sorted((shared / "fixtures").glob("*/*.xml"))
        if path.name != "ListRecordsBroken.xml"
        for element in etree.parse(path).iter("{*}comments", "{*}comment")
    ]
    # Three of an old list of physics papers; all three say why.
    assert sum(is_withdrawn(comment, None) for comment in comments) == 3
    with gzip.open(shared / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        # Several write about withdrawal; no listed paper was withdrawn.
        assert not any(is_withdrawn(None, json.loads(line)["abstract"]) for line in lines)
