"""Tables of the command fit into the terminal, or each cell has a line."""

import pytest
from rich.table import Table

from ui.cli.printing import print_table

LONG = "https://example.org/ada/a-repository-of-much/tree/main"


def table() -> Table:
    made = Table(box=None, pad_edge=False)
    made.add_column("method", overflow="fold", min_width=10)
    made.add_column("needs")
    made.add_column("code", overflow="fold", min_width=12)
    made.add_column("used\nby", no_wrap=True)
    made.add_row("Low-rank adaptation", "labeled data", LONG, "1,234")
    return made


@pytest.mark.parametrize("width", [40, 41, 50, 80, 120])
def test_a_table_fits_and_nothing_is_cut(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(table())
    heading, second, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["used"]
    assert second.split() == ["method", "needs", "code", "by"]
    assert max(map(len, lines)) <= width
    start, end = second.index("code"), second.index("by")
    assert "".join(line[start:end].strip() for line in lines) == LONG
    assert "adaptation" in "\n".join(lines)


def test_a_table_that_is_too_wide_has_a_line_for_each_cell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "39")
    print_table(table())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["method: Low-rank adaptation", "needs: labeled data"]
    assert "".join(lines[2:-1]) == f"code: {LONG}"
    assert lines[-1] == "used by: 1,234"
