"""What feeds tell of cards and code, and feeds of papers with code only."""

from collections.abc import Iterator
from typing import Any

import feedparser
import pytest

from kg.errors import BadRequest
from search.library import Library
from tests.support.atom_validator import violations
from tests.support.factories import card, paper
from tests.support.serving import described_library
from ui.feeds import atom, feeds

FUSION = "model-reuse/model-fusion"
PAGE = "https://atlas.example/"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


def entries(feed: atom.Feed) -> dict[str, Any]:
    xml = atom.document(feed)
    assert violations(xml) == []
    return {entry.title: entry for entry in feedparser.parse(xml).entries}


def code(entry: Any) -> list[str]:
    return [link.href for link in entry.links if link.get("title") == "Code"]


def test_an_entry_says_what_the_paper_does_and_leads_to_its_code(library: Library) -> None:
    found = entries(feeds.of_topic(library, FUSION, PAGE))
    one, four = found[paper(1).title], found[paper(4).title]
    assert one.summary == card().summary
    assert code(one) == ["https://github.com/ada/moved"]
    # Without a card, the abstract; hostile links lead nowhere.
    assert four.summary == "We study subject 4. It works."
    assert code(four) == []


def test_an_answer_is_quoted_beside_it(library: Library) -> None:
    found = entries(feeds.of_question(library, "?q=paper+number+1&kind=method&data=none", PAGE))
    assert list(found) == [paper(1).title]
    assert found[paper(1).title].summary == f"{card().summary} “We study subject 1.”"


def test_a_feed_can_be_of_papers_with_code_only(library: Library) -> None:
    feed = feeds.of_topic(library, FUSION, PAGE, "code=1&data=none&x=y")
    assert list(entries(feed)) == [paper(1).title]
    assert feed.id != feeds.of_topic(library, FUSION, PAGE).id
    links = {link.rel: link.href for link in feed.links}
    assert links["self"] == f"{PAGE}feeds/topic/{FUSION}.atom?code=1&data=none"
    with pytest.raises(BadRequest, match="there is no data 'nothing'"):
        feeds.of_topic(library, FUSION, PAGE, "data=nothing")
