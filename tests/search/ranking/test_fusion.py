import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.ranking.fusion import fuse

RANKINGS = st.lists(st.lists(st.integers(1, 20), unique=True), min_size=1, max_size=4)


def test_scores_are_those_of_the_formula() -> None:
    best = 1 / 61 + 0.5 / 61
    assert fuse([[7, 8], [8, 9, 7]], [1, 0.5], k=60) == [
        (7, pytest.approx((1 / 61 + 0.5 / 63) / best)),
        (8, pytest.approx((1 / 62 + 0.5 / 61) / best)),
        (9, pytest.approx((0.5 / 62) / best)),
    ]


def test_the_constant_decides_how_much_a_lower_rank_counts() -> None:
    rankings = [[1, 2], [3, 2]]
    assert fuse(rankings, [1, 1], k=60)[0][0] == 2
    assert fuse(rankings, [1, 1], k=-0.5)[0][0] == 1
    assert fuse([[1, 2]], [1], k=1)[1][1] == pytest.approx(2 / 3)


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([[], []], [1, 1]) == []


def test_equal_scores_keep_the_first_ranking_s_order() -> None:
    assert [key for key, _ in fuse([[5, 3], [3, 5]], [1, 1])] == [5, 3]
    assert [key for key, _ in fuse([[3, 5], [5, 3]], [1, 1])] == [3, 5]


def test_a_weight_is_needed_for_each_ranking() -> None:
    with pytest.raises(ValueError, match="shorter"):
        fuse([[1], [2]], [1])


@given(RANKINGS, st.randoms())
def test_the_order_of_equal_rankings_does_not_matter(rankings: list[list[int]], random) -> None:  # type: ignore[no-untyped-def]
    weights = [1.0] * len(rankings)
    shuffled = random.sample(rankings, len(rankings))
    assert dict(fuse(shuffled, weights)) == pytest.approx(dict(fuse(rankings, weights)))


@given(RANKINGS, st.data())
def test_scores_fall_from_one_at_most_and_each_key_comes_once(
    rankings: list[list[int]], data: st.DataObject
) -> None:
    weights = [data.draw(st.floats(0.1, 10)) for _ in rankings]
    fused = fuse(rankings, weights)
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)
    assert sorted(key for key, _ in fused) == sorted(set().union(*rankings))


@given(RANKINGS)
def test_first_everywhere_scores_one(rankings: list[list[int]]) -> None:
    (key, score), *_ = fuse([[99, *ranking] for ranking in rankings], [2.0] * len(rankings))
    assert key == 99
    assert score == pytest.approx(1)
