"""What a recogniser reads in a question, in short."""

from datetime import date

from search.understanding.known import Known
from search.understanding.reading import chosen
from search.understanding.understand import Recogniser
from search.understanding.words import Words

TODAY = date(2026, 11, 29)


def read_by(recogniser: Recogniser, known: Known, question: str) -> list[str]:
    """Return ``filter value`` of each condition that is read, ``~`` before those that are soft."""
    words = Words(question)
    reading = chosen(words, recogniser(words, known))
    return [
        f"{'' if one.hard else '~'}{one.filter} {one.value}"
        for span in reading.spans
        for one in span.stated
    ]


def text_without(recogniser: Recogniser, known: Known, question: str) -> str:
    """Return what remains to compare papers with."""
    words = Words(question)
    return chosen(words, recogniser(words, known)).text


def notes_of(recogniser: Recogniser, known: Known, question: str) -> list[str]:
    """Return the messages for the user."""
    words = Words(question)
    return [note for span in chosen(words, recogniser(words, known)).spans for note in span.notes]
