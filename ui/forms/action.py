"""What an action of a form is: a function of a visit and of the form's fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.page.visit import Visit

Fields = Mapping[str, Any]
"""What was filled in, as the browser sent it: nothing in it can be relied on."""
Result = dict[str, Any]
"""`message` in words, and what the script that asked needs."""


@dataclass(frozen=True, slots=True)
class Action:
    """What happens when a form is sent."""

    run: Callable[[Visit, Fields], Result]
    """Raises `BadRequest`, `NotFound` or `Busy` where it cannot be done: the form shows why."""
    administrator_only: bool = False
