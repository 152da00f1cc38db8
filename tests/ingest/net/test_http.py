import logging
from collections.abc import Iterator

import httpx
import pytest

from kg.errors import SourceError
from tests.support.clock import SimulatedClock
from tests.support.services.scripted import (
    KEY,
    OK,
    URL,
    Parts,
    made,
    status,
    text,
)

# Asking


def test_a_good_answer_is_asked_for_once(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    assert http.get(URL, text) == "fine"
    assert http.requests == len(server.seen) == 1
    assert clock.slept == []


def test_a_request_says_who_asks(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    http.get(URL, text, params={"a": "ä b"}, headers={"If-None-Match": '"x"'})
    (request,) = server.seen
    assert request.headers["user-agent"].startswith("lfm-atlas/")
    assert "me@example.org" in request.headers["user-agent"]
    assert request.headers["x-api-key"] == KEY
    assert request.headers["if-none-match"] == '"x"'
    assert request.headers["host"] == "api.example.org"
    assert str(request.url) == f"{URL}?a=%C3%A4+b"


def test_a_contact_in_any_letters_can_be_sent(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    http.contact = "Zoë\nMüller"
    http.get(URL, text)
    assert "Zo? M?ller" in server.seen[0].headers["user-agent"]


def test_parameters_are_added_to_those_of_the_address(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    http.get(f"{URL}?mirror=1", text, params={"a": "b"})
    http.get(f"{URL}?mirror=1", text)
    assert [str(one.url.query, "ascii") for one in server.seen] == ["mirror=1&a=b", "mirror=1"]


def test_a_document_is_posted_as_often_as_it_takes(clock: SimulatedClock) -> None:
    http, server = made(clock, status(500), OK)
    assert http.post(URL, text, json={"ids": ["a"]}, params={"fields": "title"}) == "fine"
    assert [one.method for one in server.seen] == ["POST", "POST"]
    assert {one.content for one in server.seen} == {b'{"ids":["a"]}'}
    assert server.seen[0].headers["content-type"] == "application/json"


def test_other_statuses_are_answers_where_they_are_understood(clock: SimulatedClock) -> None:
    http, server = made(clock, status(304, ETag='"x"', Content_Encoding="gzip"))
    answer = http.get(URL, lambda one: one, accept=(200, 304))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"x"')
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [400, 401, 404, 410, 501, 204, 304])
def test_what_another_try_cannot_mend_is_not_tried(clock: SimulatedClock, code: int) -> None:
    http, server = made(clock, status(code))
    with pytest.raises(SourceError, match=f"example: HTTP {code}:") as told:
        http.get(URL, text)
    assert told.value.status == code
    assert len(server.seen) == 1


# Keys


def test_keys_are_never_shown(clock: SimulatedClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    http, _ = made(clock, OK)
    answer = http.get(URL, lambda one: one, params={"api_key": KEY, "a": "b"})
    assert KEY in answer.url
    assert "https://api.example.org " in caplog.text
    assert "/works" not in caplog.text  # It may be a webhook's, which is a secret.
    assert KEY not in caplog.text + repr(http) + repr(answer)


@pytest.mark.parametrize(
    "url",
    [
        f"https://api.example.org:port/works?api_key={KEY}",
        f"https://me:{KEY}@[::1/works",
        f"https://api.example.org/works?api_key={KEY}\n",
        f"https://api.example.org/works#{KEY}\x00",
    ],
)
def test_an_address_that_is_none_is_told_without_the_key(clock: SimulatedClock, url: str) -> None:
    http, server = made(clock, OK)
    with pytest.raises(SourceError) as told:
        http.get(url, text)
    assert KEY not in str(told.value)
    assert server.seen == []


@pytest.mark.parametrize(
    "url", ["api.example.org/works", "ftp://api.example.org/", "", "http://", "http://xn--/"]
)
def test_an_address_without_http_is_told_at_once(clock: SimulatedClock, url: str) -> None:
    http, server = made(clock, OK)
    with pytest.raises(SourceError, match="is no address"):
        http.get(url, text)
    assert server.seen == []


def test_a_closed_client_opens_again(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    http.close()
    assert http.get(URL, text) == "fine"
    http.close()
    http.close()
    assert server.closed == 1
    assert http.get(URL, text) == "fine"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_goes_through_and_leaves_the_gate_open(
    clock: SimulatedClock, error: type[BaseException]
) -> None:
    http, server = made(clock, error(), OK)
    with pytest.raises(error):
        http.get(URL, text)
    assert http.get(URL, text) == "fine"
    assert server.times[1] - server.times[0] == 1


def test_an_interrupt_amid_the_body_closes_it(clock: SimulatedClock) -> None:
    class Interrupted(Parts):
        def __iter__(self) -> Iterator[bytes]:
            yield b"f"
            raise KeyboardInterrupt

    body = Interrupted(b"", 0, clock)
    http, _ = made(clock, lambda _: httpx.Response(200, stream=body), OK)
    with pytest.raises(KeyboardInterrupt):
        http.get(URL, text)
    assert body.closed
    assert http.get(URL, text) == "fine"
