"""Answering programs: how many at a time, and which errors they are told."""

import asyncio
import threading
import time

import pytest

from kg.errors import SeveralOwners
from ui.api.async_calls import MAX_CONCURRENT, as_async, in_thread


def test_all_who_ask_on_a_loop_share_the_answers_under_way() -> None:
    lock, go = threading.Lock(), threading.Event()
    under_way = most = 0

    def work() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        go.wait()
        with lock:
            under_way -= 1

    async def all_ask() -> None:
        tool = as_async(work)
        asked = [asyncio.ensure_future(in_thread(work)) for _ in range(MAX_CONCURRENT)]
        asked += [asyncio.ensure_future(tool()) for _ in range(MAX_CONCURRENT)]
        while under_way < MAX_CONCURRENT:
            await asyncio.sleep(0.01)
        # One too many would begin at once; however late, none may.
        until = time.monotonic() + 0.5
        while under_way == MAX_CONCURRENT and time.monotonic() < until:
            await asyncio.sleep(0.01)
        assert under_way == MAX_CONCURRENT
        go.set()
        await asyncio.gather(*asked)

    try:
        asyncio.run(all_ask())
    finally:
        go.set()
    assert (under_way, most) == (0, MAX_CONCURRENT)


def test_a_name_of_several_is_told_with_its_owners() -> None:
    def about(name: str) -> None:
        raise SeveralOwners(name, {"method/cola": "Chains.", "benchmark/cola": ""})

    with pytest.raises(SeveralOwners, match="method/cola"):
        asyncio.run(as_async(about)("CoLA"))
