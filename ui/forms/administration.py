"""What only the administrator may do on the page: begin a refresh, decide on papers that wait.

`ui.forms.actions` asks who it is before it calls any of this.
"""

from typing import TYPE_CHECKING

from ingest.placement import review as reviewing
from kg.errors import BadRequest
from kg.store.reviews import Decision

if TYPE_CHECKING:
    from ui.forms.actions import Done, Fields
    from ui.page.visit import Visit


def refresh(visit: "Visit", fields: "Fields") -> "Done":
    """Begin a refresh.

    Raises
    ------
    Busy
        If one is under way, here or elsewhere.
    """
    del fields
    if visit.operations is None:
        raise BadRequest("there is no server to refresh the atlas", "run `lfm refresh`")
    visit.operations.refresh()
    return {"message": "The refresh has begun."}


def review(visit: "Visit", fields: "Fields") -> "Done":
    """Carry out a decision on a paper that waits.

    Parameters
    ----------
    visit : Visit
    fields : mapping
        `id` of the paper, `decision`, and `topic` where it is moved.

    Raises
    ------
    BadRequest
        If the decision is none, or lacks what it needs.
    NotFound
        If there is no such paper or topic.
    """
    name, told = _text(fields, "id"), _text(fields, "decision")
    if told not in list(Decision):
        raise BadRequest("say what is to become of the paper", f"one of {', '.join(Decision)}")
    decision = Decision(told)
    topic = _text(fields, "topic") or None
    done = reviewing.decide(
        visit.library, decision, name, topic if decision is Decision.MOVE else None
    )
    if done.topic is None:
        return {"message": f"Rejected: {done.paper.title}"}
    where = " / ".join(visit.library.taxonomy.path_names(done.topic))
    return {"message": f"Under {where}: {done.paper.title}"}


def _text(fields: "Fields", name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""
