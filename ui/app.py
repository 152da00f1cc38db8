"""The Gradio app: a question box, the answers and the topic tree."""

import socket
import sys
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from kg.entities import Filters
from kg.errors import AtlasError
from search.library import Answer, Hit, Library
from search.topic_page import Placed, TopicCount, TopicPage
from ui.stopping import stopped_by_sigterm

if TYPE_CHECKING:
    import gradio

    from ingest.schedule import Schedule

_EXAMPLES = (
    "How can models be merged without any training data?",
    "Which methods edit a fact in a language model without retraining?",
    "Distil a teacher when its training data are gone",
    "Adapt a large model by training few parameters",
)

_CSS = """
.atlas-hit a, .atlas-tree a { margin: 0; padding: 0; }
.atlas-hit { margin: 0 0 1.1rem; } .atlas-hit h3 { margin: 0; font-size: 1.05rem; }
.atlas-facts, .atlas-why { opacity: .75; font-size: .88rem; }
.atlas-evidence { border-left: 3px solid var(--color-accent); padding-left: .6rem; }
.atlas-hit .atlas-topics a { margin-right: .8rem; font-size: .88rem; }
.atlas-tree details, .atlas-tree .leaf { margin-left: 1rem; line-height: 1.7; }
.atlas-tree .count { opacity: .6; font-size: .85rem; }
"""


def serve(library: Library, host: str, port: int, refresh_every: str | None = None) -> None:
    """Serve the app until it is interrupted.

    Parameters
    ----------
    library : Library
    host : str
    port : int
    refresh_every : str, optional
        Refresh the atlas meanwhile, so often: ``24h``.

    Raises
    ------
    AtlasError
        If the address cannot be listened on.
    BadRequest
        If `refresh_every` is no length of time.
    """
    schedule = _schedule(library, refresh_every) if refresh_every else None
    # The model and the index are opened before the page is, so that the first question is quick.
    library.ask("warm up", k=1)
    app = build(library)
    _, address, _ = launch(app, host, port)
    print(f"LFM Atlas is at {address} (stop it with Ctrl+C)", flush=True)
    with stopped_by_sigterm():
        try:
            if schedule:
                schedule.start()
            app.block_thread()
        finally:
            if schedule:
                schedule.stop()


def _schedule(library: Library, every: str) -> "Schedule":
    from ingest.schedule import Schedule, parse_every

    # A process of its own: answers do not wait for it, and its memory is given back.
    command = [sys.executable, "-m", "ui.cli", "refresh"]
    return Schedule(parse_every(every), command, library.catalogue.last_refresh)


def launch(app: "gradio.Blocks", host: str, port: int) -> "tuple[object, str, str]":
    """Start serving a built app in the background.

    Parameters
    ----------
    app : gradio.Blocks
    host : str
    port : int
        0 takes a free one.

    Returns
    -------
    tuple
        The server's application, its address, and nothing of use.

    Raises
    ------
    AtlasError
        If the address cannot be listened on.
    """
    import gradio

    try:
        return app.launch(
            server_name=host,
            server_port=port or _free_port(host),
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            footer_links=["api"],
            run_history=False,
            css=_CSS,
            # The stock themes ask a font server for their fonts.
            theme=gradio.themes.Default(
                font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
            ),
        )
    except (OSError, OverflowError) as error:
        raise AtlasError(
            f"cannot listen on {host}:{port}", "choose another with --port or --host"
        ) from error


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as server:
        return int(server.getsockname()[1])


def build(library: Library) -> "gradio.Blocks":
    """Return the app over an open library, not yet served."""
    import gradio as gr

    def ask(question: str, topic: str | None, k: float) -> str:
        try:
            found = library.ask(question, int(k), Filters(topic=topic or None))
        except AtlasError as error:
            return f"<p role='alert'>{escape(str(error))}</p>"
        return results(found)

    def opened(request: gr.Request) -> tuple[object, object, object]:
        """Show what the address names: ``?q=`` a question, ``?topic=`` a topic."""
        question = request.query_params.get("q", "")
        topic = request.query_params.get("topic")
        if topic not in library.taxonomy:
            topic = None
        if question:
            return question, topic, ask(question, topic, 10)
        if topic:
            return gr.skip(), topic, papers(library.topics(topic))
        # Whoever has begun to type must not be interrupted.
        return gr.skip(), gr.skip(), gr.skip()

    choices = [
        (" / ".join(library.taxonomy.path_names(topic.id)), topic.id) for topic in library.taxonomy
    ]
    app: gr.Blocks
    with gr.Blocks(title="LFM Atlas", analytics_enabled=False) as app:
        gr.Markdown("# LFM Atlas\nAsk the literature that learns from models.")
        with gr.Row():
            with gr.Column(scale=1, min_width=260):
                gr.Markdown("## Topics")
                gr.HTML(tree(library.topics().tree))
            with gr.Column(scale=3):
                question = gr.Textbox(
                    label="Question", placeholder=_EXAMPLES[0], autofocus=True, max_length=10_000
                )
                with gr.Row():
                    topic = gr.Dropdown(choices, label="Only this topic", value=None)
                    count = gr.Slider(1, 50, value=10, step=1, label="How many papers")
                button = gr.Button("Ask", variant="primary")
                gr.Examples([[example] for example in _EXAMPLES], inputs=[question])
                shown = gr.HTML("<p>Ask a question, or choose a topic from the tree.</p>")
        inputs = [question, topic, count]
        button.click(ask, inputs, shown, api_name="ask")
        question.submit(ask, inputs, shown, api_visibility="private")
        app.load(opened, None, [question, topic, shown], api_visibility="private")
    return app


def results(found: Answer) -> str:
    """Return an answer as HTML in which every text from outside is escaped."""
    if not found.hits:
        return "<p>No paper of the atlas passes these filters.</p>"
    cards = "".join(_card(hit) for hit in found.hits)
    return f"{cards}<p class='atlas-why'>{len(found.hits)} papers in {found.took_ms:.0f} ms</p>"


def _card(hit: Hit) -> str:
    why = [("meaning", hit.dense), ("words", hit.keyword)]
    told = ", ".join(f"{name} #{rank}" for name, rank in why if rank)
    cited = f" · cites {', '.join(f'{rank}.' for rank in hit.cites)}" if hit.cites else ""
    evidence = f"<p class='atlas-evidence'>{escape(hit.evidence)}</p>" if hit.evidence else ""
    return (
        f"<article class='atlas-hit'>{_head(hit)}{evidence}{_topic_links(hit.topics)}"
        f"<div class='atlas-why'>{hit.rank}. · {told} · score {hit.score:.3f}{cited}</div>"
        "</article>"
    )


def _head(found: Hit | Placed) -> str:
    paper = found.paper
    title = escape(paper.title)
    if paper.url and urlsplit(paper.url).scheme in ("http", "https"):
        title = f"<a href='{escape(paper.url)}' target='_blank' rel='noopener'>{title}</a>"
    names = ", ".join(paper.authors[:4]) + (" et al." if len(paper.authors) > 4 else "")
    known_as = "" if paper.id.startswith("title:") else paper.id
    told = (names, str(paper.year or ""), paper.venue or "", known_as)
    facts = " · ".join(escape(fact) for fact in told if fact)
    flag = " <strong class='atlas-withdrawn'>withdrawn</strong>" if paper.withdrawn else ""
    return f"<h3>{title}{flag}</h3><div class='atlas-facts'>{facts}</div>"


def _topic_links(topics: tuple[str, ...]) -> str:
    links = "".join(f"<a href='?topic={quote(topic)}'>{escape(topic)}</a>" for topic in topics)
    return f"<div class='atlas-topics'>{links}</div>"


def papers(found: TopicPage) -> str:
    """Return a topic's definition and papers as HTML."""
    cards = "".join(
        f"<article class='atlas-hit'>{_head(one)}{_topic_links(one.topics)}</article>"
        for one in found.papers or ()
    )
    return (
        f"<p>{escape(found.tree[0].definition)}</p>{cards or '<p>No paper is placed here yet.</p>'}"
    )


def tree(topics: tuple[TopicCount, ...]) -> str:
    """Return the topic tree as nested HTML; each topic is a link to its papers."""
    return f"<nav class='atlas-tree' aria-label='Topics'>{''.join(map(_branch, topics))}</nav>"


def _branch(topic: TopicCount) -> str:
    label = (
        f"<a href='?topic={quote(topic.id)}'>{escape(topic.name)}</a> "
        f"<span class='count'>{topic.papers}</span>"
    )
    if not topic.children:
        return f"<div class='leaf'>{label}</div>"
    below = "".join(map(_branch, topic.children))
    return f"<details open><summary>{label}</summary>{below}</details>"
