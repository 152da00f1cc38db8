import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.ranking.fusion import DEPTH, WEIGHTS, fuse, hybrid

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


# -- scores ------------------------------------------------------------------------------------


def falling(first: int, count: int, best: float, step: float) -> list[tuple[int, float]]:
    return [(first + place, best - step * place) for place in range(count)]


def test_scores_are_standard_deviations_above_the_mean() -> None:
    dense, words = [(1, 0.9), (2, 0.5), (3, 0.1)], [(2, 6.0), (3, 4.0), (1, 2.0)]
    high = 1.5**0.5  # Of three scores at equal distances, the first is so many deviations above.
    raw = {1: WEIGHTS[0] * high - WEIGHTS[1] * high, 2: WEIGHTS[1] * high, 3: -WEIGHTS[0] * high}
    best = max(raw.values())
    assert dict(hybrid(dense, words)) == pytest.approx({key: raw[key] / best for key in raw})


def test_a_score_far_above_the_others_counts_for_more_than_a_rank() -> None:
    dense = [(1, 0.9), *falling(2, 20, 0.4, 0.001)]
    words = [(2, 9.0), (3, 8.9), (1, 8.8), *falling(4, 17, 8.7, 0.1)]
    assert hybrid(dense, words)[0] == (1, 1.0)


def test_what_words_do_not_find_scores_nothing_by_them() -> None:
    dense = falling(1, 100, 0.6, 0.001)
    (first, _), (second, _), *_ = hybrid(dense, [(90, 5.0), (150, 5.0)])
    # Two papers of a hundred have the word: one of them is near in meaning too.
    assert (first, second) == (90, 150)


def test_whoever_is_asked_for_by_name_comes_first_and_a_kind_comes_sooner() -> None:
    dense, words = falling(1, 50, 0.9, 0.01), falling(1, 50, 20.0, 0.3)
    assert hybrid(dense, words, named=[77])[0] == (77, 1.0)
    places = {key: place for place, (key, _) in enumerate(hybrid(dense, words, of_kind=[20, 40]))}
    assert places[20] < places[40] < 39
    assert places[20] < 19


@given(st.data())
def test_the_first_do_not_depend_on_how_many_are_asked_for(data: st.DataObject) -> None:
    many = DEPTH + 60
    orders = [data.draw(st.permutations(range(many))) for _ in range(2)]
    dense, words = ([(key, 1.0 - place / 300) for place, key in enumerate(one)] for one in orders)
    shallow, deep = hybrid(dense[:DEPTH], words[:DEPTH]), hybrid(dense, words)
    assert [key for key, _ in deep[: len(shallow)]] == [key for key, _ in shallow]
    assert len(deep) == many


@pytest.mark.parametrize(
    ("dense", "words", "wanted"),
    [
        ([], [], []),
        ([(1, 0.5)], [], [1]),
        ([(1, 0.5), (2, 0.5)], [], [1, 2]),
        ([], [(4, 2.0)], [4]),
    ],
)
def test_little_is_fused_too(
    dense: list[tuple[int, float]], words: list[tuple[int, float]], wanted: list[int]
) -> None:
    assert [key for key, _ in hybrid(dense, words)] == wanted
