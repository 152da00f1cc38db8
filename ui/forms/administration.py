"""Actions of the administrator: start a refresh, decide on papers and names that wait.

`ui.forms.actions` checks who it is before it calls any of them.
"""

from ingest.entities.decide import DecidedName
from ingest.placement import review as reviewing
from kg.errors import BadRequest
from kg.store.reviews import Decision
from ui.forms.action import Fields, Result
from ui.page.visit import Visit


def refresh(visit: Visit, fields: Fields) -> Result:
    """Start a refresh."""
    del fields
    if visit.background is None:
        raise BadRequest("there is no server to refresh the atlas", "run `lfm refresh`")
    visit.background.refresh()
    return {"message": "The refresh has begun."}


def review(visit: Visit, fields: Fields) -> Result:
    """Carry out a decision on a paper in the review queue, or on a proposed name.

    Parameters
    ----------
    fields : mapping
        `id` of the paper, `decision`, and `topic` where it is moved; or the name as `id`, and the
        `type` as which it is accepted.
    """
    if visit.background is not None:
        visit.background.refuse_if_following()
    name, wanted = _text(fields, "id"), _text(fields, "decision")
    if wanted not in list(Decision):
        raise BadRequest("say what is to become of the paper", f"one of {', '.join(Decision)}")
    decision = Decision(wanted)
    chosen = {Decision.MOVE: "topic", Decision.ACCEPT: "type"}.get(decision)
    topic = _text(fields, chosen) if chosen else ""
    done = reviewing.decide(visit.library, decision, name, topic or None)
    if isinstance(done, DecidedName):
        what = f"Accepted as {done.entity}" if done.entity else "Never proposed again"
        return {"message": f"{what}: {done.name}"}
    if done.topic is None:
        return {"message": f"Rejected: {done.paper.title}"}
    where = " / ".join(visit.library.taxonomy.path_names(done.topic))
    return {"message": f"Under {where}: {done.paper.title}"}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""
