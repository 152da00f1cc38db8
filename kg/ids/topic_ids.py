"""Ids of topics, which are paths: ``model-editing/parameter-based`` is under ``model-editing``.

What is under a topic is the topic itself and whatever is below it. `kg.store.filter_sql` says the
same in SQL.
"""

from collections.abc import Collection


def is_under(topic: str, above: str) -> bool:
    """Return whether `topic` is `above` or below it.

    >>> is_under("a/b/c", "a/b"), is_under("a/b", "a/b"), is_under("a/bc", "a/b")
    (True, True, False)
    """
    return topic == above or is_below(topic, above)


def is_below(topic: str, above: str) -> bool:
    """Return whether `topic` is below `above`, and not `above` itself.

    >>> is_below("a/b/c", "a/b"), is_below("a/b", "a/b"), is_below("a/bc", "a/b")
    (True, False, False)
    """
    return topic.startswith(f"{above}/")


def same_branch(one: str, other: str) -> bool:
    """Return whether one of two topics is the other, or below it.

    >>> same_branch("a", "a/b"), same_branch("a/b", "a"), same_branch("a/b", "a/c")
    (True, True, False)
    """
    return is_under(one, other) or is_under(other, one)


def area(topic: str) -> str:
    """Return the outermost topic above one, or the topic itself.

    >>> area("a/b/c"), area("a")
    ('a', 'a')
    """
    return topic.partition("/")[0]


def parent(topic: str) -> str | None:
    """Return the topic right above one; None for an area.

    >>> parent("a/b/c"), parent("a")
    ('a/b', None)
    """
    return topic.rpartition("/")[0] or None


def last_part(topic: str) -> str:
    """Return the part of the id that its parent's id has not.

    >>> last_part("a/b/c"), last_part("a")
    ('c', 'a')
    """
    return topic.rpartition("/")[2]


def depth(topic: str) -> int:
    """Return how many topics are above one.

    >>> depth("a/b/c"), depth("a")
    (2, 0)
    """
    return topic.count("/")


def path(topic: str) -> list[str]:
    """Return the topics from the area down to one.

    >>> path("a/b/c")
    ['a', 'a/b', 'a/b/c']
    """
    parts = topic.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def innermost(topics: Collection[str]) -> list[str]:
    """Return the topics that have none of the others below them.

    >>> innermost(["a", "a/b", "c"])
    ['a/b', 'c']
    """
    return [one for one in topics if not any(is_below(other, one) for other in topics)]
