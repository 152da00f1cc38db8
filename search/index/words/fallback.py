"""Words on a server, and a local index for while the server cannot be used."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kg.records import Filters
from search.index.fallback import Fallback, Outage
from search.index.words.base import WordIndex

if TYPE_CHECKING:
    from search.index.selection import Selection


class WordsWithFallback(Fallback[WordIndex]):
    """An index of words that may be away; see `search.index.words.base.WordIndex`.

    Parameters
    ----------
    kind : str
        Name of the one on the server.
    remote, local, outage
        See `search.index.fallback.Fallback`.
    """

    def __init__(
        self,
        kind: str,
        remote: Callable[[], WordIndex],
        local: Callable[[], WordIndex],
        outage: Outage,
    ) -> None:
        self.kind = kind
        super().__init__(remote, local, outage)

    def __len__(self) -> int:
        return self._ask(len)

    def search(
        self,
        text: str,
        limit: int,
        filters: Filters,
        *,
        allowed: "Selection | None" = None,
        rarity: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """See `search.index.words.base.WordIndex.search`."""
        return self._ask(
            lambda index: index.search(text, limit, filters, allowed=allowed, rarity=rarity)
        )

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """See `search.index.words.base.WordIndex.document_frequencies`."""
        return self._ask(lambda index: index.document_frequencies(words))

    def unknown(self, words: Sequence[str]) -> set[str]:
        """See `search.index.words.base.WordIndex.unknown`."""
        return self._ask(lambda index: index.unknown(words))

    def named(self, text: str, filters: Filters) -> list[int]:
        """See `search.index.words.base.WordIndex.named`."""
        return self._ask(lambda index: index.named(text, filters))
