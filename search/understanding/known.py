"""What every recogniser is given beside the words of a question."""

from dataclasses import dataclass
from datetime import date

from search.atlas import Atlas


@dataclass(frozen=True, slots=True)
class Known:
    """What questions are understood with."""

    atlas: Atlas
    """Names of authors, venues, topics and methods are looked up in its catalogue; what takes long
    to gather is kept in `Catalogue.cache`, and gathered where a word of the question needs it."""
    today: date
    """The day from which "last year" counts."""
