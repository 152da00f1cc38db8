"""Calls by programs: a few at a time, in threads; an error is one line."""

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from pydantic import ValidationError, validate_call

from kg.errors import AtlasError, BadRequest, Busy, NotFound, SeveralOwners
from kg.text.plain import document_without_controls
from ui.api.arguments import given

if TYPE_CHECKING:
    from starlette.responses import Response

P = ParamSpec("P")
T = TypeVar("T")

MAX_CONCURRENT = (os.cpu_count() or 1) + 1
"""Calls that run at the same time; more would only take the processor from each other."""

_LIMITER: RunVar[CapacityLimiter] = RunVar("answers under way")


async def in_thread(ask: Callable[[], T]) -> T:
    """Return what `ask` returns, from a thread; all who ask on this loop share `MAX_CONCURRENT`."""
    try:
        limiter = _LIMITER.get()
    except LookupError:
        limiter = CapacityLimiter(MAX_CONCURRENT)
        _LIMITER.set(limiter)
    return await anyio.to_thread.run_sync(ask, limiter=limiter)


def limit(concurrent: int) -> None:
    """Set how many calls run at the same time on this event loop, before the first."""
    _LIMITER.set(CapacityLimiter(concurrent))


def as_async(tool: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return a tool as programs call it: arguments checked, in a thread, errors safe to show.

    Parameters
    ----------
    tool : callable
        Whose parameters say by `pydantic.Field` what they may be.

    Returns
    -------
    coroutine function
        With the tool's name, signature and docstring. An argument that may be left out may be null
        or blank as well (`ui.api.arguments.given`). Its answer has no control characters, even
        from an old catalogue. It raises `AtlasError` alone, whose message names no file of this
        machine.
    """
    checked, signature = validate_call(tool), inspect.signature(tool)

    @functools.wraps(tool)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            # By name, so that an error names its argument.
            named = given(signature, signature.bind(*args, **kwargs).arguments)
            found = await in_thread(functools.partial(checked, **named))
            return cast(T, document_without_controls(found))
        except ValidationError as error:
            raise BadRequest(error_line(error)) from error
        except (BadRequest, NotFound, SeveralOwners, Busy):
            raise
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            raise AtlasError("this failed", "the server's log says how") from error

    return call


async def response_of(respond: "Callable[[], Response]") -> "Response":
    """Return the response that `respond` makes in a thread, or the line that says what is wrong."""
    from starlette.responses import PlainTextResponse

    try:
        return await in_thread(respond)
    except (NotFound, SeveralOwners) as error:
        return PlainTextResponse(f"{error}\n", 404)
    except BadRequest as error:
        return PlainTextResponse(f"{error}\n", 400)
    except Exception:
        # What else goes wrong may name a file of this machine.
        traceback.print_exc(file=sys.stderr)
        return PlainTextResponse("this failed: the server's log says how\n", 500)


def error_line(error: ValidationError) -> str:
    """Return what is wrong with the arguments, in one line.

    >>> from pydantic import Field
    >>> def double(k: int = Field(le=200)) -> int: ...
    >>> try:
    ...     validate_call(double)(k=900)
    ... except ValidationError as error:
    ...     print(error_line(error))
    k: input should be less than or equal to 200
    """
    wrong = error.errors(include_url=False, include_input=False, include_context=False)
    names = [".".join(str(part) for part in one["loc"]) for one in wrong]
    lines = [f"{one['msg'][:1].lower()}{one['msg'][1:]}" for one in wrong]
    return "; ".join(f"{name}: {line}" for name, line in zip(names, lines, strict=True))
