"""What is brought along enters by the way of a refresh: fetched, judged, placed or left out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.adding.add import Added, add
from ingest.lock import refresh_lock
from ingest.merge.merger import Merger
from ingest.net.outside import Outside
from ingest.placement.review import decide
from kg.errors import BadRequest, BadSource, NotFound
from kg.records import Filters, ListEntry, Paper, PlacedBy
from kg.store.reviews import Decision
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper
from tests.support.refreshing import FOREIGN, Field, facts, library

MERGING = "model-reuse/model-fusion"


class Atlas:
    """An atlas of one list, in a world from which papers can be asked for."""

    def __init__(self, home: Path) -> None:
        self.field = Field()
        self.field.refresh(home, ["learn-from-model"])
        self.library: Library = library(home)
        self.catalogue = self.library.catalogue
        self.new, self.foreign = self.field.new[0], self.field.new[-1]
        self.home = home

    def add(self, *named: Path | str, **options: Any) -> Added:
        options.setdefault("outside", self.field.outside())
        return add(self.library, list(named), embedder=HashedWords(), **options)

    def file(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return path

    def placed(self, name: str) -> set[tuple[str, PlacedBy]]:
        key = self.catalogue.identifiers.key(name)
        return {(one.topic, one.placed_by) for one in self.catalogue.placements.get([key])[key]}


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Atlas]:
    made = Atlas(tmp_path)
    yield made
    made.catalogue.close()


def offline() -> Outside:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    clock = Field().clock
    return Outside(httpx.MockTransport(refuse), clock, clock, clock.sleep, lambda: 0.5)


def entry(one: Paper, key: str = "a") -> str:
    return f"@misc{{{key}, title = {{{one.title}}}, eprint = {{{one.arxiv_id}}}}}\n"


# -- judged ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_bibliography_is_judged_as_a_refresh_judges(atlas: Atlas) -> None:
    known = atlas.field.listed["Model Fusion"][0]
    path = atlas.file("refs.bib", entry(atlas.new) + entry(atlas.foreign) + entry(known))
    report = atlas.add(path)
    assert (report.problems, report.failed) == ((), ())
    assert {name: report.counts[name] for name in ("read", "added", "placed", "outside")} == {
        "read": 3,
        "added": 1,
        "placed": 1,
        "outside": 1,
    }
    found = atlas.library.paper(atlas.new.id)
    assert found.paper.abstract == atlas.new.abstract  # As arXiv tells it.
    assert {by for _, by in atlas.placed(atlas.new.id)} == {PlacedBy.MODEL}
    assert atlas.catalogue.identifiers.find("arxiv", atlas.foreign.id) is None
    # A bibliography is no list of the field.
    assert "refs.bib" not in {name for name, _, _ in atlas.catalogue.lists.entries()}


@pytest.mark.slow
def test_adding_a_bibliography_again_changes_nothing(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", entry(atlas.new) + entry(atlas.foreign))
    atlas.add(path)
    revision = atlas.catalogue.revision
    report = atlas.add(path)
    assert (report.counts["added"], report.counts["outside"], report.counts["embedded"]) == (
        0,
        1,
        0,
    )
    assert atlas.catalogue.revision == revision


@pytest.mark.slow
def test_a_dump_is_judged_and_places_nothing_by_itself(atlas: Atlas) -> None:
    records = [
        {"id": one.id, "title": one.title, "abstract": one.abstract, "categories": "cs.LG"}
        for one in atlas.field.new
    ]
    dump = atlas.file("dump.jsonl", "".join(json.dumps(one) + "\n" for one in records))
    report = atlas.add(dump)
    strangers = [one for one in atlas.field.new if FOREIGN in one.title]
    assert report.counts["read"] == len(atlas.field.new)
    assert report.counts["outside"] == len(strangers)
    assert report.counts["placed"] + report.counts["queued"] == len(records) - len(strangers)
    assert report.counts["added"] == report.counts["placed"] > 0
    keys = atlas.catalogue.papers.keys()
    assert set(atlas.catalogue.placements.get(keys)) == set(keys)
    assert atlas.field.world.times("arxiv") == []


@pytest.mark.slow
def test_all_takes_papers_as_they_are_and_a_topic_places_them(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", entry(atlas.foreign))
    assert atlas.add(path).counts["outside"] == 1
    assert atlas.add(path, take_all=True).counts["added"] == 1
    assert atlas.catalogue.placements.get([atlas.catalogue.identifiers.key(atlas.foreign.id)]) == {}
    atlas.add(path, topic=MERGING)
    assert atlas.placed(atlas.foreign.id) == {(MERGING, PlacedBy.PERSON)}


@pytest.mark.slow
def test_what_a_person_rejected_stays_out_until_a_person_wants_it(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", entry(atlas.new))
    atlas.add(path)
    decide(atlas.library, Decision.REJECT, atlas.new.id, embedder=HashedWords())
    assert atlas.add(path).counts["rejected"] == 1
    assert atlas.catalogue.identifiers.find("arxiv", atlas.new.id) is None
    assert atlas.add(path, topic=MERGING).counts["added"] == 1


@pytest.mark.slow
def test_entries_of_a_list_whose_headings_mean_no_topic_are_judged(atlas: Atlas) -> None:
    strange, new = atlas.foreign, atlas.new
    listed = replace(paper(9), title="A study under a heading that means a topic")
    path = atlas.file(
        "list.md",
        "# Mine\n\n## Model Fusion\n"
        f"- [{listed.title}](https://arxiv.org/abs/{listed.id})\n\n## Various\n"
        f"- [{new.title}](https://arxiv.org/abs/{new.id})\n"
        f"- [{strange.title}](https://arxiv.org/abs/{strange.id})\n",
    )
    report = atlas.add(path)
    assert (report.counts["added"], report.counts["placed"], report.counts["outside"]) == (2, 1, 1)
    assert atlas.placed(listed.id) == {(MERGING, PlacedBy.LIST)}
    entries = {(name, who) for name, who, _ in atlas.catalogue.lists.entries()}
    assert {("list.md", listed.id), ("list.md", new.id)} <= entries


@pytest.mark.slow
def test_while_a_refresh_runs_candidates_are_left_to_it(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", entry(atlas.new))
    with refresh_lock(atlas.library.settings.home):
        report = atlas.add(path)
    assert (report.counts["held"], report.counts["added"]) == (1, 0)
    assert "refreshing this atlas" in report.problems[0]
    atlas.field.refresh(atlas.home, ["learn-from-model"])
    assert atlas.catalogue.identifiers.find("arxiv", atlas.new.id)


# -- by identifiers ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "named",
    [
        "{id}",
        "arXiv:{id}v1",
        "https://arxiv.org/abs/{id}",
        "https://arxiv.org/pdf/{id}v1.pdf",
        "10.48550/arXiv.{id}",
        "https://doi.org/10.48550/arXiv.{id}",
    ],
)
def test_a_paper_is_added_by_what_identifies_it(atlas: Atlas, named: str) -> None:
    report = atlas.add(named.format(id=atlas.new.id))
    assert (report.counts["added"], report.counts["placed"]) == (1, 1)
    assert atlas.library.paper(atlas.new.id).paper.title == atlas.new.title
    assert len(atlas.field.world.times("arxiv")) == 1


@pytest.mark.slow
def test_a_doi_is_looked_up_and_leads_to_arxiv_where_the_paper_is_there(atlas: Atlas) -> None:
    atlas.field.world.annotate(atlas.new.id, doi="10.1000/soups.1")
    report = atlas.add("https://doi.org/10.1000/Soups.1")
    assert (report.counts["added"], report.failed) == (1, ())
    found = atlas.library.paper("10.1000/soups.1").paper
    assert (found.id, found.abstract) == (atlas.new.id, atlas.new.abstract)
    assert found.categories == atlas.new.categories


@pytest.mark.slow
def test_several_things_are_added_at_once(atlas: Atlas) -> None:
    path = atlas.file("refs.ris", f"TY  - JOUR\nTI  - {atlas.foreign.title}\nER  - \n")
    report = atlas.add(path, atlas.new.id, atlas.field.new[1].id)
    assert (report.source, report.counts["read"]) == ("refs.ris, lfm add", 3)
    assert report.counts["placed"] == 2


def test_a_known_paper_is_asked_for_nowhere(atlas: Atlas) -> None:
    known = atlas.field.listed["Model Fusion"][0]
    report = atlas.add(known.id, topic="model-editing")
    assert report.counts["added"] == 0
    assert ("model-editing", PlacedBy.PERSON) in atlas.placed(known.id)
    assert atlas.field.world.calls[-1].service != "arxiv"


@pytest.mark.slow
def test_what_no_service_knows_is_told(atlas: Atlas) -> None:
    report = atlas.add("2299.99999".replace("2299", "2212"), "10.1000/nothing", atlas.new.id)
    assert report.counts["added"] == 1
    assert report.failed == (
        "2212.99999: arXiv has no such paper",
        "10.1000/nothing: OpenAlex has no such DOI",
    )


def test_a_wrong_identifier_in_a_bibliography_is_told_and_not_believed(atlas: Atlas) -> None:
    text = f"@misc{{a, title = {{Another matter altogether}}, eprint = {{{atlas.new.id}}}}}"
    report = atlas.add(atlas.file("refs.bib", text), take_all=True)
    assert atlas.new.title in report.problems[0]
    (key,) = atlas.catalogue.papers.existing(
        [atlas.catalogue.identifiers.key("Another matter altogether")]
    )
    assert atlas.catalogue.papers.get([key])[0].arxiv_id is None
    assert atlas.catalogue.identifiers.find("arxiv", atlas.new.id) is None


# -- without a network -------------------------------------------------------------------------


@pytest.mark.slow
def test_without_a_network_what_the_file_says_is_kept_and_completed_later(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", entry(atlas.new))
    report = atlas.add(path, outside=offline())
    assert report.counts["added"] == report.counts["placed"] == 1
    (line,) = report.problems
    assert "arXiv could not be asked" in line
    assert "the next refresh completes it" in line
    assert atlas.library.paper(atlas.new.id).paper.abstract is None
    atlas.field.refresh(atlas.home, ["arxiv"])
    assert atlas.library.paper(atlas.new.id).paper.abstract == atlas.new.abstract


@pytest.mark.slow
def test_without_a_network_an_identifier_is_asked_for_by_the_next_refresh(atlas: Atlas) -> None:
    report = atlas.add(atlas.new.id, outside=offline())
    assert report.counts["added"] == 0
    assert report.failed == (f"{atlas.new.id}: not added yet, the next refresh asks for it",)
    atlas.field.refresh(atlas.home, ["arxiv"])
    assert atlas.library.paper(atlas.new.id).paper.title == atlas.new.title


# -- refused -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "named", ["missing.bib", "Model soups", "https://example.org/x", "x" * 400]
)
def test_what_is_no_file_and_no_identifier_is_refused_before_anything_is_stored(
    atlas: Atlas, named: str
) -> None:
    path = atlas.file("refs.bib", entry(atlas.new))
    with pytest.raises(BadSource, match="no such file") as refused:
        atlas.add(path, named)
    assert "\n" not in str(refused.value)
    assert atlas.catalogue.identifiers.find("arxiv", atlas.new.id) is None


def test_options_that_contradict_each_other_are_refused(atlas: Atlas) -> None:
    with pytest.raises(BadRequest, match="contradict"):
        atlas.add(atlas.new.id, only_known=True, take_all=True)
    with pytest.raises(NotFound):
        atlas.add(atlas.new.id, topic="no-such-topic")


def test_a_file_in_a_format_that_is_not_read_is_refused_by_name(atlas: Atlas) -> None:
    path = atlas.file("refs.xml", "<?xml version='1.0'?><xml><records><record/></records></xml>")
    with pytest.raises(BadSource, match="EndNote XML"):
        atlas.add(path)


@pytest.mark.slow
def test_mistakes_of_a_file_are_told_with_its_line(atlas: Atlas) -> None:
    path = atlas.file("refs.bib", f"@misc{{a,\n title = {{{atlas.new.title}}}\n year = 2026}}")
    report = atlas.add(path)
    assert report.counts["placed"] == 1
    assert [f"{path}:2: there is no comma" in one for one in report.problems] == [True]


# -- only what is known ------------------------------------------------------------------------

SLIP: dict[str, tuple[Callable[[Merger], object], dict[str, Any]]] = {
    "an id that a list gave to another paper": (
        lambda merger: merger.put_entry(
            ListEntry("Merging by a slip of the hand", arxiv_id="2601.00009"), "a-list", MERGING
        ),
        {"id": "2601.00009", "title": "Galaxies far away", "authors": "Ada Far"},
    ),
    "a DOI that is that of another arXiv paper": (
        lambda merger: merger.put_record(paper(8, doi="10.1000/x")),
        {"id": "2601.00009", "title": "Galaxies far away", "doi": "10.1000/x"},
    ),
    "a title that others gave their paper too": (
        lambda merger: merger.put_record(
            Paper("doi:10.1000/y", "A title of many words", ("Bo Near",), doi="10.1000/y",
                  published=paper(1).published, abstract="Near.")
        ),
        {"id": "2601.00009", "title": "A title of many words", "authors": "Ada Far"},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", SLIP)
@pytest.mark.parametrize("only_known", [True, False])
def test_no_record_of_a_dump_enters_under_no_topic(
    atlas: Atlas, case: str, only_known: bool
) -> None:
    prepare, record = SLIP[case]
    prepare(Merger(atlas.catalogue))
    before = atlas.catalogue.size()
    placed = set(atlas.catalogue.placements.get(atlas.catalogue.papers.keys()))
    dump = atlas.file("dump.jsonl", json.dumps(record) + "\n")
    report = atlas.add(dump, only_known=only_known)
    entered = atlas.catalogue.size() - before
    assert entered == report.counts.get("added", 0)
    if only_known:
        assert entered == 0
    now = atlas.catalogue.placements.get(atlas.catalogue.papers.keys())
    assert len(set(now) - placed) == entered


@pytest.mark.slow
def test_a_csl_item_alone_is_no_dump(atlas: Atlas) -> None:
    item = {"id": "a", "type": "article", "title": atlas.new.title, "DOI": "10.1000/x"}
    for name, indent in (("one.json", None), ("many.json", 1)):
        report = atlas.add(atlas.file(name, json.dumps(item, indent=indent)))
        assert (report.problems, report.counts["read"]) == ((), 1)


# -- what the atlas wrote ----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bibtex", "ris", "csl-json", "csv", "list"])
def test_what_the_atlas_wrote_adds_nothing_to_it(atlas: Atlas, name: str) -> None:
    # A short title tells no paper from another, but this file has nothing else to say.
    Merger(atlas.catalogue).put_entry(ListEntry("Meta-Learning"), "a-list", MERGING)
    before = facts(atlas.home)
    written = atlas.library.export(name, Filters())
    report = atlas.add(atlas.file("export.md" if name == "list" else "export.txt", written))
    assert (report.problems, report.failed) == ((), ())
    assert report.counts["added"] == 0
    assert "placed" not in report.counts
    now = facts(atlas.home)
    for table in ("papers", "authors", "reviews", "candidates"):
        assert now[table] == before[table]
