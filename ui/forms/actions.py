"""What the forms of the views do: each action is a function of a visit and the form's fields."""

import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from kg.errors import BadRequest, Busy, NotFound
from ui.page.visit import Visit

Fields = Mapping[str, Any]
Done = dict[str, Any]
"""What was done: `message` in words, and what the script that asked needs."""

ACTIONS = {
    "import_papers": ("importing", False),
    "export_papers": ("importing", False),
    "review": ("administration", True),
    "refresh": ("administration", True),
}
"""By name: the module of `ui.forms` with a function of that name, and whether only the
administrator may call it."""


def act(visit: Visit, sent: Mapping[str, Any]) -> Done:
    """Do what a form says.

    Parameters
    ----------
    visit : Visit
        Who asks, and where.
    sent : mapping
        `action`, its name, and `fields`, what was filled in: nothing in it can be relied on.

    Returns
    -------
    dict
        `done`, true or false; `message`, what was done or how to mend what is wrong; and what
        the action adds.
    """
    name, fields = str(sent.get("action", "")), sent.get("fields")
    try:
        action = _allowed(name, visit)
        return {"done": True, **action(visit, fields if isinstance(fields, dict) else {})}
    except (BadRequest, NotFound, Busy) as error:
        return {"done": False, "message": str(error)}
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return {"done": False, "message": "this failed; the server's log says how"}


def _allowed(name: str, visit: Visit) -> Callable[[Visit, Fields], Done]:
    if name not in ACTIONS:
        raise BadRequest(f"there is no action '{name[:40]}'", "load the page again")
    module, for_administrator = ACTIONS[name]
    if for_administrator and not visit.administrator:
        raise BadRequest("only the administrator may do this", "sign in as the administrator")
    action: Callable[[Visit, Fields], Done] = getattr(import_module(f"ui.forms.{module}"), name)
    return action
