"""What is no Python travels with an installed package too."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("package", ["kg", "search", "ingest", "ui"])
def test_every_file_of_data_is_stated(package: str) -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    globs = stated["tool"]["setuptools"]["package-data"].get(package, [])
    folder = ROOT / package
    packed = {path for one in globs for path in folder.glob(one)}
    there = {
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert sorted(str(path) for path in there - packed) == []
