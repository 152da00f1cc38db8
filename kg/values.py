"""Frozen dataclasses that are defined without compiling anything.

`dataclasses.dataclass` writes six methods for each class and compiles them as it is defined. A cold
question defines sixty classes, makes some instances and compares few: here ``__init__`` is compiled
once there are many, and the others need no code of their own.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    _Fields = tuple[dataclasses.Field[Any], ...]
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """Make a class as `dataclasses.dataclass` does with ``frozen=True, slots=True``.

        It may have fields made by `dataclasses.field`, class variables, ``__post_init__``, and
        methods of its own in place of those that are made.

        Raises
        ------
        TypeError
            If other options are asked for, or the class inherits from another dataclass.
        """
        if not (frozen and slots):
            raise TypeError("this one is frozen and has slots: take that of dataclasses")
        return _made


_MANY = 20
"""Instances after which ``__init__`` is compiled, which takes as long as to make so many."""

_ABSENT = object()
"""Stands for a value that a factory of the field is to make."""


def _made(cls: type[T]) -> type[T]:
    if any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:]):
        raise TypeError(f"{cls.__name__} inherits from a dataclass: take that of dataclasses")
    made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)  # type: ignore[arg-type]
    values = _reader([field.name for field in fields if field.compare])

    names, left = [field.name for field in fields], _MANY

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        nonlocal left
        left -= 1
        given = dict(zip(names, args, strict=False)) | kwargs
        # What does not fit is refused by the compiled one, as Python refuses it.
        if left >= 0 and len(given) == len(args) + len(kwargs) and _filled(self, fields, given):
            if hasattr(self, "__post_init__"):
                self.__post_init__()
            return
        init = _compiled_init(made, fields)
        made.__init__ = init  # type: ignore[method-assign]
        init(self, *args, **kwargs)

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    methods = (__init__, __eq__, __hash__, _repr, _set, _delete, _state, _set_state)
    for name, method in zip(_NAMES, methods, strict=True):
        # A class that defines how to compare, and no hash, has None for it.
        if made.__dict__.get(name) is None:
            setattr(made, name, method)
    return made


_NAMES = (
    *("__init__", "__eq__", "__hash__", "__repr__"),
    *("__setattr__", "__delattr__", "__getstate__", "__setstate__"),
)


def _reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _filled(value: Any, fields: "_Fields", given: dict[str, Any]) -> bool:
    """Set all fields, those that are not given by their defaults; False where that cannot be."""
    for field in fields:
        if field.name not in given:
            if field.default_factory is not dataclasses.MISSING:
                given[field.name] = field.default_factory()
            elif field.default is not dataclasses.MISSING:
                given[field.name] = field.default
            else:
                return False
        object.__setattr__(value, field.name, given[field.name])
    return len(given) == len(fields)


def _compiled_init(cls: type, fields: "_Fields") -> Callable[..., None]:
    """Return ``__init__`` as `dataclasses` writes it, which sets fields past `_set`."""
    known: dict[str, Any] = {"__set": object.__setattr__, "__absent": _ABSENT}
    parameters, lines = ["self"], []
    for field in fields:
        name = value = field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"__made_{name}"] = field.default_factory
            parameters.append(f"{name}=__absent")
            value = f"__made_{name}() if {name} is __absent else {name}"
        elif field.default is not dataclasses.MISSING:
            known[f"__default_{name}"] = field.default
            parameters.append(f"{name}=__default_{name}")
        else:
            parameters.append(name)
        lines.append(f"    __set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *(lines or ["    pass"])]), known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    shown = (field.name for field in dataclasses.fields(self) if field.repr)
    facts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{self.__class__.__qualname__}({facts})"


def _set(self: Any, name: str, value: object) -> None:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
