"""Choice among readings: which hold, and what remains of a question without them."""

from search.understanding.reading import Span, Stated, chosen
from search.understanding.words import Words

QUESTION = Words("recent surveys of merging by Tao")
ORDER = Span(0, 1, (Stated("order", "newest", False),))
KIND = Span(1, 3, (Stated("kind", "survey", True),))
AUTHOR = Span(4, 6, (Stated("author", "Dacheng Tao", True),))
NAMESAKE = Span(5, 6, (Stated("about", "method/tao", False),), stays=True)
SPANS = (AUTHOR, NAMESAKE, KIND, ORDER)


def test_what_was_not_meant_is_text_and_nothing_else_is_read_in_its_place() -> None:
    whole = chosen(QUESTION, SPANS)
    assert (whole.text, whole.set_aside) == ("merging", ())
    found = chosen(QUESTION, SPANS, {"author:Dacheng Tao", "order:newest"})
    assert found.text == "recent merging by Tao"
    assert [one.words for one in found.spans] == ["surveys of"]
    assert [one.words for one in found.set_aside] == ["recent", "by Tao"]
    assert chosen(QUESTION, SPANS, {"since:2023", "nonsense"}) == whole


def test_a_name_within_what_is_said_of_needs_is_no_name() -> None:
    words = Words("merging without fine-tuning")
    need = Span(1, 3, (Stated("training", "none", False),), stays=True)
    topic = Span(2, 3, (Stated("topic", "fine-tuning", False),), stays=True)
    assert chosen(words, [topic, need]).spans == chosen(words, [need]).spans
    # A kind of input may be a method's name.
    whole = Span(1, 3, (Stated("modality", "graph", False),), stays=True)
    assert len(chosen(words, [topic, whole]).spans) == 2


def test_of_what_the_same_words_state_all_is_set_aside_or_nothing() -> None:
    year = (Stated("since", "2023", True), Stated("until", "2023", True))
    found = chosen(Words("merging in 2023"), [Span(1, 3, year)], {"until:2023"})
    assert (found.text, found.spans) == ("merging in 2023", ())
