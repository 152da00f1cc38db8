"""What the tests notice: small wrong changes are made to the code, and the tests run on each.

    python -m benchmarks.mutations kg                       # a package, in ten minutes
    python -m benchmarks.mutations ingest.net.http ui.guards.stack --minutes 5 --seed 2
    python -m benchmarks.mutations kg ui --since HEAD~20    # only the lines changed since then

Each mutant differs from the code in one place: a comparison, an operator, a condition, a number, a
result or a call. It is killed when a test fails, and survives otherwise. Tests that import the
module run first, nearest first; tests that want a browser or the real model do not run. Which
mutants are drawn depends on the seed alone; how many, on the time. Nothing is changed in this
folder: each process works on a copy.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("kg", "search", "ingest", "ui")

TEST_TIMEOUT_S = 120
"""A mutant whose tests take longer is killed: its loop has no end, or the like."""

MAX_TEST_FILES = 12
"""Test files that one mutant is tried on."""

_OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong change."""

    path: Path
    """The file, relative to the project."""
    line: int
    start: int
    end: int
    """The bytes of the file that are replaced."""
    old: str
    new: str

    def __str__(self) -> str:
        short = (" ".join(text.split())[:70] for text in (self.old, self.new))
        return f"{self.path}:{self.line}: {' -> '.join(short)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="packages or modules")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--since", metavar="REVISION", help="only lines changed since then")
    options = parser.parse_args()
    paths = sorted({path for name in options.modules for path in files_of(name)})
    lines = changed_lines(options.since) if options.since else None
    drawn = deque(draw(paths, options.seed, lines))
    print(f"{len(drawn):,} mutants of {len(paths)} files, seed {options.seed}", flush=True)
    deadline = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as temporary:
        places = [copied(Path(temporary) / str(job)) for job in range(options.jobs)]
        with ThreadPoolExecutor(options.jobs) as pool:
            runs = [pool.submit(tried, place, drawn, deadline) for place in places]
            results = [result for run in runs for result in run.result()]
    killed = sum(dead for _, dead in results)
    print(f"\n{killed} of {len(results)} killed; survivors:")
    for mutant in sorted((m for m, dead in results if not dead), key=str):
        print(f"- {mutant}")
    return 0


def files_of(name: str) -> list[Path]:
    """Return the Python files of a module or package, relative to the project."""
    base = ROOT / name.replace(".", "/")
    found = [base.with_suffix(".py")] if not base.is_dir() else sorted(base.rglob("*.py"))
    if not all(path.is_file() for path in found):
        sys.exit(f"there is no module {name}")
    return [path.relative_to(ROOT) for path in found]


def changed_lines(revision: str) -> dict[Path, set[int]]:
    """Return the lines of each file that are not as they were in a revision of git."""
    command = ["git", "diff", "--unified=0", "--no-color", revision, "--", "*.py"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines: dict[Path, set[int]] = {}
    for row in shown.splitlines():
        if row.startswith("+++ "):
            here = lines.setdefault(Path(row[6:]), set())
        elif row.startswith("@@"):
            start, _, count = row.split("+")[1].split(" ")[0].partition(",")
            here.update(range(int(start), int(start) + int(count or 1)))
    return lines


def draw(paths: list[Path], seed: int, lines: dict[Path, set[int]] | None) -> Iterator[Mutant]:
    """Yield the mutants of all files, one of each file in turn."""
    chance = random.Random(seed)
    queues = []
    for path in paths:
        found = list(mutants(path))
        if lines is not None:
            found = [one for one in found if one.line in lines.get(path, ())]
        chance.shuffle(found)
        queues.append(deque(found))
    chance.shuffle(queues)
    while queues := [queue for queue in queues if queue]:
        for queue in queues:
            yield queue.popleft()


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    source = (ROOT / path).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, new in _changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        yield Mutant(path, node.lineno, start, end, source[start:end].decode(), new)


def _changes(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield nodes, each with the source of what takes its place."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        # How an error is worded is no behaviour to test.
        if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield from _changes_of(node)
        for name, value in ast.iter_fields(node):
            if name in ("decorator_list", "annotation", "returns"):
                continue
            parts = value if isinstance(value, list) else [value]
            waiting.extend(part for part in parts if isinstance(part, ast.AST))


def _changes_of(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            if opposite := _OPPOSITES.get(type(operator)):
                yield node, f"({ast.unparse(ast.Compare(left, [opposite()], [right]))})"
        case ast.BoolOp(op=operator, values=values):
            yield node, f"({ast.unparse(ast.BoolOp(_OPPOSITES[type(operator)](), values))})"
        case ast.BinOp(left=left, op=operator, right=right):
            if opposite := _OPPOSITES.get(type(operator)):
                yield node, f"({ast.unparse(ast.BinOp(left, opposite(), right))})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, f"({ast.unparse(operand)})"
        case ast.Constant(value=bool() as value):
            yield node, str(not value)
        case ast.Constant(value=int() | float() as value):
            yield node, str(value + 1)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test, f"(not ({ast.unparse(test)}))"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield node, "return None"
        case ast.Expr(value=ast.Call()):
            yield node, "pass"
        case ast.Break():
            yield node, "continue"
        case ast.Continue():
            yield node, "break"


def copied(folder: Path) -> Path:
    """Return a copy of the project, with what its tests read beside it."""
    project = folder / "project"
    folder.mkdir()
    junk = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "*.egg-info", "build")
    shutil.copytree(ROOT, project, ignore=junk)
    if (ROOT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(ROOT.parent / "shared")
    return project


def tried(project: Path, drawn: deque[Mutant], deadline: float) -> list[tuple[Mutant, bool]]:
    """Try mutants until none is left or the time is over; return each, and whether it died."""
    results: list[tuple[Mutant, bool]] = []
    while time.monotonic() < deadline:
        try:
            mutant = drawn.popleft()
        except IndexError:
            break
        path = project / mutant.path
        source = path.read_bytes()
        path.write_bytes(source[: mutant.start] + mutant.new.encode() + source[mutant.end :])
        try:
            dead = fails(project, tests_of(mutant.path))
        finally:
            path.write_bytes(source)
        results.append((mutant, dead))
        print(f"{'killed  ' if dead else 'SURVIVED'} {mutant}", flush=True)
    return results


def fails(project: Path, tests: tuple[str, ...]) -> bool:
    """Return whether any of the tests fails."""
    if not tests:
        return False
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-m", "not model and not browser", *tests]
    # Examples are drawn as in CI: a mutant's fate must not hang on luck.
    environment = {**os.environ, "PYTHONPATH": str(project), "CI": "1"}
    with tempfile.TemporaryDirectory() as home:
        environment["LFM_HOME"] = home
        with subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as run:
            try:
                return run.wait(TEST_TIMEOUT_S) not in (0, 5)  # 5: no test was left to run.
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, 9)
                return True


@cache
def tests_of(path: Path) -> tuple[str, ...]:
    """Return the tests that reach a file: its own, then those that import it, nearest first."""
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    graph = _graph()
    distances = {module: 1}
    waiting = deque([module])
    while waiting:
        here = waiting.popleft()
        for one in graph.find_modules_that_directly_import(here):
            if one not in distances:
                distances[one] = distances[here] + 1
                waiting.append(one)
    ranked = []
    own = "test_" + module.replace(".", "_")
    for file, imported in _imports().items():
        reached = [distances[name] for name in imported if name in distances]
        if file.stem == own or reached:
            ranked.append((0 if file.stem == own else min(reached), str(file)))
    # A module's own examples are tests as well.
    tests = [str(path)] if b">>>" in (ROOT / path).read_bytes() else []
    return (*tests, *(name for _, name in sorted(ranked)[:MAX_TEST_FILES]))


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES)


@cache
def _imports() -> dict[Path, set[str]]:
    """Return, for each test file, what it imports of the project, its helpers' imports included."""
    direct: dict[Path, set[str]] = {}
    files = {path.stem: path for path in (ROOT / "tests").rglob("*.py")}
    for path in files.values():
        names = direct[path] = set()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {
        path.relative_to(ROOT): names
        | {one for name in names if name in files for one in direct[files[name]]}
        for path, names in direct.items()
        if path.stem.startswith("test_") and "browser" not in path.stem
    }


if __name__ == "__main__":
    sys.exit(main())
