"""Answering programs: how many at a time."""

import asyncio
import threading
import time

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
