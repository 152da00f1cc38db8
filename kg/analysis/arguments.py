"""The number of answers that one asks an analysis for."""

from kg.errors import BadRequest

MAX_ANSWERS = 10_000
"""The most papers or topic pairs that one answer may have."""


def check_number(number: int) -> None:
    """Refuse a number of answers that makes no sense, by a `BadRequest`."""
    if not 1 <= number <= MAX_ANSWERS:
        raise BadRequest(
            f"cannot return {number} answers", f"ask for 1 or more, {MAX_ANSWERS:,} at most"
        )
