"""The Gradio app: a frame in which the router of `ui/static/router.js` shows one view at a time.

The frame is one custom component. Its two server functions are all that the page asks for: `show`
turns an address into a view, `act` does what a form of a view says. So a view is a function of its
address, which the browser's history, bookmarks and messages to colleagues can carry.
"""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.errors import AtlasError
from search.library import Library
from ui.feeds.feeds import CHANGES, Announced, announced
from ui.forms import actions
from ui.page.address import Address
from ui.page.templating import rendered
from ui.page.visit import Visit
from ui.views import registry

if TYPE_CHECKING:
    import gradio

    from ui.background import Operations

STATIC = "atlas"
"""Path under which `ui/static` is served."""

STYLES = (
    "atlas.css",
    *(
        name
        for name in (f"{view}.css" for view in registry.VIEWS)
        if files("ui").joinpath("static", name).is_file()
    ),
)
"""Style sheets, in order: the page's own, and those of the views."""

_START = """
import(new URL("%s/router.js", document.baseURI)).then(
  (router) => router.start(element)
);
"""


def build(library: Library, operations: "Operations | None" = None) -> "gradio.Blocks":
    """Return the app over an open library, not yet served."""
    import gradio as gr

    from ui.api import endpoints

    def show(sent: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Return the view at an address, which may come with what the browser keeps."""
        named: tuple[Announced, ...] = (CHANGES,)
        try:
            visit = visited(library, sent, request, operations)
        except AtlasError as error:
            page = registry.problem(error)
        else:
            page, named = registry.show(visit), announced(library.taxonomy, visit.address)
        return {
            "title": page.title,
            "html": str(page.body),
            "feeds": [{"href": one.href, "title": one.title} for one in named],
        }

    def act(sent: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Do what a form or a button of a view says."""
        return actions.act(visited(library, sent, request, operations), sent)

    app: gr.Blocks
    with gr.Blocks(title="LFM Atlas", analytics_enabled=False) as app:
        gr.HTML(
            # The frame's own text is ours, and holds none of the template's marks.
            html_template=str(rendered("frame.html", views=registry.NAVIGATION)),
            js_on_load=_START % STATIC,
            server_functions=[show, act],
            apply_default_css=False,
            elem_id="atlas",
        )
        endpoints.add(library)
    return app


def visited(
    library: Library,
    sent: dict[str, Any],
    request: "gradio.Request",
    operations: "Operations | None" = None,
) -> Visit:
    """Return who looks at what; `ui.guards.identity` has found out who.

    Raises
    ------
    BadRequest
        If the address is too long.
    """
    kept = sent.get("kept")
    who = request.state
    return Visit(
        library,
        Address.parse(str(sent.get("address", ""))),
        kept if isinstance(kept, dict) else {},
        getattr(who, "user", None),
        getattr(who, "administrator", False),
        operations,
    )


def look() -> dict[str, Any]:
    """Return how the page looks: the arguments of that name of `launch` and `mount_gradio_app`."""
    import gradio as gr

    sheets = "".join(f'<link rel="stylesheet" href="{STATIC}/{name}">' for name in STYLES)
    return {
        "head": sheets,
        # The stock themes ask a font server for their fonts.
        "theme": gr.themes.Default(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "pwa": False,
        # Who it is was found out before; the page is told the name, if there is one.
        "auth_dependency": lambda request: getattr(request.state, "user", None) or "",
    }
