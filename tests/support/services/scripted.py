"""A server that answers from a script."""

from collections.abc import Callable, Iterator

import httpx

from ingest.net.gate import Pace
from ingest.net.http import Http, HttpResponse, RequestPolicy
from tests.support.clock import SimulatedClock

URL = "https://api.example.org/works"
KEY = "s3cret-key"
OK = httpx.Response(200, content=b"fine")


Reply = httpx.Response | BaseException | Callable[[httpx.Request], httpx.Response]


class Server(httpx.BaseTransport):
    """Answers from a script, the last reply again and again, and records the requests."""

    def __init__(self, clock: SimulatedClock, *replies: Reply) -> None:
        self.clock, self.replies = clock, list(replies)
        self.seen: list[httpx.Request] = []
        self.times: list[float] = []
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        self.times.append(self.clock.now)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, httpx.Response):
            # A response is used up by reading it.
            return httpx.Response(reply.status_code, headers=reply.headers, stream=reply.stream)
        return reply(request)

    def close(self) -> None:
        self.closed += 1


class Parts(httpx.SyncByteStream):
    """A body in parts, each of which takes some seconds; `read` counts those that were read."""

    def __init__(
        self, part: bytes, times: int, clock: SimulatedClock, seconds: float = 0.0
    ) -> None:
        self.part, self.times, self.clock, self.seconds = part, times, clock, seconds
        self.read = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.times):
            self.read += 1
            self.clock.now += self.seconds
            yield self.part

    def close(self) -> None:
        self.closed = True


def made(clock: SimulatedClock, *replies: Reply, **options: object) -> tuple[Http, Server]:
    server = Server(clock, *replies)
    policy = RequestPolicy("example", **{"hosts": frozenset({"mirror.example.org"}), **options})
    pace = Pace(1.0, clock, clock.sleep)
    headers = {"x-api-key": KEY}
    return Http(policy, pace, server, headers, "me@example.org", clock, clock.sleep), server


def text(answer: HttpResponse) -> str:
    return answer.body.decode()


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, headers={n.replace("_", "-"): v for n, v in headers.items()})
