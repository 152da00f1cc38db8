"""Check the arguments of calls to Gradio, so that none fails inside it."""

import json
import math
from collections.abc import Collection, Mapping
from inspect import Parameter, Signature
from typing import Any, NoReturn

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import BadRequest
from ui.guards.guard import Guard, Refused, replayed
from ui.guards.page_routes import ENDPOINT_PATH

_COMPONENT, _JOIN = "/gradio_api/component_server", "/gradio_api/queue/join"
_JSON = "application/json"


class CallChecks(Guard):
    """Refuse calls that Gradio would fail over, and fill in optional arguments.

    Parameters
    ----------
    app : ASGIApp
        Gradio's, which gets each body whole.
    endpoints : mapping of str to inspect.Signature
        Name -> signature of what programs may call.
    functions : mapping of int to str
        Gradio's number -> name of an endpoint.
    components : collection of int
        Gradio's numbers of the page's components.
    """

    def __init__(
        self,
        app: ASGIApp,
        endpoints: Mapping[str, Signature],
        functions: Mapping[int, str],
        components: Collection[int],
    ) -> None:
        super().__init__(app)
        self._endpoints, self._functions = endpoints, functions
        self._components = frozenset(components)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        if Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Refused(415, f"send JSON, as {_JSON}")
        message = await receive()  # The whole body: `size_limits` has read it.
        try:
            found = self._checked(scope["path"], _document(message.get("body", b"")))
        except BadRequest as error:
            raise Refused(400, str(error)) from error
        body = json.dumps(found).encode()
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["content-length"] = str(len(body))
        message = {"type": "http.request", "body": body, "more_body": False}
        await self.app({**scope, "headers": headers.raw}, replayed(message, receive), send)

    def _checked(self, path: str, found: dict[str, Any]) -> dict[str, Any]:
        path = path.rstrip("/")
        session = found.get("session_hash")
        if session is not None and not isinstance(session, str):
            raise BadRequest("`session_hash` is no text")
        if endpoint := ENDPOINT_PATH.fullmatch(path):
            name = endpoint[1]
            if "/call/v2/" in path:
                return _by_name(name, self._endpoints[name], found)
            # Nothing else: Gradio would act on further fields.
            return {"data": self._arguments(name, found), "session_hash": session}
        if path == _JOIN:
            function = found.get("fn_index")
            if type(function) is not int or function not in self._functions:
                raise BadRequest("there is no function of this `fn_index`", "load the page again")
            return {**found, "data": self._arguments(self._functions[function], found)}
        if path == _COMPONENT:
            component = found.get("component_id")
            if type(component) is not int or component not in self._components:
                raise BadRequest("there is no such component", "load the page again")
            if not isinstance(found.get("data"), dict):
                raise BadRequest("`data` is no JSON object")
        return found

    def _arguments(self, name: str, found: dict[str, Any]) -> list[Any]:
        values = found.get("data")
        if not isinstance(values, list):
            raise BadRequest("`data` is no list of arguments", 'send {"data": [...]}')
        parameters = self._endpoints[name].parameters
        if len(values) > len(parameters):
            raise BadRequest(f"{name} takes {len(parameters)} arguments at most")
        missing = list(parameters.values())[len(values) :]
        for parameter in missing:
            if parameter.default is Parameter.empty:
                raise BadRequest(f"{name}: {parameter.name} is missing")
        return [*values, *(None for _ in missing)]


def _by_name(name: str, signature: Signature, found: dict[str, Any]) -> dict[str, Any]:
    for given in found:
        if given not in signature.parameters:
            takes = ", ".join(signature.parameters) or "nothing"
            raise BadRequest(f"{name} has no argument {given[:40]!r}", f"it takes {takes}")
    for parameter in signature.parameters.values():
        if parameter.default is Parameter.empty and parameter.name not in found:
            raise BadRequest(f"{name}: {parameter.name} is missing")
    return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise BadRequest("this is no JSON") from None
    if not isinstance(found, dict):
        raise BadRequest("this is no JSON object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


def _no_number(text: str) -> NoReturn:
    raise BadRequest(f"{text[:40]} is no number")
