"""Slack's form: its signs escaped, its limits kept, whatever papers say."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.delivery import slack
from ingest.delivery.slack import slack_message
from kg.cards.card import Card, Kind
from kg.links import Link, LinkKind
from kg.records import Paper
from kg.store.details import Details
from kg.store.journal import Change, ChangeKind
from search.pages.digest.digest import Digest, DigestChange, DigestPaper, DigestSection
from search.pages.digest.fetch_summary import FetchSummary
from tests.support.factories import paper

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def entry(one: Paper, **facts: object) -> DigestPaper:
    plain = DigestPaper(one, ("model-editing",), NOON, "on the list a_list", Details(), "It works.")
    return replace(plain, **facts)  # type: ignore[arg-type]


def digest(*papers: DigestPaper, changes: int = 0, reasons: tuple[str, ...] = ()) -> Digest:
    made = Change(NOON, "2001.00001", ChangeKind.REVISED, "version 2 & more", "A title")
    sections = (DigestSection("Model Editing", "model-editing", None, papers),) if papers else ()
    return Digest(
        *(NOON - timedelta(days=1), NOON, None, (), sections),
        (DigestChange(made, "2001.00001", "A title", "https://arxiv.org/abs/2001.00001"),)
        * changes,
        len(papers),
        FetchSummary(NOON, (), reasons),
    )


def blocks(message: dict) -> list[str]:
    """Return the texts of the blocks, after checking all that Slack checks."""
    assert set(message) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert 0 < len(message["text"]) <= 4_000
    assert 0 < len(message["blocks"]) <= 50
    for one in message["blocks"]:
        assert one["type"] == "section"
        assert one["text"]["type"] == "mrkdwn"
        assert 0 < len(one["text"]["text"]) <= 3_000
    return [one["text"]["text"] for one in message["blocks"]]


def test_a_paper_is_a_block_with_its_links() -> None:
    details = Details(
        Card(Kind.METHOD, summary="Edits facts."),
        (Link(LinkKind.CODE, "https://github.com/a/b", "abstract"),),
    )
    head, section, one = blocks(slack_message(digest(entry(paper(1), details=details))))
    assert head == "*1 new paper*\nMon 2026-11-23 12:00 UTC to Tue 2026-11-24 12:00 UTC"
    assert section == "*Model Editing (1)*"
    assert one.splitlines() == [
        "*<https://arxiv.org/abs/2001.00001|Paper number 1>*",
        "Ada Author1, Bo Writer · 2020-01 · 2001.00001",
        "Edits facts.",
        "_on the list a\u2060_\u2060list_ · <https://github.com/a/b|code>",
    ]


def test_signs_of_slack_are_escaped_and_nobody_is_called() -> None:
    hostile = paper(
        1,
        title="<!channel> & <https://evil.example|x> *bold* a|b `c`\x1b[31m\u202e",
        url="https://example.org/a|b>c?x=1&y=2",
    )
    message = slack_message(digest(entry(hostile)))
    one = blocks(message)[2]
    assert "<!channel>" not in json.dumps(message)
    title = one.splitlines()[0]
    assert title.startswith(
        "*<https://example.org/a%7Cb%3Ec?x=1&amp;y=2|&lt;!channel&gt; &amp; &lt;"
    )
    assert title.count("<") == title.count(">") == 1
    assert title.count("|") == 1
    assert "\u2060*\u2060bold" in title
    assert "\x1b" not in one
    assert "\u202e" not in one


def test_commands_in_reasons_can_be_copied() -> None:
    message = slack_message(digest(reasons=("Run `lfm refresh` & wait.",)))
    assert blocks(message)[1] == "Run `lfm refresh` &amp; wait."
    assert message["text"].startswith("*Nothing new*")


@pytest.mark.parametrize("papers", [0, 1, 45, 47, 48, 400])
def test_whatever_came_a_message_keeps_the_limits(papers: int) -> None:
    many = [entry(paper(n), evidence="word " * 300) for n in range(papers)]
    message = slack_message(digest(*many, changes=30))
    found = blocks(message)
    cut = papers > 46
    assert (found[-1] == slack._MORE) == cut
    assert len(found) == (50 if cut else papers + 2 + (papers > 0))
    if papers >= 45:
        assert message["text"].endswith(slack._MORE)


def test_a_paper_of_nothing_but_signs_keeps_the_limits() -> None:
    worst = paper(1, title="&" * 1_000, authors=("&" * 200,) * 3, venue="&" * 300)
    code = Link(LinkKind.CODE, "https://example.org/" + "&" * 400, "abstract")
    one = entry(worst, evidence="&" * 5_000, details=Details(None, (code,)))
    blocks(slack_message(digest(one, changes=1)))
    blocks(
        slack_message(
            digest(replace(one, paper=replace(worst, url="https://a.org/" + "&" * 1_900)))
        )
    )


def test_changes_are_one_block() -> None:
    found = blocks(slack_message(digest(changes=12)))[1].splitlines()
    assert found[0] == "*Changes*, the first of 12"
    assert len(found) == 11
    assert found[1] == (
        "revised (version 2 &amp; more): <https://arxiv.org/abs/2001.00001|A title>"
    )
