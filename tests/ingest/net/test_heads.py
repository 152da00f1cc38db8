"""HEAD requests to public hosts, and to no other."""

from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest

from ingest.net.connecting import TimedClient
from ingest.net.heads import GAP_S, HeadClient
from kg.errors import SourceError, Unreachable
from tests.support.clock import SimulatedClock
from tests.support.services.replying import ReplyingServer, reply

URL = "https://github.com/ada/soups"


@pytest.fixture
def server() -> Iterator[ReplyingServer]:
    made = ReplyingServer()
    yield made
    made.close()


class Hosts:
    """Hosts that answer by path, and when they were asked."""

    def __init__(self, clock: SimulatedClock, **answers: httpx.Response | Exception) -> None:
        self.clock, self.answers = clock, answers
        self.seen: list[tuple[float, httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append((self.clock(), request))
        answer = self.answers.get(request.url.path.rsplit("/", 1)[1], httpx.Response(200))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> HeadClient:
        transport = httpx.MockTransport(self)
        return HeadClient(transport, "me@example.org", self.clock, self.clock.sleep)


def to(url: str) -> httpx.Response:
    return httpx.Response(301, headers={"Location": url})


def test_each_host_is_asked_once_a_second(clock: SimulatedClock) -> None:
    hosts = Hosts(clock)
    client = hosts.client()
    for url in (URL, URL, "https://gitlab.com/ada/soups", URL):
        assert client.head(url).status == 200
    times = [at for at, request in hosts.seen if request.url.host == "github.com"]
    assert [b - a for a, b in pairwise(times)] == [GAP_S, GAP_S]
    assert {request.method for _, request in hosts.seen} == {"HEAD"}
    assert "me@example.org" in hosts.seen[0][1].headers["user-agent"]
    assert client.requests == 4


def test_redirects_are_followed_to_public_hosts(clock: SimulatedClock) -> None:
    hosts = Hosts(clock, soups=to("/bo/stews"), stews=to("https://gitlab.com/bo/broth"))
    answer = hosts.client().head(URL)
    assert (answer.status, answer.url) == (200, "https://gitlab.com/bo/broth")


@pytest.mark.parametrize(
    "target",
    [
        *("http://127.0.0.1/x", "http://[::1]/x", "http://localhost/x", "http://router.lan/x"),
        *("http://0x7f.1/x", "file:///etc/passwd", "https://github.com:22/x", "http://10.0.0.1/x"),
    ],
)
def test_redirects_into_a_network_are_not_followed(clock: SimulatedClock, target: str) -> None:
    hosts = Hosts(clock, soups=to(target))
    with pytest.raises(SourceError):
        hosts.client().head(URL)
    assert len(hosts.seen) == 1


def test_redirects_end(clock: SimulatedClock) -> None:
    with pytest.raises(SourceError, match="again and again"):
        Hosts(clock, soups=to(URL)).client().head(URL)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(httpx.ConnectError("no"), Unreachable), (httpx.ReadTimeout("slow"), SourceError)],
)
def test_no_answer(clock: SimulatedClock, error: Exception, kind: type[SourceError]) -> None:
    with pytest.raises(kind, match=r"github\.com"):
        Hosts(clock, soups=error).client().head(URL)


def test_a_name_that_resolves_within_the_network_is_not_connected_to(
    server: ReplyingServer,
) -> None:
    server.replies["/x"] = reply(200)
    url = httpx.URL(server.url).copy_with(host="localhost", path="/x")
    client = TimedClient(None, 5.0, trust_env=False, public_only=True)
    with pytest.raises(httpx.ConnectError, match="within a network"):
        client.get(url, 5.0)
    client.close()
    assert server.asked == []
    other = TimedClient(None, 5.0, trust_env=False)
    other.get(url, 5.0).close()
    other.close()
    assert [path for path, _ in server.asked] == ["/x"]
