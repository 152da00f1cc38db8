"""Digests after a refresh: nothing is lost, nothing comes twice, and a failure is one line."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ingest.delivery.deliver import EMPTY_AFTER, Delivery
from ingest.delivery.targets import EmptyDigests, WebhookForm, parse_target
from ingest.net.outside import Outside
from ingest.report import SourceReport
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.services.webhook import Webhook

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture
def library(tmp_path: Path, clock: StandingClock) -> Iterator[Library]:
    settings = Settings(tmp_path / "home", gate=str(tmp_path / "gate"))
    settings.home.mkdir()
    Catalogue(settings.catalogue).close()
    with Library(settings, HashedWords(), clock=clock) as opened:
        yield opened


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.close()


def come(library: Library, *numbers: int) -> None:
    made = [paper(number) for number in numbers]
    put_all(library.catalogue, *made)
    for one in made:
        library.catalogue.journal.log_change(one.id, ChangeKind.ADDED)


def to(address: str, empty: EmptyDigests = EmptyDigests.NEVER, form: str = "json") -> Delivery:
    return Delivery((parse_target(address, Path("/"), form if "://" in address else ""),), empty)


Refresh = Callable[..., SourceReport]


@pytest.fixture
def refresh(library: Library) -> Refresh:
    """A refresh that brings papers of some numbers, and delivers them."""

    def run(delivery: Delivery, *numbers: int, outside: Outside | None = None) -> SourceReport:
        delivery.begin(library)
        come(library, *numbers)
        return delivery.deliver(library, outside or Outside())

    return run


def ids(document: dict) -> list[str]:
    found = [one["id"] for section in document["sections"] for one in section["papers"]]
    assert len(found) == document["papers"]
    return sorted(found)


def test_each_refresh_posts_what_it_brought(
    library: Library, webhook: Webhook, refresh: Refresh, clock: StandingClock
) -> None:
    come(library, 1)  # Before there was a webhook.
    first = refresh(to(webhook.url), 2, 3)
    assert (first.failed, first.notes) == ([], [f"{webhook.place}: 2 new papers"])
    clock.now += timedelta(days=1)
    refresh(to(webhook.url), 4)
    clock.now += timedelta(days=1)
    quiet = refresh(to(webhook.url))
    assert (quiet.failed, quiet.notes, quiet.requests) == ([], [], 0)
    assert [ids(one) for one in webhook.posted] == [
        [paper(2).id, paper(3).id],
        [paper(4).id],
    ]
    assert webhook.posted[1]["since"] == NOON.isoformat()
    assert webhook.asked[0]["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_what_a_failing_webhook_missed_comes_with_the_next_post_and_once(
    refresh: Refresh, status: int
) -> None:
    webhook = Webhook(status, status, 200)
    try:
        for number in (1, 2):
            report = refresh(to(webhook.url), number)
            assert report.failed == [
                f"{webhook.place}: HTTP {status}; the next refresh sends it again"
            ]
        assert refresh(to(webhook.url), 3).failed == []
        refresh(to(webhook.url))
        assert [ids(one) for one in webhook.posted] == [[paper(n).id for n in (1, 2, 3)]]
        assert len(webhook.asked) == 3
    finally:
        webhook.close()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_is_one_whatever_the_answer_says(refresh: Refresh, status: int) -> None:
    webhook = Webhook(status)
    webhook.body = b"" if status == 204 else b"x" * 2_000_000
    webhook.headers = {"Content-Encoding": "br"}
    try:
        assert refresh(to(webhook.url), 1).failed == []
        refresh(to(webhook.url))
        assert len(webhook.asked) == 1
    finally:
        webhook.close()


def test_nobody_listens(refresh: Refresh, library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    report = refresh(to(f"http://{place}/s3cret"), 1)
    (line,) = report.failed
    assert line == f"{place}: {place} cannot be reached; the next refresh sends it again"
    (logged,) = [one for one in library.catalogue.journal.last_fetches() if one[0] == "digest"]
    assert logged[2]["failed"] == [line]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (httpx.ReadTimeout("slow"), "no answer in time"),
        (httpx.RemoteProtocolError("no HTTP"), "an answer that broke off or is not HTTP"),
        (httpx.ReadError("gone"), "the connection was lost"),
    ],
)
def test_a_post_that_may_have_arrived_is_not_repeated_at_once(
    refresh: Refresh, error: httpx.TransportError, says: str
) -> None:
    asked = []

    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request)
            raise error

    report = refresh(to("https://example.org/s3cret"), 1, outside=Outside(Broken()))
    assert report.failed == [f"example.org: {says}; the next refresh sends it again"]
    assert len(asked) == 1
    assert asked[0].extensions["timeout"]["read"] == 20.0


def test_a_redirect_is_not_followed(refresh: Refresh, webhook: Webhook) -> None:
    webhook.statuses = [307]
    webhook.headers = {"Location": "http://127.0.0.1:9/elsewhere"}
    assert "redirected to http://127.0.0.1" in refresh(to(webhook.url), 1).failed[0]
    assert len(webhook.asked) == 1


def test_slack_gets_slacks_form(refresh: Refresh, webhook: Webhook) -> None:
    refresh(to(webhook.url, form=WebhookForm.SLACK), 1)
    (message,) = webhook.posted
    assert message["text"].startswith("*1 new paper*")
    assert "Paper number 1" in message["blocks"][2]["text"]["text"]


def test_an_address_is_told_nowhere(
    library: Library, refresh: Refresh, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    webhook.statuses = [500, 200]
    reports = [refresh(to(webhook.url), 1), refresh(to(webhook.url), 2)]
    catalogue = library.settings.catalogue.read_bytes()
    for secret in ("s3cret", "k3y", "B000"):
        assert secret not in caplog.text
        assert secret not in repr(reports)
        assert secret.encode() not in catalogue
        assert secret not in json.dumps(library.catalogue.journal.last_fetches())


def test_why_nothing_came_is_told_once_a_day(
    refresh: Refresh, webhook: Webhook, clock: StandingClock
) -> None:
    daily = to(webhook.url, EmptyDigests.DAILY)
    refresh(daily)  # The first one shows that the address is right.
    for _ in range(3):
        clock.now += timedelta(hours=6)
        refresh(daily)
    assert len(webhook.posted) == 1
    clock.now = NOON + EMPTY_AFTER
    refresh(daily)
    assert [one["papers"] for one in webhook.posted] == [0, 0]
    assert webhook.posted[0]["reasons"]
    clock.now += timedelta(hours=12)
    refresh(daily, 1)
    clock.now += timedelta(hours=12)
    refresh(daily)
    assert [one["papers"] for one in webhook.posted] == [0, 0, 1]


def test_why_nothing_came_is_told_always_or_never(refresh: Refresh, webhook: Webhook) -> None:
    for _ in range(2):
        refresh(to(webhook.url, EmptyDigests.NEVER))
    assert webhook.posted == []
    for _ in range(2):
        refresh(to(webhook.url, EmptyDigests.ALWAYS))
    assert len(webhook.posted) == 2


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json"])
def test_a_file_is_replaced_by_each_digest(refresh: Refresh, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"news{suffix}"
    refresh(to(str(path)), 1)
    assert "Paper number 1" in path.read_text("utf-8")
    refresh(to(str(path)))
    assert "Paper number 1" in path.read_text("utf-8")
    refresh(to(str(path)), 2)
    told = path.read_text("utf-8")
    assert "Paper number 2" in told
    assert "Paper number 1" not in told
    assert sorted(tmp_path.glob("*news*")) == [path]


def test_a_file_that_cannot_be_written_loses_nothing(refresh: Refresh, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    report = refresh(to(str(folder / "{time}.md")), 1)
    (line,) = report.failed
    assert "cannot write" in line
    assert "\n" not in line
    folder.mkdir()
    assert refresh(to(str(folder / "{time}.md")), 2).failed == []
    (made,) = folder.iterdir()
    assert made.name == "2026-11-24T120000Z.md"
    told = made.read_text("utf-8")
    assert "Paper number 1" in told
    assert "Paper number 2" in told


def test_one_target_that_fails_stands_in_the_way_of_no_other(
    refresh: Refresh, webhook: Webhook, tmp_path: Path
) -> None:
    bad, good = to(str(tmp_path / "nowhere" / "x.md")), to(webhook.url)
    report = refresh(replace(bad, targets=(*bad.targets, *good.targets)), 1)
    assert len(report.failed) == 1
    assert [ids(one) for one in webhook.posted] == [[paper(1).id]]


def test_a_state_that_cannot_be_is_begun_anew(
    library: Library, refresh: Refresh, webhook: Webhook
) -> None:
    delivery = to(webhook.url)
    key = delivery.targets[0].key
    for state in (
        "{",
        "[]",
        '{"change": 99, "at": "2026-11-24T12:00:00+00:00", "delivered": true}',
    ):
        library.catalogue.journal.set_cursor("digest", key, state)
        number = len(webhook.posted) + 10
        refresh(delivery, number)
        assert ids(webhook.posted[-1]) == [paper(number).id]


def test_a_clock_that_was_set_back_posts_all_the_same(
    refresh: Refresh, webhook: Webhook, clock: StandingClock
) -> None:
    refresh(to(webhook.url), 1)
    clock.now -= timedelta(days=400)
    refresh(to(webhook.url), 2)
    assert ids(webhook.posted[-1]) == [paper(2).id]
    assert webhook.posted[-1]["since"] == webhook.posted[-1]["until"]
