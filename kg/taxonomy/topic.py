"""One topic, its labels, and the form in which labels and headings are compared."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.ids import topic_ids
from kg.values import dataclass

BUILT_IN: Final = Path(__file__).with_name("taxonomy.yaml")
"""The taxonomy that comes with the package."""

ORIGINS: Final = ("survey", "atlas", "own")
"""Origins of topics: the survey and its list, this atlas, or the user's own file."""

_TAG = re.compile(r"<[^<>]*>")
_SHORTCODE = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
# "Awesome X Papers" is about X, and "Locate and Edit" is "Locate & Edit".
_FILLER = {"a", "an", "and", "awesome", "for", "list", "of", "on", "paper", "papers", "the"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the tree."""

    id: str
    """Path of hyphenated words, such as ``model-editing/memory-based``."""
    name: str
    """Name to show."""
    parent: str | None
    """Id of the topic above, or None for an area."""
    origin: str
    """One of `ORIGINS`."""
    definition: str
    """One sentence on what belongs here."""
    terms: tuple[str, ...] = ()
    """Phrases to search for."""
    aliases: tuple[str, ...] = ()
    """Headings that mean it in any list and under any heading."""
    local_aliases: tuple[str, ...] = ()
    """Headings that mean it only inside its own area, such as ``Surveys``."""
    children: tuple[str, ...] = ()
    """Ids of the topics right below, in the file's order."""

    @property
    def area(self) -> str:
        """Id of the outermost topic above it, or its own."""
        return topic_ids.area(self.id)

    def labels(self) -> Iterator[tuple[str, str]]:
        """Yield its labels, each with the area in which it holds, "" for all."""
        for label in (self.name, *self.aliases):
            yield "", label
            yield self.area, label
        for label in self.local_aliases:
            yield self.area, label


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Return the form in which headings are compared.

    Its words in lower case, without markup, emoji, punctuation, leading numbers and filler; empty
    where nothing is left.

    Examples
    --------
    >>> heading_key("## 1.2 :star: Locate & Edit [Papers](#locate)")
    'locate edit'
    """
    import html  # Its table of two thousand entities is nothing that a question needs.

    plain = _LINK.sub(r" \1 ", _SHORTCODE.sub(" ", _TAG.sub(" ", html.unescape(text))))
    # Twice, because folding case can take a character out of its normal form.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    spaced = "".join(letter if letter.isalnum() else " " for letter in folded)
    words = [word for word in spaced.split() if word not in _FILLER]
    while words and words[0].isdigit():
        del words[0]
    return " ".join(words)
