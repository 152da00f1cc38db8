"""Ids of topics: what is under what."""

from hypothesis import given
from hypothesis import strategies as st

from kg.ids import topic_ids

PARTS = st.lists(st.sampled_from(("a", "ab", "b", "b0")), min_size=1, max_size=4)
TOPICS = PARTS.map("/".join)


@given(TOPICS, TOPICS)
def test_a_topic_is_under_those_on_its_path(one: str, other: str) -> None:
    assert topic_ids.is_under(one, other) == (other in topic_ids.path(one))
    assert topic_ids.is_below(one, other) == (other in topic_ids.path(one)[:-1])
    assert topic_ids.same_branch(one, other) == topic_ids.same_branch(other, one)


@given(TOPICS)
def test_a_path_leads_from_the_area_by_parents_to_the_topic(topic: str) -> None:
    path = topic_ids.path(topic)
    assert (path[0], path[-1]) == (topic_ids.area(topic), topic)
    assert [topic_ids.parent(one) for one in path] == [None, *path[:-1]]
    assert [topic_ids.depth(one) for one in path] == list(range(len(path)))
    assert topic.endswith(topic_ids.last_part(topic))


@given(st.lists(TOPICS, unique=True))
def test_the_innermost_have_all_others_above_them(topics: list[str]) -> None:
    found = topic_ids.innermost(topics)
    assert all(any(topic_ids.is_under(one, topic) for one in found) for topic in topics)
    assert not any(topic_ids.is_below(one, other) for one in found for other in found)
