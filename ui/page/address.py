"""The address of a view: what stands after the question mark says all that the view shows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from kg.errors import BadRequest

MAX_CHARS = 20_000
"""Characters of an address: enough for a reading list of a thousand papers."""

DEFAULT = "ask"
"""View of an address that says nothing."""

IMPLIED = {"q": "ask", "like": "ask", "paper": "paper", "topic": "topics"}
"""Parameter -> view that it implies where the address names none; the first that is there counts.

Such addresses are short, or older than the views' names. No other view needs one.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """A view's name and its parameters.

    >>> address = Address.parse("?view=topics&topic=model-editing")
    >>> address.view, address.one("topic")
    ('topics', 'model-editing')
    >>> str(address.with_(topic="model-tuning"))
    '?view=topics&topic=model-tuning'
    >>> Address.parse("paper=2203.05482").view
    'paper'
    """

    view: str
    params: tuple[tuple[str, str], ...] = ()
    """Names and values in order; a name may come several times."""

    @classmethod
    def parse(cls, query: str) -> "Address":
        """Read the query part of a URL, with or without its question mark.

        Raises
        ------
        BadRequest
            If it is longer than `MAX_CHARS`.
        """
        if len(query) > MAX_CHARS:
            raise BadRequest("the address is too long", f"use {MAX_CHARS:,} characters at most")
        pairs = [(name, value.strip()) for name, value in parse_qsl(query.removeprefix("?"))]
        params = tuple((name, value) for name, value in pairs if name != "view" and value)
        named = [value for name, value in pairs if name == "view" and value]
        return cls(named[0] if named else _implied({name for name, _ in params}), params)

    @classmethod
    def of(cls, view: str, **params: object) -> "Address":
        """Return the address of a view; a parameter that is a list comes several times."""
        return cls(view).with_(**params)

    def one(self, name: str) -> str | None:
        """Return the first value of a parameter, or None."""
        return next((value for known, value in self.params if known == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter."""
        return tuple(value for known, value in self.params if known == name)

    def number(self, name: str, default: int | None = None) -> int | None:
        """Return a parameter as a whole number.

        Raises
        ------
        BadRequest
            If it is none.
        """
        text = self.one(name)
        if text is None:
            return default
        try:
            # Python reads digits of any script and underscores; an address has plain ones.
            if not text.isascii() or "_" in text or len(text) > 9:
                raise ValueError
            return int(text)
        except ValueError:
            raise BadRequest(
                f"{name} must be a whole number, not '{text[:40]}'", "write digits alone"
            ) from None

    def with_(self, **changes: object) -> "Address":
        """Return the address with other parameters; None takes one out."""
        kept = [(name, value) for name, value in self.params if name not in changes]
        for name, value in changes.items():
            kept.extend((name, text) for text in _texts(value))
        return Address(self.view, tuple(kept))

    def __str__(self) -> str:
        implied = self.view == DEFAULT == _implied({name for name, _ in self.params})
        view = () if implied else (("view", self.view),)
        # A paper's id and a topic's path stay readable.
        return "?" + urlencode((*view, *self.params), safe="/:,")


def _implied(parameters: Collection[str]) -> str:
    return next((view for name, view in IMPLIED.items() if name in parameters), DEFAULT)


def _texts(value: object) -> Iterable[str]:
    if value is None or value is False or value == "":
        return ()
    if value is True:
        return ("1",)
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return (str(value),)
