import httpx
import pytest

from kg.errors import SourceError
from tests.support.clock import SimulatedClock
from tests.support.services.scripted import (
    KEY,
    OK,
    URL,
    made,
    status,
    text,
)


def test_a_redirect_on_the_same_host_keeps_the_key(clock: SimulatedClock) -> None:
    http, server = made(clock, status(301, Location="/v2?page=1#top"), OK)
    assert http.get(URL, lambda answer: answer.url, headers={"X-More": "1"})
    assert str(server.seen[1].url) == "https://api.example.org/v2?page=1#top"
    assert server.seen[1].headers["x-api-key"] == KEY
    assert server.seen[1].headers["x-more"] == "1"
    assert server.times[1] - server.times[0] >= 1


def test_a_redirect_to_a_known_host_takes_no_key_along(clock: SimulatedClock) -> None:
    away = status(302, Location="https://mirror.example.org/works")
    back = status(302, Location="https://api.example.org/works")
    http, server = made(clock, away, back, away, OK)
    http.get(URL, text, headers={"Authorization": KEY, "If-None-Match": '"x"'})
    with_key, without = server.seen[::2], server.seen[1::2]
    for request in with_key:
        assert request.headers["authorization"] == request.headers["x-api-key"] == KEY
    for request in without:
        assert KEY not in str(request.headers.raw)
        assert request.headers["host"] == "mirror.example.org"
        assert request.headers["if-none-match"] == '"x"'
        assert request.headers["user-agent"].startswith("lfm-atlas/")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://elsewhere.example.net/works?api_key=s3cret-key", "https://elsewhere.example.net"),
        ("//elsewhere.example.net/", "redirected to https://elsewhere.example.net"),
        ("http://api.example.org/works", "redirected to http://api.example.org"),
        ("https://api.example.org:8443/", "redirected to https://api.example.org"),
        ("ftp://api.example.org/works", "redirected to ftp://api.example.org"),
        ("file:///etc/passwd", "redirected to file://"),
        (None, "redirected to no address"),
    ],
)
def test_a_redirect_to_anywhere_else_is_not_followed(
    clock: SimulatedClock, target: str | None, reason: str
) -> None:
    http, server = made(clock, status(302, **({"Location": target} if target else {})), OK)
    with pytest.raises(SourceError, match=reason) as told:
        http.get(URL, text)
    assert told.value.status == 302
    assert KEY not in str(told.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize("target", ["http://xn--/", "https://xn--a/works"])
def test_a_redirect_to_what_is_no_name_is_told_at_once(clock: SimulatedClock, target: str) -> None:
    headers = [(b"Location", target.encode())]
    http, server = made(clock, httpx.Response(302, headers=headers), OK)
    with pytest.raises(SourceError, match="redirected to "):
        http.get(URL, text)
    assert len(server.seen) == 1


def test_what_is_posted_is_not_redirected(clock: SimulatedClock) -> None:
    http, server = made(clock, status(307, Location="/v2"), OK)
    with pytest.raises(SourceError, match="redirected"):
        http.post(URL, text, json={})
    assert len(server.seen) == 1


def test_redirects_without_end_are_given_up(clock: SimulatedClock) -> None:
    http, server = made(clock, status(302, Location="/works"))
    with pytest.raises(SourceError, match="again and again"):
        http.get(URL, text)
    assert len(server.seen) == 6


def test_another_try_begins_where_the_first_did(clock: SimulatedClock) -> None:
    http, server = made(clock, status(302, Location="/once"), status(500), OK)
    assert http.get(URL, text) == "fine"
    assert [one.url.path for one in server.seen] == ["/works", "/once", "/works"]
