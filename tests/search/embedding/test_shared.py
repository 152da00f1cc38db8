"""Questions that are asked at the same time share passes of the model."""

import ctypes
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from search.embedding.base import Floats
from search.embedding.open import open_embedder
from search.embedding.shared import MAX_SHARED, SharedPasses
from tests.support.embedders import HashedWords


class Held(HashedWords):
    """A model whose passes are counted and wait for leave."""

    def __init__(self) -> None:
        self.passes: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        self.passes.append(list(texts))
        self.begun.release()
        assert self.leave.acquire(timeout=30)
        if "poison" in texts:
            raise ValueError("no such word")
        return super().encode(texts, progress)


def asked_together(
    shared: SharedPasses, held: Held, pool: ThreadPoolExecutor, texts: Sequence[str]
) -> list[Future[Floats]]:
    """Ask the first text, and the others while its pass runs."""
    first = pool.submit(shared.encode_query, texts[0])
    assert held.begun.acquire(timeout=30)
    rest = [pool.submit(shared.encode_query, text) for text in texts[1:]]
    _until(lambda: len(shared._line) == len(rest))
    return [first, *rest]


def test_a_lone_question_waits_for_nobody() -> None:
    held = Held()
    held.leave.release()
    vector = SharedPasses(held).encode_query("merging models")
    assert held.passes == [["merging models"]]
    held.leave.release()
    np.testing.assert_array_equal(vector, held.encode(["merging models"])[0])


def test_those_who_come_during_a_pass_share_the_next() -> None:
    held = Held()
    shared, texts = SharedPasses(held), [f"question number {n}" for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        futures = asked_together(shared, held, pool, texts)
        held.leave.release(2)
        found = [one.result(30) for one in futures]
    assert [len(one) for one in held.passes] == [1, 11]
    np.testing.assert_array_equal(np.stack(found), HashedWords().encode(texts))


def test_a_pass_takes_a_limited_number() -> None:
    held = Held()
    shared, texts = SharedPasses(held), [f"number {n}" for n in range(MAX_SHARED + 6)]
    with ThreadPoolExecutor(len(texts)) as pool:
        futures = asked_together(shared, held, pool, texts)
        held.leave.release(3)
        found = [one.result(30) for one in futures]
    assert [len(one) for one in held.passes] == [1, MAX_SHARED, 5]
    np.testing.assert_array_equal(np.stack(found), HashedWords().encode(texts))


def test_an_error_reaches_everybody_in_its_pass_and_nobody_else() -> None:
    held = Held()
    shared = SharedPasses(held)
    with ThreadPoolExecutor(8) as pool:
        futures = asked_together(shared, held, pool, ["one", "poison", "three", "four"])
        held.leave.release(2)
        assert futures[0].result(30).shape == (64,)
        for one in futures[1:]:
            with pytest.raises(ValueError, match="no such word"):
                one.result(30)
        held.leave.release()
        assert pool.submit(shared.encode_query, "five").result(30).shape == (64,)


def test_an_interrupted_leader_leaves_the_others_a_model_that_is_free() -> None:
    class Interrupted(HashedWords):
        calls = 0

        def encode(
            self, texts: Sequence[str], progress: Callable[[int], object] | None = None
        ) -> Floats:
            self.calls += 1
            if self.calls == 1:
                raise KeyboardInterrupt
            return super().encode(texts, progress)

    shared = SharedPasses(Interrupted())
    with pytest.raises(KeyboardInterrupt):
        shared.encode_query("one")
    assert shared.encode_query("two").shape == (64,)


def test_one_who_gives_up_waiting_does_not_hold_up_the_others() -> None:
    held = Held()
    shared, caught = SharedPasses(held), threading.Event()

    def interrupted() -> None:
        try:
            shared.encode_query("two")
        except KeyboardInterrupt:
            caught.set()

    with ThreadPoolExecutor(2) as pool:
        (first,) = asked_together(shared, held, pool, ["one"])
        second = threading.Thread(target=interrupted)
        second.start()
        _until(lambda: len(shared._line) == 1)
        third = pool.submit(shared.encode_query, "three")
        _until(lambda: len(shared._line) == 2)
        # It is told to lead the next pass, and raises this as soon as it wakes.
        raised = ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(second.ident or 0), raised)
        held.leave.release(2)
        assert first.result(30).shape == (64,)
        assert third.result(30).shape == (64,)
        second.join(30)
    assert caught.is_set()
    assert held.passes == [["one"], ["three"]]


def _until(is_so: Callable[[], bool]) -> None:
    waiting = threading.Event()
    while not is_so():
        waiting.wait(0.001)


@pytest.mark.model
def test_batches_of_the_model_equal_lone_questions() -> None:
    model = open_embedder()
    texts = [
        "merging",
        "How do task vectors of two fine-tuned models add up, and when do they interfere?",
        "data-free meta-learning " * 30,
        "",
        "模型合并",
        *(f"What does method {n} of knowledge editing change?" for n in range(20)),
    ]
    lone = np.stack([model.encode_query(text) for text in texts])
    with ThreadPoolExecutor(8) as pool:
        shared = SharedPasses(model)
        together = np.stack(list(pool.map(shared.encode_query, texts)))
    np.testing.assert_allclose(together, lone, atol=1e-6)
    np.testing.assert_allclose(model.encode_queries(texts), lone, atol=1e-6)
