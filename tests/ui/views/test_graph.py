"""The view graph over small atlases whose links are known, down to the words and the lines."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kg.errors import BadRequest, NotFound
from kg.records import Citation
from search.library import Library
from search.pages.graph_papers import GraphPaper
from tests.support.factories import paper
from tests.support.graphs.atlas import MADE, atlas
from tests.support.graphs.facts import TOPICS, Facts, name, node
from tests.support.graphs.pages import Drawing, text_of
from ui.drawing import graph_facts
from ui.drawing.graph_drawing import drawn
from ui.drawing.graph_labels import label, name_zooms
from ui.drawing.graph_picture import curve
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views import graph as view_graph
from ui.views.graph import canvas, view
from ui.views.registry import show


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with atlas() as made:
        yield made


def at(library: Library, address: str) -> Page:
    return view(Visit(library, Address.parse(address)))


# -- around a paper ----------------------------------------------------------------------------


def test_a_paper_is_drawn_with_its_citations_and_what_is_alike(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}")
    found = Drawing(page.body)
    assert set(found.nodes) == {node(n) for n in range(1, 6)}
    cites = {("1", "2"), ("3", "1"), ("4", "1"), ("3", "4"), ("4", "3")}
    assert found.joined() == {(a, b, "cites") for a, b in cites} | {("1", "5", "similar_to")}
    assert page.title == "Paper number 1: graph"
    assert "4 around it, 6 links. Citations are known of 4 of 5 papers" in text_of(page)
    one = found.nodes[node(2)]
    assert one["href"] == f"?view=paper&paper={name(2)}"
    assert one["aria-label"] == "Paper number 2: Paper number 2, cited by 3"


def test_the_more_a_paper_is_cited_the_larger_it_is_up_to_a_limit() -> None:
    def size(cited: int, centre: str | None = None) -> float:
        found = {"paper:a": GraphPaper(paper(1), (), cited, True)}
        return graph_facts.radius(found, "paper:a", centre)

    sizes = [size(cited) for cited in (0, 1, 5, 20, 1_000, 100_000)]
    assert sizes == sorted(sizes)
    assert len(set(sizes[:4])) == 4
    assert size(0) < size(0, "paper:a") < sizes[-1]
    assert sizes[-2] == sizes[-1] == size(100_000, "paper:a") < 22


def test_each_node_says_why_it_is_there(library: Library) -> None:
    words = text_of(at(library, f"?view=graph&paper={name(1)}&depth=2"))
    assert (
        "Cited by 3 in the atlas · ● Model Reuse / Model Fusion Is cited by Paper number 1."
        in words
    )
    assert "No citation of it is known" in words
    assert "Is alike Paper number 1 in meaning (cosine 0.75)." in words
    assert (
        "Paper number 6 2020 · 2001.00006 Cited by none that is known Through Paper number 2."
        in words
    )
    assert "Cites Paper number 4, Paper number 1" in words  # As 3 does.


def test_a_second_step_leads_further_and_the_rest_is_text_of(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}&depth=2&most=5")
    assert set(Drawing(page.body).nodes) == {node(n) for n in (1, 2, 3, 4, 5, 6)}
    assert "Left out: 1 paper; shown are those with the most links" in text_of(page)


def test_an_expanded_node_shows_its_neighbours_and_can_be_taken_back(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}&expand={node(2)}")
    assert set(Drawing(page.body).nodes) == {node(n) for n in range(1, 8)}
    assert f'href="?view=graph&amp;paper={name(1)}"' in page.body
    assert "Take back what was expanded" in page.body


def test_no_more_nodes_are_drawn_than_a_screen_can_hold(library: Library) -> None:
    asked = "".join(f"&expand={node(n)}" for n in range(2, 9))
    words = text_of(at(library, f"?view=graph&paper={name(1)}&most=200{asked}"))
    assert "No room to expand 2 nodes more: 20 each, 300 in all." in words


def test_kinds_of_links_are_chosen_and_counted(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}&kind=similar_to&kind=in_topic")
    found = Drawing(page.body)
    assert set(found.nodes) == {node(1), node(5), f"topic:{TOPICS[1]}"}
    assert {kind for *_, kind in found.lines} == {"similar_to", "in_topic"}
    boxes = re.findall(r'name="kind" value="(\w+)"( checked)?>.*?count">([\d,]+)', page.body)
    assert boxes == [
        ("cites", "", "3"),
        ("similar_to", " checked", "1"),
        ("entities", "", "1"),
        ("mentions", "", "0"),
        ("in_topic", " checked", "1"),
        ("written_by", "", "0"),
        ("listed_in", "", "0"),
        ("in_category", "", "0"),
    ]
    topic = found.nodes[f"topic:{TOPICS[1]}"]
    assert topic["href"] == f"?view=topics&topic={TOPICS[1]}"
    assert topic["aria-label"] == "Task Arithmetic: the topic Task Arithmetic"


def test_authors_lists_and_categories_are_nodes() -> None:
    with atlas(MADE._replace(same_authors=True)) as library:
        library.catalogue.lists.add(name(1), "a-list", False)
        page = at(
            library,
            f"?view=graph&paper={name(1)}&kind=written_by&kind=listed_in&kind=in_category",
        )
    nodes = Drawing(page.body).nodes
    assert nodes["author:bo writer"]["href"] == "?view=paper&author=bo+writer"
    # What has no page of its own shows its papers here.
    assert nodes["list:a-list"]["href"].endswith("&expand=list:a-list")
    assert "category:cs.LG" in nodes


def test_time_runs_along_the_picture(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}&layout=time")
    assert re.findall(r'<text x="5" y="16">(\d+)</text>', page.body) == ["2020"]


def test_a_paper_that_nothing_is_linked_to_says_what_else_there_is(library: Library) -> None:
    words = text_of(at(library, f"?view=graph&paper={name(8)}"))
    assert "Nothing is linked to it in these ways" in words
    assert "It has other links: show topics (1)." in words
    words = text_of(at(library, f"?view=graph&paper={name(9)}"))
    assert "A refresh may bring its citations." in words


@pytest.mark.parametrize(
    "wrong",
    ["kind=likes", "depth=3", "depth=x", "most=0", "most=301", "layout=round"],
)
def test_choices_that_make_no_sense_are_text_of(library: Library, wrong: str) -> None:
    with pytest.raises(BadRequest):
        at(library, f"?view=graph&paper={name(1)}&{wrong}")


def test_an_unknown_paper_or_topic_is_text_of(library: Library) -> None:
    for address in ("paper=2001.99999", "topic=cookery", "lineage=nothing"):
        with pytest.raises(NotFound):
            at(library, f"?view=graph&{address}")


# -- a topic -----------------------------------------------------------------------------------


def test_a_topic_is_drawn_with_what_joins_its_papers() -> None:
    made = Facts(papers=3, cites=[(1, 2), (3, 2)], topics=[(n, TOPICS[0]) for n in (1, 2, 3)])
    with atlas(made) as library:
        page = at(library, f"?view=graph&topic={TOPICS[0]}&most=2")
    found = Drawing(page.body)
    assert next(iter(found.nodes)) == node(2)
    words = text_of(page)
    assert page.title == "Model Fusion: graph"
    assert "2 of 3 papers, 1 link. Left out: 1 paper; shown are the most influential" in words
    assert "Number 1 in the topic by influence for its age." in words
    assert "Among those with the most links in the topic." in words


# -- names -------------------------------------------------------------------------------------


def test_without_a_name_examples_are_offered(library: Library) -> None:
    page = at(library, "?view=graph")
    assert f'href="?view=graph&amp;paper={name(1)}"' in page.body
    assert "Well-connected papers" in page.body


def test_an_atlas_without_links_says_what_to_do() -> None:
    with atlas(Facts(papers=2)) as library:
        words = text_of(at(library, "?view=graph"))
    assert "No links yet" in words
    assert "lfm refresh" in words


def test_an_exact_name_is_drawn_at_once_and_words_are_offered_choices(library: Library) -> None:
    assert at(library, "?view=graph&find=paper+number+1").title == "Paper number 1: graph"
    page = at(library, "?view=graph&find=number 3 task arithmetic")
    assert f'href="?view=graph&amp;paper={name(3)}"' in page.body
    page = at(library, "?view=graph&find=task arithmetic")
    assert f'href="?view=graph&amp;topic={TOPICS[1]}"' in page.body
    with pytest.raises(BadRequest):
        at(library, f"?view=graph&find={'x' * 1001}")


# -- paths -------------------------------------------------------------------------------------


def test_a_path_is_drawn_and_told_step_by_step(library: Library) -> None:
    page = at(library, f"?view=graph&from={name(5)}&to={name(6)}")
    found = Drawing(page.body)
    assert {(a, b) for a, b, _ in found.joined()} >= {("1", "5"), ("1", "2"), ("6", "2")}
    words = text_of(page)
    assert "The closest way, 3 steps" in words
    step = "“Paper number 1” cites “Paper number 2”.“Paper number 6” cites “Paper number 2”."
    assert step in words
    assert f'<a href="?view=paper&amp;paper={name(2)}">' in page.body
    strong = re.findall(r'class="line main"[^>]*data-ends="(\d+) (\d+)"', page.body)
    assert len(strong) == 3
    across = [float(found.nodes[node(n)]["data-at"].split()[0]) for n in (5, 1, 2, 6)]
    assert across == sorted(across)


def test_a_path_may_lead_from_a_topic(library: Library) -> None:
    page = at(library, f"?view=graph&from=topic:{TOPICS[0]}&to={name(3)}")
    assert f"topic:{TOPICS[0]}" in Drawing(page.body).nodes
    assert "is under" in text_of(page)


def test_no_path_is_told_with_what_was_looked_at(library: Library) -> None:
    words = text_of(at(library, f"?view=graph&from={name(9)}&to={name(1)}"))
    assert "They are not connected All that can be reached from them was looked at" in words
    assert re.search(r"looked at: \d+ papers, topics and methods\. Neither a citation nor", words)
    assert "Citations are known of 1 of the 2" in words
    assert "Where they come nearest: “Paper number" in words


def test_a_path_that_was_given_up_says_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.analysis.paths.neighbours.MAX_EDGES_READ", 0)
    words = text_of(at(library, f"?view=graph&from={name(9)}&to={name(1)}"))
    assert "The search was given up after" in words
    assert "They are not connected" not in words


def test_a_path_from_a_paper_to_itself_is_text_of(library: Library) -> None:
    words = text_of(at(library, f"?view=graph&from={name(1)}&to=Paper+number+1"))
    assert "Both names mean Paper number 1." in words


def test_an_end_that_nothing_is_called_is_chosen(library: Library) -> None:
    page = at(library, f"?view=graph&from={name(1)}&to=subject+3")
    assert "Nothing in the atlas is called subject 3." in text_of(page)
    assert f'href="?view=graph&amp;from={name(1)}&amp;to=paper:{name(3)}"' in page.body
    page = at(library, f"?view=graph&to={name(1)}")
    assert "Name both ends." in text_of(page)


# -- lines of work -----------------------------------------------------------------------------


def test_a_line_of_work_is_drawn_along_time() -> None:
    made = Facts(papers=6, cites=[(2, 1), (3, 2), (4, 3), (5, 3), (6, 5)])
    years = [paper(n, arxiv_id=None, year=2010 + n, authors=()) for n in range(1, 7)]
    with atlas(Facts(papers=0), *years) as library:
        library.catalogue.citations.add(Citation(name(a), name(b), "s") for a, b in made.cites)
        page = at(library, f"?view=graph&lineage={name(3)}")
        found = Drawing(page.body)
        assert found.joined() == {(str(a), str(b), "cites") for a, b in made.cites}
        main = re.findall(r'class="line main[^"]*" data-ends="(\d+) (\d+)"', page.body)
        names = list(found.nodes)
        assert {(names[int(a)], names[int(b)]) for a, b in main} == {
            (node(a), node(b)) for a, b in [(2, 1), (3, 2), (5, 3), (6, 5)]
        }
        across = [float(found.nodes[node(n)]["data-at"].split()[0]) for n in (1, 2, 3, 5, 6)]
        assert across == sorted(across)
        words = text_of(page)
        assert "it builds on 2 papers of the atlas and 3 build on it" in words
        assert "This builds on it, directly: 50% of the ways on its side lead by here." in words
        near = at(library, f"?view=graph&lineage={name(3)}&most=1")
        assert node(1) not in Drawing(near.body).nodes
        assert "2 more papers of the main path are further away." in text_of(near)


def test_a_line_of_work_that_is_not_known_says_so(library: Library) -> None:
    words = text_of(at(library, f"?view=graph&lineage={name(9)}"))
    assert "No line of work is known No citation of this paper is known" in words
    with pytest.raises(BadRequest):
        at(library, f"?view=graph&lineage={name(1)}&most=41")


# -- pictures ----------------------------------------------------------------------------------


def test_a_picture_in_another_page_is_of_the_same_nodes(library: Library) -> None:
    body = canvas(library, name(1))
    assert set(Drawing(body).nodes) == {node(n) for n in range(1, 6)}
    assert "4 around it" in " ".join(body.striptags().split())
    assert "<h" not in body
    assert canvas(library, name(9)) == ""


def test_two_lines_between_the_same_two_bend_apart(library: Library) -> None:
    from kg.graph.graph import neighbourhood

    graph = neighbourhood(library.catalogue, library.taxonomy, name(1), ["cites"])
    lines = drawn(library, graph, centre=node(1)).lines
    bends = {(line.source, line.target): line.bend for line in lines}
    pair = [bend for bend in bends.values() if bend]
    # Each bends to its own left, so they are on two sides.
    assert len(pair) == 2
    assert pair[0] == pair[1]
    assert curve((0, 0), (10, 0), 0) == "M0 0Q2.5 0 5 0Q7.5 0 10 0"


def test_a_paper_is_called_by_its_method_its_author_or_its_title() -> None:
    one = paper(1, title="ROME: editing facts", year=2022)
    assert label(one) == "ROME 2022"
    assert label(replace(one, title="Editing facts")) == "Author1 2022"
    assert label(replace(one, title="A long name for a method: x", authors=("Rob Logan IV",))) == (
        "Logan 2022"
    )
    assert label(replace(one, title="On $x^2$", authors=())) == "On x2"
    # A mark of direction that is left open would turn what stands beside the name.
    assert label(replace(one, title="\u2067On x", authors=())) == "On x"
    assert label(replace(one, title="A method", authors=("Bo \u202eLi",))) == "Li 2022"
    assert label(replace(one, title=": nothing", authors=("",))) == ": nothing"


def test_names_never_cover_each_other_and_more_are_shown_from_nearer() -> None:
    points = [(0.0, 0.0), (40.0, 0.0), (200.0, 0.0)]
    found = name_zooms(points, [8, 8, 8], ["A long name", "Another name", "Third"])
    assert found[0] == min(found)
    assert found[1] > found[0]
    # At that zoom the two names, 73 and 80 pixels wide, stand side by side.
    assert 40 * found[1] >= 76
    assert name_zooms([(0.0, 0.0), (0.0, 0.0)], [8, 8], ["a", "b"])[1] == float("inf")


def test_titles_from_outside_are_text() -> None:
    hostile = paper(1, title='</title><script>alert(1)</script>" onload="x', authors=("<b>",))
    with atlas(Facts(papers=0), hostile, paper(2)) as library:
        library.catalogue.citations.add([Citation(name(1), name(2), "s")])
        for address in (f"paper={name(1)}", f"lineage={name(2)}", f"from={name(1)}&to={name(2)}"):
            body = str(at(library, f"?view=graph&{address}").body)
            assert "<script>" not in body
            assert ' onload="x' not in body
            assert "<b>" not in body


def test_the_frame_shows_what_is_wrong(library: Library) -> None:
    page = show(Visit(library, Address.parse("?view=graph&paper=2001.99999")))
    assert "no paper" in text_of(page)
    assert view_graph.NODE_COUNTS[0] == 40
