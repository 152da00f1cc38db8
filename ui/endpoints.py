"""The named endpoints of the page's API, for programs; each answers what `--json` prints."""

from typing import Any

from kg.entities import Filters
from search.library import Library
from ui import documents


def add(library: Library) -> None:
    """Add the endpoints to the Gradio app under construction."""
    import gradio as gr

    def ask(question: str, topic: str = "", k: int = 10) -> dict[str, Any]:
        return documents.answer(library.ask(question, int(k), Filters(topic=topic or None)))

    gr.api(ask, api_name="ask")
