"""Values against the dataclasses that they stand for."""

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from kg import values

Decorator = Callable[..., Any]


def point(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        """A point."""

        x: int
        y: "int | None" = 2
        secret: str = dataclasses.field(default="", repr=False)
        notes: list[str] = dataclasses.field(default_factory=list, compare=False)
        kind: ClassVar[str] = "point"

        def __post_init__(self) -> None:
            object.__setattr__(self, "x", abs(self.x))

    return Point


def empty(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    return Empty


def single(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Single:
        """One value."""

        one: object

    return Single


def own(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Own:
        """What has methods of its own."""

        x: int
        y: int = 0

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.x == other.x

        def __repr__(self) -> str:
            return "own"

    return Own


MADE = {
    "all fields": (point, (-1, 3, "hidden", ["a"])),
    "keyword": (point, (-1,)),
    "no field": (empty, ()),
    "one field": (single, (float("nan"),)),
    "own methods": (own, (1, 2)),
}


@values.dataclass(frozen=True, slots=True)
class Kept:
    """A value that can be pickled."""

    x: int
    y: str = "y"


def _pickled(value: Kept) -> Kept:
    again: Kept = pickle.loads(pickle.dumps(value))
    return again


@pytest.fixture(params=MADE)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any, tuple[Any, ...]]:
    make, arguments = MADE[request.param]
    return make(values.dataclass), make(dataclasses.dataclass), arguments


def test_a_value_is_what_a_dataclass_is(pair: tuple[Any, Any, tuple[Any, ...]]) -> None:
    ours, theirs, arguments = pair
    one, other = ours(*arguments), theirs(*arguments)
    assert repr(one).rpartition("<locals>")[2] == repr(other).rpartition("<locals>")[2]
    assert dataclasses.asdict(one).keys() == dataclasses.asdict(other).keys()
    assert all(
        getattr(one, field.name) is getattr(other, field.name)
        or getattr(one, field.name) == getattr(other, field.name)
        for field in dataclasses.fields(other)
    )
    assert hash(one) == hash(other)
    assert all(ours(*arguments) == one for _ in range(100))
    assert one == ours(*arguments)
    assert one != other
    assert one != 1
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__slots__ == theirs.__slots__
    assert ours.__doc__ == theirs.__doc__
    assert not hasattr(one, "__dict__")


def test_a_value_is_replaced_by_a_changed_one() -> None:
    made = point(values.dataclass)(1, notes=["a"])
    other = dataclasses.replace(made, x=-4)
    assert (other.x, other.y, other.notes) == (4, 2, ["a"])
    assert made != other
    assert made == dataclasses.replace(made, notes=["b"])
    assert made != dataclasses.replace(made, secret="b")


def test_each_value_gets_a_default_of_its_own() -> None:
    kind = point(values.dataclass)
    assert kind(1).notes is not kind(1).notes
    assert kind.kind == "point"


def test_a_value_never_changes() -> None:
    made = Kept(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        made.x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del made.x
    with pytest.raises(AttributeError):
        made.z = 2  # type: ignore[attr-defined]
    assert made == Kept(1)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _pickled])
def test_a_value_can_be_copied(again: Callable[[Kept], Kept]) -> None:
    made = again(Kept(3, "z"))
    assert (made.x, made.y) == (3, "z")
    assert made == Kept(3, "z")


@pytest.mark.parametrize("arguments", [(), (1, "y", 2)])
def test_arguments_that_do_not_fit_are_refused_by_name(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"Kept\.__init__\(\)"):
        Kept(*arguments)


def test_what_it_does_not_stand_for_is_refused() -> None:
    with pytest.raises(TypeError, match="frozen"):
        values.dataclass(frozen=True, slots=False)
    with pytest.raises(TypeError, match="inherits"):

        @values.dataclass(frozen=True, slots=True)
        class _More(Kept):
            z: int = 1


@pytest.mark.parametrize("made_before", [0, 100])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), {}), ((1, "y", 2), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": "y"})],
)
def test_what_does_not_fit_is_refused_as_by_a_dataclass(
    arguments: tuple[Any, ...], named: dict[str, Any], made_before: int
) -> None:
    told = []
    for dataclass in (values.dataclass, dataclasses.dataclass):

        @dataclass(frozen=True, slots=True)
        class Two:
            """Two values."""

            x: int
            y: str = "y"

        for number in range(made_before):
            assert Two(number) == Two(y="y", x=number)
        with pytest.raises(TypeError) as caught:
            Two(*arguments, **named)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_a_class_compiles_nothing_before_many_instances() -> None:
    code = (
        "import builtins, dataclasses; from kg import values\n"
        "compiled, run = [], builtins.exec\n"
        "builtins.exec = lambda *a: (compiled.append(a[0]), run(*a))\n"
        "@values.dataclass(frozen=True, slots=True)\n"
        "class A:\n"
        "    'Doc.'\n"
        "    x: int = 1\n"
        "assert not compiled\n"
        "assert A() == A(1) == A(x=1) and not compiled\n"
        "assert [A(n).x for n in range(100)] == list(range(100))\n"
        "assert len(compiled) == 1, compiled\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
