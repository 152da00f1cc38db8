"""Clock and network, and the clients of services that a run makes over them."""

import random
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from ingest.net.gate import FileGate, Gate, Pace
from ingest.net.heads import HeadClient
from ingest.net.http import Http, RequestPolicy
from kg.settings import Settings

_ARXIV_HOSTS: Final = frozenset({"export.arxiv.org", "arxiv.org", "oaipmh.arxiv.org"})
_LIST_HOSTS: Final = frozenset({"raw.githubusercontent.com", "github.com"})


@dataclass(frozen=True, slots=True)
class Outside:
    """Clock, network and randomness of a run; tests bring their own."""

    transport: httpx.BaseTransport | None = None
    """Used in place of the network."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    ticks: Callable[[], float] = time.monotonic
    """Seconds of a clock that is never set, and that all processes of the machine share."""
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random
    """A number in [0, 1), for jitter."""

    @property
    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)


class Clients:
    """Makes the clients of services, with the settings' keys and contact, and closes them."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings, self._outside = settings, outside
        gate = settings.gate or Path(tempfile.gettempdir(), "lfm-arxiv-gate")
        self._gate = FileGate(Path(gate), 3.0, outside.ticks, outside.sleep)
        self._made: list[Http | HeadClient] = []
        self._down: dict[str, str] = {}

    def lists(self) -> Http:
        """Return a client of the hosts of awesome lists."""
        return self.paced(RequestPolicy("lists", _LIST_HOSTS, max_bytes=20_000_000), 0.5)

    def arxiv(self, name: str = "arxiv") -> Http:
        """Return a client of one of arXiv's services; all of them share one gate."""
        return self._client(RequestPolicy(name, _ARXIV_HOSTS), self._gate)

    def paced(
        self, policy: RequestPolicy, gap: float, headers: Mapping[str, str] | None = None
    ) -> Http:
        """Return a client of a service that wants `gap` seconds between two requests."""
        pace = Pace(gap, self._outside.ticks, self._outside.sleep)
        return self._client(policy, pace, headers)

    def heads(self) -> HeadClient:
        """Return a client that asks any public host whether addresses exist."""
        outside = self._outside
        made = HeadClient(outside.transport, self.settings.contact, outside.ticks, outside.sleep)
        self._made.append(made)
        return made

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in self._made:
            client.close()

    def _client(
        self, policy: RequestPolicy, gate: Gate, headers: Mapping[str, str] | None = None
    ) -> Http:
        made = Http(
            policy,
            gate,
            self._outside.transport,
            headers or {},
            self.settings.contact,
            self._outside.ticks,
            self._outside.sleep,
            self._outside.chance,
            wall=self._outside.clock,
            down=self._down,
        )
        self._made.append(made)
        return made
