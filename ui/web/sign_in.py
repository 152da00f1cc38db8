"""Signing in and out: `/login` and `/logout`, for browsers without a script and for programs."""

from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kg.errors import AtlasError
from ui.auth.authenticator import Authenticator, TooManyTries
from ui.auth.sessions import COOKIE, SESSION_S
from ui.guards.rate_limit import client_key
from ui.page.templating import rendered

_WRONG = "This is no name and password of an account here."


def routes(authenticator: Authenticator) -> list[Route]:
    """Return the routes for signing in and out."""

    def page(
        request: Request,
        target: str,
        status: int = 200,
        problem: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        try:
            accounts = bool(authenticator.accounts.users())
        except AtlasError:
            accounts = True
        body = rendered(
            "sign_in.html",
            accounts=accounts,
            user=request.state.user,
            administrator=request.state.administrator,
            next=_local_target(target),
            problem=problem,
        )
        return HTMLResponse(body, status, headers)

    def failed(
        request: Request, target: str, status: int, problem: str, headers: dict[str, str]
    ) -> Response:
        if _wants_html(request):
            return page(request, target, status, problem, headers)
        return JSONResponse({"detail": problem}, status, headers)

    async def form_page(request: Request) -> Response:
        return page(request, request.query_params.get("next", ""))

    async def signed_in(request: Request) -> Response:
        form = await _fields(request)
        name, password = form.get("username", "").strip(), form.get("password", "")
        target = form.get("next", "")
        if not authenticator.accounts.users():
            # As Gradio does where there are no accounts.
            return _redirected(request, target)
        try:
            user = await authenticator.authenticate(name, password, client_key(request.scope))
        except TooManyTries as error:
            wait = {"Retry-After": str(error.wait)}
            return failed(request, target, 429, f"{str(error).capitalize()}.", wait)
        if user is None:
            return failed(request, target, 401, _WRONG, {})
        response = _redirected(request, target)
        response.set_cookie(
            COOKIE,
            authenticator.sessions.open(user),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def signed_out(request: Request) -> Response:
        authenticator.sessions.close(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    return [
        Route("/login", form_page, methods=["GET"]),
        Route("/login", signed_in, methods=["POST"]),
        Route("/logout", signed_out, methods=["POST"]),
    ]


def _redirected(request: Request, target: str) -> Response:
    if _wants_html(request):
        # "./": beside the sign-in page, under whatever name a proxy serves it.
        return RedirectResponse("./" + quote(_local_target(target), safe="?&=/:,+%"), 303)
    return JSONResponse({"success": True})


def _local_target(target: str) -> str:
    """Return `target` if it is the address of a view, else nothing: no open redirect."""
    return target if target.startswith("?") else ""


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


async def _fields(request: Request) -> dict[str, str]:
    body = (await request.body()).decode(errors="replace")
    return {name: values[0] for name, values in parse_qs(body).items()}
