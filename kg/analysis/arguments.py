"""Arguments that several analyses take."""

from typing import TYPE_CHECKING

from kg.errors import BadRequest

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy

MAX_ANSWERS = 10_000
"""The most papers or topic pairs that one answer may have."""


def checked_topic(taxonomy: "Taxonomy", topic: str | None) -> str | None:
    """Return the id of the topic that is meant by an id, a name or an alias; None for all.

    Raises
    ------
    NotFound
        If there is none; carries the nearest ids.
    """
    return None if topic is None else taxonomy.find(topic).id


def checked_number(number: int) -> int:
    """Return the number of answers that is asked for.

    Raises
    ------
    BadRequest
        If it makes no sense.
    """
    if not 1 <= number <= MAX_ANSWERS:
        raise BadRequest(
            f"cannot return {number} answers", f"ask for 1 or more, {MAX_ANSWERS:,} at most"
        )
    return number
