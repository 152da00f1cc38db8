"""`lfm serve` as a process: it says where it is, or in one line why it is not."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start `lfm serve` in a process of its own."""
    environment = {**os.environ, "LFM_HOME": str(tmp_path_factory.mktemp("home"))}
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def address(serve: Callable[..., subprocess.Popen]) -> str:
    line = serve("--port", "0").stdout.readline()
    return line.split()[4]


@pytest.mark.model
def test_a_port_in_use_is_told_in_one_line(
    address: str, serve: Callable[..., subprocess.Popen]
) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    process = serve("--port", port)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "--port" in err
