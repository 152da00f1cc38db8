"""The Gradio app: a frame in which the router of `ui/static/router.js` shows one view at a time.

The frame is one custom component with two server functions: `show` turns an address into a view,
`act` carries out the action of a form. So a view is a function of its address, which browser
history, bookmarks and messages can carry.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.errors import AtlasError
from search.library import Library
from ui.api import endpoints
from ui.api.endpoints import Endpoint
from ui.background import BackgroundRefresh
from ui.feeds.feeds import CHANGES, Announced, announced
from ui.forms import actions
from ui.page.address import Address
from ui.page.templating import rendered
from ui.page.visit import Visit
from ui.views import registry

if TYPE_CHECKING:
    import gradio


STATIC = "atlas"
"""Path under which `ui/static` is served."""

STYLES = tuple(
    f"{name}.css"
    for name in ("atlas", *registry.VIEWS)
    if files("ui").joinpath("static", f"{name}.css").is_file()
)
"""Style sheets, in order: the page's own, and those of the views."""

_START = """
import(new URL("%s/router.js", document.baseURI)).then(
  (router) => router.start(element)
);
"""


def build(
    library: Library, background: BackgroundRefresh | None = None
) -> "tuple[gradio.Blocks, dict[str, Endpoint]]":
    """Return the app over an open library, not yet served, and the endpoints of its API."""
    import gradio as gr

    def show(sent: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        return shown(library, sent, request.state, background)

    def act(sent: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        return acted(library, sent, request.state, background)

    app: gr.Blocks
    with gr.Blocks(title="LFM Atlas", analytics_enabled=False) as app:
        gr.HTML(
            # The frame holds no text from outside, and none of Gradio's template syntax.
            html_template=str(rendered("frame.html", views=registry.NAVIGATION)),
            js_on_load=_START % STATIC,
            server_functions=[show, act],
            apply_default_css=False,
            elem_id="atlas",
        )
        api = endpoints.add(library)
    return app, api


def shown(
    library: Library,
    sent: Mapping[str, Any],
    state: object,
    background: BackgroundRefresh | None = None,
) -> dict[str, Any]:
    """Return the view at an address, as the page's script takes it.

    Parameters
    ----------
    sent : mapping
        `address`, and what the browser keeps for the view.
    state : object
        Of the request; `ui.guards.identity` has set the user.
    """
    feeds: tuple[Announced, ...] = (CHANGES,)
    try:
        visit = visit_of(library, sent, state, background)
    except AtlasError as error:
        page = registry.problem(error)
    else:
        page, feeds = registry.show(visit), announced(library, visit.address)
    return {
        "title": page.title,
        "html": str(page.body),
        "feeds": [{"href": one.href, "title": one.title} for one in feeds],
    }


def acted(
    library: Library,
    sent: Mapping[str, Any],
    state: object,
    background: BackgroundRefresh | None = None,
) -> dict[str, Any]:
    """Carry out the action of a form or a button; see `shown`."""
    return actions.act(visit_of(library, sent, state, background), sent)


def visit_of(
    library: Library,
    sent: Mapping[str, Any],
    state: object,
    background: BackgroundRefresh | None = None,
) -> Visit:
    """Return the visit that the page's script asks for; see `shown`.

    Raises
    ------
    BadRequest
        If the address is too long.
    """
    kept = sent.get("kept")
    return Visit(
        library,
        Address.parse(str(sent.get("address", ""))),
        kept if isinstance(kept, dict) else {},
        getattr(state, "user", None),
        getattr(state, "administrator", False),
        background,
    )


def appearance() -> dict[str, Any]:
    """Return the arguments of `gradio.mount_gradio_app` that say how the page looks."""
    import gradio as gr

    sheets = "".join(f'<link rel="stylesheet" href="{STATIC}/{name}">' for name in STYLES)
    return {
        "head": sheets,
        # The stock themes load fonts from another host.
        "theme": gr.themes.Default(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "pwa": False,
        # `ui.guards.identity` has authenticated the request; the page gets the name.
        "auth_dependency": lambda request: getattr(request.state, "user", None) or "",
    }
