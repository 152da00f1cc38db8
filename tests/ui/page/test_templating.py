"""Templates: what comes from outside is text, whatever it holds."""

import html
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

import ui
from kg.records import Paper
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.plain import web_address
from tests.support.factories import TEXT, papers
from ui.page.templating import area, byline, known_as, rendered, steps

TEMPLATES = sorted((Path(ui.__file__).parent / "templates").glob("*.html"))


@given(TEXT, TEXT)
def test_text_is_escaped(kind: str, message: str) -> None:
    made = rendered("problem.html", kind=kind, message=message)
    assert isinstance(made, Markup)
    # What HTML has no letter for, and ends of lines, are its own matter.
    found = html.unescape(made.split("<p>")[1].split("</p>")[0])
    assert found == html.unescape(html.escape(message))
    (heading,) = lxml.html.fromstring(made.replace("\0", "")).iter("h1")
    assert len(heading) == 0


def test_a_name_that_a_template_misses_is_told() -> None:
    with pytest.raises(UndefinedError):
        rendered("problem.html", kind="x")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_marks_anything_as_safe_or_runs_anything(template: Path) -> None:
    text = template.read_text("utf-8")
    for word in ("|safe ", "|safe}", "autoescape", "<script", "javascript:", " onclick", " onload"):
        assert word not in text.replace("| ", "|"), word


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.org/x",
        "?view=map",
        "blob:http://a.org/x",
        "http://[",
    ],
)
def test_only_web_addresses_are_followed(url: str | None) -> None:
    assert web_address(url) is None


@pytest.mark.parametrize("url", ["https://a.org/?x=1#y", "http://a.org", "HTTPS://A.ORG/"])
def test_web_addresses_are_links(url: str) -> None:
    assert web_address(url) == url


@given(TEXT | st.from_regex(r"[a-zA-Z\s\x00-\x20]{0,12}:.{0,9}"))
def test_a_link_that_is_followed_begins_as_one(url: str) -> None:
    found = web_address(url)
    assert found is None or found == url
    # As browsers read it: without what is not seen.
    seen = "".join(c for c in url if c > " ").lower()
    assert found is None or seen.startswith(("http:", "https:"))


@given(papers(), st.integers(1, 5))
def test_the_first_authors_are_named(paper: Paper, most: int) -> None:
    named = byline(paper, most)
    assert named.startswith(", ".join(paper.authors[:most]))
    assert named.endswith(" et al.") or len(paper.authors) <= most


def test_a_topic_is_told_from_its_area_down() -> None:
    topic = "model-reuse/model-fusion/surveys"
    assert steps(Taxonomy.load(), topic) == [
        ("model-reuse", "Model Reuse"),
        ("model-reuse/model-fusion", "Model Fusion"),
        (topic, "Surveys of Model Fusion"),
    ]
    assert area((topic, "model-editing")) == "model-reuse"
    assert area(()) == ""


def test_a_hash_is_no_id_that_anyone_knows() -> None:
    assert known_as(Paper("title:0a1b", "T")) == ""
    assert known_as(Paper("doi:10.1/x", "T")) == "doi:10.1/x"
