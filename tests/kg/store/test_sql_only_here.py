"""SQL is in `kg.store` and `kg.graph` alone."""

import ast
import re
from pathlib import Path

import pytest

import kg

ROOT = Path(kg.__file__).parent.parent
PACKAGES = ("kg", "search", "ingest", "ui")
OURS = ("kg/store/", "kg/graph/")
STATEMENT = re.compile(
    r"\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\b|REPLACE\s+INTO\b|UPDATE\s+(OR\s+\w+\s+)?\w+\s+SET\b"
    r"|DELETE\s+FROM\b|(CREATE|ALTER|DROP)\s+(VIRTUAL\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b|PRAGMA\s"
    r"|FROM\s+[a-z_]+\s+(JOIN|WHERE)\b|ORDER\s+BY\b|GROUP\s+BY\b|json_each)"
)


def sql_in(source: str) -> list[str]:
    """Return the strings of a module that hold SQL, and imports of SQLite's."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] if STATEMENT.search(node.value) else []
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] == "sqlite3"]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlite3":
            found.append(str(node.module))
    return found


@pytest.mark.slow
def test_no_other_module_has_sql() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(modules) > 200
    found = {
        name: sql
        for path in modules
        if not (name := path.relative_to(ROOT).as_posix()).startswith(OURS)
        and (sql := sql_in(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_sql_is_found_where_it_is() -> None:
    assert sql_in("import sqlite3 as s\nfrom sqlite3.dbapi2 import Row") == [
        "sqlite3",
        "sqlite3.dbapi2",
    ]
    assert sql_in("f'SELECT {x} FROM papers'")
    for name in ("papers", "words", "vectors", "journal", "filter_sql", "stemming"):
        assert sql_in((ROOT / "kg" / "store" / f"{name}.py").read_text(encoding="utf-8")), name
