"""How papers are found: apart from answers, so that a command is read without loading them."""

from enum import StrEnum


class Mode(StrEnum):
    """How papers are found."""

    HYBRID = "hybrid"
    DENSE = "dense"
    KEYWORD = "keyword"
