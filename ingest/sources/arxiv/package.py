"""The `arxiv` package, fetching through our own client.

The package builds the addresses and makes the records. Its own fetching is not used: it sleeps
instead of passing the gate, knows no Retry-After, and takes what is left of a feed that was cut
short for the whole. Its session gets an adapter in place of the network, which returns feeds that
were fetched politely and have been checked.

Import this module late: the package takes a while.
"""

import io
from collections.abc import Callable
from itertools import islice
from typing import TypeAlias

import arxiv  # type: ignore[import-untyped]
import requests
from requests.adapters import BaseAdapter

Fetch: TypeAlias = Callable[[str], tuple[bytes, int]]
"""Address -> feed and number of its entries."""


class Pages:
    """Pages of arXiv's API as records of the `arxiv` package.

    Parameters
    ----------
    fetch : callable
        Returns the whole, checked feed of an address, and how many entries it has.
    url : str
        Where the API answers.
    """

    def __init__(self, fetch: Fetch, url: str) -> None:
        # No delay and no retries of its own: the gate spaces requests, and `Http` tries again.
        self._client = arxiv.Client(delay_seconds=0, num_retries=0)
        self._client.query_url_format = url.replace("{", "{{").replace("}", "}}") + "?{}"
        session = self._client._session
        session.trust_env = False
        session.adapters.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Fetched(self._feed))
        self._fetch = fetch
        self._count = 0

    def search(
        self, query: str = "", ids: tuple[str, ...] = (), by_date: bool = False
    ) -> arxiv.Search:
        """Return a search: by relevance, or the oldest first."""
        if not by_date:
            return arxiv.Search(query, list(ids), max_results=None)
        criterion, order = arxiv.SortCriterion.SubmittedDate, arxiv.SortOrder.Ascending
        return arxiv.Search(query, list(ids), None, criterion, order)

    def entries(self, search: arxiv.Search, start: int, size: int) -> list[arxiv.Result]:
        """Return the records of one page from number `start` on, with one request."""
        self._client.page_size = size
        results = self._client.results(search, offset=start)
        first = next(results, None)
        # Asked for one more than the page has, the package would fetch the next page.
        return [] if first is None else [first, *islice(results, self._count - 1)]

    def _feed(self, url: str) -> bytes:
        body, self._count = self._fetch(url)
        return body


class _Fetched(BaseAdapter):
    """Answers a session's requests with what `fetch` returns for their addresses."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        super().__init__()
        self._fetch = fetch

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        response = requests.Response()
        response.raw = io.BytesIO(self._fetch(request.url or ""))
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Leave open what is not its own."""
