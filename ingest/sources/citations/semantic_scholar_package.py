"""The `semanticscholar` package, asking through our own client.

The package builds the requests and makes the records. Its own requester is not used: it logs every
header, and so the key; it sleeps instead of passing the gate, knows no Retry-After, and takes a 502
for an empty answer. It gets one that asks politely in its place, which never waits for anything
else. So the package's coroutines end at their first step, and no event loop is needed: it would not
run where another one runs already.

Import this module late: the package takes a while.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from semanticscholar import AsyncSemanticScholar
from semanticscholar.Paper import Paper

Fetch: TypeAlias = Callable[[str, Mapping[str, str], Any], list[dict[str, Any] | None]]
"""Address, parameters and JSON document -> checked records, None for each unknown id."""


class Package:
    """Records of the `semanticscholar` package for batches of ids.

    Parameters
    ----------
    fetch : callable
        Asks the server.
    url : str
        Where the service answers, without ``/graph/v1``.
    """

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._client = _Client(api_url=url)
        self._requester = self._client._requester = _Requester(fetch)

    def papers(self, ids: Sequence[str], fields: Sequence[str]) -> list[Paper | None]:
        """Return the record of each id, None for those that the service does not know."""
        found = iter(_result(self._client.get_papers(list(ids), list(fields))))
        # The package leaves the unknown ones out, and does not tell whose records the others are.
        return [None if one is None else next(found) for one in self._requester.records]


class _Requester:
    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.records: list[dict[str, Any] | None] = []

    async def get_data_async(
        self, url: str, parameters: str, headers: object, payload: object
    ) -> list[dict[str, Any] | None]:
        del headers  # The package's own, with its key; ours are in the client.
        self.records = self._fetch(url, dict(parse_qsl(parameters.lstrip("&"))), payload)
        return self.records


class _Client(AsyncSemanticScholar):  # type: ignore[misc]
    # A property of the package's, which sets up logging for the whole process.
    debug = False

    def _get_not_found_ids(self, *_: object) -> list[str]:
        return []  # The package would log them, all in one line.


def _result(coroutine: Coroutine[object, None, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    finally:
        coroutine.close()
    raise RuntimeError("the semanticscholar package waits for something unforeseen")
