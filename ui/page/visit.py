"""What a view is given and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from search.library import Library
from ui.page.address import Address

if TYPE_CHECKING:
    from ui.background import Operations


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone looking at an address."""

    library: Library
    address: Address
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What the browser keeps for this view, as it sent it: nothing in it can be relied on."""
    user: str | None = None
    """Name, where visitors sign in."""
    administrator: bool = False
    """True for whoever may refresh and review."""
    operations: "Operations | None" = None
    """What the server does beside answering; None where there is no server."""


@dataclass(frozen=True, slots=True)
class Page:
    """A view, ready to be shown."""

    title: str
    """Plain text, for the window's title."""
    body: Markup
    """HTML in which every text from outside is escaped."""
