"""SQL functions of the catalogue: forms of texts as it stores and compares them, and a checksum.

Only migrations decode LaTeX, so its decoder is imported where it is used.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from kg.ids.titles import normalised_title
from kg.store.clean_record import one_field, searched_name, searched_title
from kg.text.venues import with_acronyms


def _kept(field: str) -> Callable[[str], str]:
    def clean(text: str) -> str:
        from kg.text.latex.plain import decoded, decoded_name

        return one_field(field, (decoded_name if field == "authors" else decoded)(text))

    return clean


def _of_text(function: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return a function that returns NULL, and other values that are no text, unchanged."""
    return lambda value: function(value) if isinstance(value, str) else value


FUNCTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kept_title": _of_text(_kept("title")),
    "kept_name": _of_text(_kept("authors")),
    "kept_venue": _of_text(_kept("venue")),
    "searched_title": _of_text(searched_title),
    "searched_name": _of_text(searched_name),
    "venue_words": _of_text(lambda venue: normalised_title(with_acronyms(venue))),
    "normalised": _of_text(normalised_title),
    "crc32": zlib.crc32,
}
"""SQL name -> function of one value."""
