"""The actions that forms may ask for, by name, and how one is carried out."""

import sys
import traceback
from collections.abc import Mapping
from typing import Any, Final

from kg.errors import BadRequest, Busy, NotFound
from ui.forms import administration, importing
from ui.forms.action import Action, Result
from ui.page.visit import Visit

ACTIONS: Final[Mapping[str, Action]] = {
    "import_papers": Action(importing.import_papers),
    "export_papers": Action(importing.export_papers),
    "review": Action(administration.review, administrator_only=True),
    "refresh": Action(administration.refresh, administrator_only=True),
}
"""By the name that the page's scripts send."""


def act(visit: Visit, sent: Mapping[str, Any]) -> Result:
    """Carry out what a form asks for.

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
        return {"done": True, **action.run(visit, fields if isinstance(fields, dict) else {})}
    except (BadRequest, NotFound, Busy) as error:
        return {"done": False, "message": str(error)}
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return {"done": False, "message": "this failed; the server's log says how"}


def _allowed(name: str, visit: Visit) -> Action:
    if name not in ACTIONS:
        raise BadRequest(f"there is no action '{name[:40]}'", "load the page again")
    action = ACTIONS[name]
    if action.administrator_only and not visit.administrator:
        raise BadRequest("only the administrator may do this", "sign in as the administrator")
    return action
