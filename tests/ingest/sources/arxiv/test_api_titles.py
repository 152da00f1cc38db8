import re

import httpx

from tests.support.services.arxiv import (
    IDS,
    Server,
    api,
    entry,
    paged,
)


def titles(known: list[str], asked: list[str]) -> Server:
    """A server that finds titles by one of the phrases, as a phrase search does."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["search_query"]
        asked.append(query)
        phrases = re.findall('ti:"([^"]*)"', query)
        hits = [
            entry(name, title)
            for name, title in zip(IDS, known, strict=False)
            if any(one.lower() in title.lower().replace(":", "") for one in phrases)
        ]
        return httpx.Response(200, content=paged(request, hits))

    return answer


def test_a_title_in_a_flawed_answer_is_doubtful() -> None:
    known = ["Merging Ants by Day and Night", "Editing Bees by Day and Night"]
    good = titles(known, [])

    def answer(request: httpx.Request) -> httpx.Response:
        body = good(request).content.replace(f"<title>{known[1]}</title>".encode(), b"")
        return httpx.Response(200, content=body)

    client = api(answer)
    assert list(client.by_titles(known)) == known[:1]
    assert client.doubtful == {known[1]}


def test_a_title_that_breaks_the_answer_costs_no_other() -> None:
    known = [f"Merging Ant {name} by Day and Night" for name in ("Ada", "Bo", "Cy", "Dee")]
    good = titles(known, [])

    def answer(request: httpx.Request) -> httpx.Response:
        body = good(request).content.replace(b"Ant Cy", b"Ant < Cy")
        return httpx.Response(200, content=body)

    client = api(answer)
    assert list(client.by_titles(known)) == [known[0], known[1], known[3]]
    assert client.doubtful == {known[2]}


def test_papers_by_title() -> None:
    known = ["Merging Ants: A Long Story", "Merging Bees: A Long Story", "Merging All the Things"]
    asked: list[str] = []
    wanted = ["merging ants a long story", "Merging Bees: A Long Story", "No Such Paper at All",
              "Things", "?", "Merging Ants: A Long"]  # fmt: skip
    got = api(titles(known, asked)).by_titles(wanted)
    assert {title: paper.id for title, paper in got.items()} == {
        "merging ants a long story": IDS[0],
        "Merging Bees: A Long Story": IDS[1],
    }
    assert len(asked) == 1


def test_a_title_that_two_papers_have_is_left_open() -> None:
    server = titles(["A Study of Merged Ants", "A Study of Merged Ants"], [])
    assert api(server).by_titles(["A study of merged ants"]) == {}


def test_many_titles_share_requests() -> None:
    known = [f"The story of one ant whose number is {n}" for n in range(60)]
    asked: list[str] = []
    got = api(titles(known, asked)).by_titles([*known, *known])
    assert {title: paper.title for title, paper in got.items()} == {one: one for one in known}
    assert len(asked) == 6
    assert max(map(len, asked)) < 1800


def test_a_crowded_answer_is_asked_for_apart() -> None:
    known = [
        *(f"Merging the Many Ants {number}" for number in range(1000, 1200)),
        "Editing Bees at Night",
    ]
    asked: list[str] = []
    wanted = ["Merging the Many Ants", "Merging the Many Ants 1000", "Editing Bees at Night"]
    got = api(titles(known, asked)).by_titles(wanted)
    # The answer for all three is full of the first's, and says nothing of the others.
    assert {title: paper.title for title, paper in got.items()} == {one: one for one in wanted[1:]}
    assert asked[1:] == [f'ti:"{wanted[0]}"', f'ti:"{wanted[1]}" OR ti:"{wanted[2]}"']


def test_a_title_that_arxiv_refuses_costs_no_other() -> None:
    good = titles(["Merging Ants by Day and Night"], [])

    def answer(request: httpx.Request) -> httpx.Response:
        bad = "Evil" in request.url.params["search_query"]
        return httpx.Response(400) if bad else good(request)

    got = api(answer).by_titles(["An Evil Title of Ants", "Merging Ants by Day and Night"])
    assert [paper.id for paper in got.values()] == IDS[:1]
