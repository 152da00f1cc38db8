"""Refreshes of the server: the command that they run."""

import json
import sys
from pathlib import Path

from search.library import Library
from tests.support.refreshing import library as empty_library
from ui.background import BackgroundRefresh, digest_arguments


def test_options_of_digests_reach_the_refresh_as_they_are(tmp_path: Path) -> None:
    given = digest_arguments(["news {time}.md", "https://example.org/-x"], "slack", "never")
    assert given == (
        *("--digest=news {time}.md", "--digest=https://example.org/-x"),
        *("--digest-form=slack", "--digest-empty=never"),
    )
    assert digest_arguments([], None, None) == ()
    told = tmp_path / "told.json"
    script = f"import json, sys; json.dump(sys.argv[1:], open({str(told)!r}, 'w'))"
    with empty_library(tmp_path) as atlas:
        run(atlas, (sys.executable, "-c", script, *given))
    assert json.loads(told.read_text()) == list(given)


def run(atlas: Library, command: tuple[str, ...]) -> None:
    background = BackgroundRefresh(atlas, command=command)
    background.refresh()
    waiter = background.runner._waiter
    assert waiter
    waiter.join(30)
    assert background.runner.last
    assert background.runner.last.status == 0
