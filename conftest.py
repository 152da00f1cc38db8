"""What pytest collects."""

from pathlib import Path


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over modules without doctests: importing some of them, as PyTorch's, takes seconds."""
    if collection_path.suffix != ".py" or collection_path.name.startswith(("test_", "conftest")):
        return None
    return ">>> " not in collection_path.read_text(encoding="utf-8") or None
