"""Sixteen people at once: each asks their own question, and gets their own answer."""

import asyncio
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsing import QUIET
from tests.support.factories import paper
from tests.support.serving import small_library
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

PEOPLE = 16

PATIENCE = 1_800
"""Seconds after which it counts as hung, however busy the machine is."""


@pytest.fixture(scope="module")
def program() -> str:
    """Chromium's file; the test is skipped where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("there is no chromium here")
    return found


async def asks(browser: Any, address: str, number: int, ready: asyncio.Barrier) -> str:
    """Open the page, wait for the others, ask, and return the id of the first answer."""
    context = await browser.new_context()
    page = await context.new_page()
    # What each waits for is told by a condition; how long it takes is the machine's affair.
    page.set_default_timeout(0)
    await page.goto(address)
    question = page.get_by_label("Question")
    await question.fill(f"Paper number {number}")
    await ready.wait()
    await question.press("Enter")
    await page.wait_for_url(f"**/?q=Paper+number+{number}")
    first = await page.locator("[data-paper]").first.get_attribute("data-paper")
    await context.close()
    return str(first)


async def all_ask(program: str, address: str) -> list[str]:
    from playwright.async_api import async_playwright

    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*QUIET.split(), *alone]
        )
        ready = asyncio.Barrier(PEOPLE)
        people = (asks(browser, address, number, ready) for number in range(1, PEOPLE + 1))
        found = await asyncio.wait_for(asyncio.gather(*people), PATIENCE)
        await browser.close()
    return found


@pytest.mark.browser
def test_sixteen_people_ask_at_once_and_each_gets_their_own_answer(
    program: str, tmp_path: Path
) -> None:
    with small_library(tmp_path, PEOPLE) as library:
        # In a thread of its own: in this one, the other tests' browser has its loop.
        with in_background(library, Serving(port=0)) as address, ThreadPoolExecutor(1) as thread:
            found = thread.submit(asyncio.run, all_ask(program, address)).result()
        assert found == [paper(number).id for number in range(1, PEOPLE + 1)]
