"""What a view takes and returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from search.library import Library
from ui.background import BackgroundRefresh
from ui.page.address import Address


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a view: an address, and who asks for it."""

    library: Library
    address: Address
    browser_state: Mapping[str, Any] = field(default_factory=dict)
    """What the browser stores for this view, as it sent it: nothing in it can be relied on."""
    user: str | None = None
    """Name; None where nobody is signed in."""
    administrator: bool = False
    """True for a user who may refresh and review."""
    background: BackgroundRefresh | None = None
    """The server's refreshes; None where there is no server."""


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered view."""

    title: str
    """Plain text, for the window's title."""
    body: Markup
    """HTML in which every text from outside is escaped."""
