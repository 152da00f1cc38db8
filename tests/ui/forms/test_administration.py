"""What the administrator does on the page: refreshes, and decisions on papers that wait."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.lock import holder, refresh_lock
from ingest.refresh.runner import Runner
from ingest.refresh.schedule import Schedule
from kg.entities.entity import EntityType
from kg.errors import AtlasError, Busy
from kg.records import PlacedBy
from kg.store.reviews import Decision
from search.library import Library
from tests.support.factories import paper
from tests.support.serving import small_library
from ui.background import BackgroundRefresh
from ui.forms import actions
from ui.page.address import Address
from ui.page.visit import Visit

LAYER = "model-reuse/model-fusion/weight-interpolation"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(tmp_path) as opened:
        yield opened


def visit(
    library: Library, background: BackgroundRefresh | None = None, administrator: bool = True
) -> Visit:
    address = Address.parse("?view=status")
    return Visit(library, address, administrator=administrator, background=background)


def act(
    library: Library, action: str, fields: dict[str, object], **more: object
) -> dict[str, object]:
    return actions.act(visit(library, **more), {"action": action, "fields": fields})


def test_a_server_that_follows_a_snapshot_only_reads(waiting: Library) -> None:
    schedule = Schedule(timedelta(minutes=10), ["true"], lambda: None)
    background = BackgroundRefresh(waiting, following=schedule)
    before = waiting.catalogue.reviews.ids()
    fields: dict[str, object] = {"id": paper(90).id, "decision": "accept"}
    for action in ("review", "refresh"):
        told = act(waiting, action, fields, background=background)
        assert told["done"] is False
        assert "follows a snapshot and only reads" in str(told["message"])
    assert waiting.catalogue.reviews.ids() == before
    assert background.runner.last is None


# -- review --------------------------------------------------------------------------------


@pytest.fixture
def waiting(library: Library) -> Library:
    library.catalogue.reviews.add(paper(90), [(LAYER, 0.6), ("model-editing", 0.3)], 0.9)
    library.catalogue.reviews.add(paper(91), [], 0.5)
    return library


def placed(library: Library, name: str) -> list[tuple[str, PlacedBy]]:
    key = library.catalogue.identifiers.key(name)
    found = library.catalogue.placements.get([key]).get(key, [])
    return [(one.topic, one.placed_by) for one in found]


def test_accepting_puts_a_paper_under_the_models_topic(waiting: Library) -> None:
    # The field of the other button is filled in as well, and is not meant.
    fields = {"id": paper(90).id, "decision": "accept", "topic": "model-editing"}
    done = act(waiting, "review", fields)
    assert done["done"] is True
    assert "Weight Interpolation" in str(done["message"])
    assert placed(waiting, paper(90).id) == [(LAYER, PlacedBy.PERSON)]
    assert waiting.ask("subject 90").hits[0].paper.id == paper(90).id
    assert [one.paper.id for one in waiting.catalogue.reviews.waiting()] == [paper(91).id]


def test_an_accepted_paper_is_related_to_what_it_names(library: Library) -> None:
    named = paper(92, abstract="It works on GLUE.")
    library.catalogue.reviews.add(named, [(LAYER, 0.6)], 0.9)
    act(library, "review", {"id": named.id, "decision": "accept"})
    (found,) = library.catalogue.relations.of_papers([library.catalogue.identifiers.key(named.id)])
    assert library.catalogue.entities.ids([found.entity]) == {found.entity: "benchmark/glue"}


def test_moving_puts_it_elsewhere(waiting: Library) -> None:
    fields = {"id": paper(91).id, "decision": "move", "topic": "model-editing"}
    assert act(waiting, "review", fields)["done"] is True
    assert placed(waiting, paper(91).id) == [("model-editing", PlacedBy.PERSON)]


def test_rejecting_leaves_it_out(waiting: Library) -> None:
    fields = {"id": paper(90).id, "decision": "reject", "topic": "model-editing"}
    assert act(waiting, "review", fields)["message"] == f"Rejected: {paper(90).title}"
    assert waiting.catalogue.reviews.decided() == {paper(90).id: Decision.REJECT}
    assert waiting.catalogue.size() == 6


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "say what is to become"),
        ({"id": "2001.00090", "decision": "burn"}, "say what is to become"),
        ({"id": "2001.00090", "decision": ["accept"]}, "say what is to become"),
        ({"id": "2001.00090", "decision": "move"}, "name a topic"),
        ({"id": "2001.00090", "decision": "move", "topic": "nowhere"}, "no topic"),
        ({"id": "2001.00091", "decision": "accept"}, "no topic for"),
        ({"id": "2001.00001", "decision": "accept"}, "does not wait"),
        ({"id": "", "decision": "accept"}, "no paper"),
    ],
)
def test_a_decision_that_means_nothing_changes_nothing(
    waiting: Library, fields: dict[str, object], told: str
) -> None:
    done = act(waiting, "review", fields)
    assert done["done"] is False
    assert told in str(done["message"])
    assert len(waiting.catalogue.reviews.waiting()) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"decision": "accept", "type": "model"}, "Accepted as model/footune: FooTune"),
        ({"decision": "accept"}, "Accepted as method/footune: FooTune"),
        ({"decision": "reject", "type": "model"}, "Never proposed again: FooTune"),
        ({"decision": "accept", "type": "tool"}, "there is no type 'tool' of names"),
    ],
)
def test_a_proposed_name_is_decided_on(
    library: Library, fields: dict[str, object], message: str
) -> None:
    library.catalogue.proposals.add("FooTune", EntityType.METHOD, [paper(1).id])
    done = act(library, "review", {"id": "FooTune", **fields})
    assert str(done["message"]).startswith(message)
    assert library.catalogue.proposals.waits("FooTune") is not done["done"]


def test_nobody_else_may_decide_or_refresh(waiting: Library) -> None:
    fields = {"id": paper(90).id, "decision": "accept"}
    for action in ("review", "refresh"):
        done = act(waiting, action, fields, administrator=False)
        assert done["done"] is False
        assert "only the administrator" in str(done["message"])
    assert len(waiting.catalogue.reviews.waiting()) == 2


# -- refresh -------------------------------------------------------------------------------


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def ended(runner: Runner) -> None:
    until(lambda: not runner.running)


@pytest.mark.parametrize("status", [0, 3])
def test_a_run_is_known_until_it_has_ended_and_how(status: int) -> None:
    runner = Runner([sys.executable, "-c", f"raise SystemExit({status})"])
    assert runner.last is None
    started = runner.start().started
    ended(runner)
    assert runner.last
    assert runner.last.status == status
    assert runner.last.finished
    assert runner.last.finished >= started
    runner.start()  # It may run again.
    ended(runner)


def test_there_is_one_run_at_a_time_and_it_can_be_stopped() -> None:
    runner = Runner([sys.executable, "-c", "import time; time.sleep(600)"])
    runner.start()
    with pytest.raises(Busy):
        runner.start()
    runner.stop()
    assert not runner.running
    assert runner.last
    assert runner.last.status
    runner.stop()  # Nothing is left to stop.


def test_a_run_that_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "open(sys.argv[1], 'w'); time.sleep(600)"
    )
    runner = Runner([sys.executable, "-c", deaf, str(ready)], stop_timeout=0.01)
    runner.start()
    until(ready.exists)
    runner.stop()
    assert runner.last
    assert runner.last.status == -signal.SIGKILL


def test_a_program_that_is_not_there_is_told() -> None:
    runner = Runner(["/nowhere/lfm"])
    with pytest.raises(AtlasError, match="cannot run"):
        runner.start()
    assert not runner.running


def test_the_button_begins_a_refresh_of_this_atlas(library: Library, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"import os; open({str(told)!r}, 'w').write(os.environ['LFM_HOME'])"
    usual = BackgroundRefresh(library).runner
    runner = Runner([sys.executable, "-c", script], usual.environment)
    done = act(library, "refresh", {}, background=BackgroundRefresh(library, runner=runner))
    assert done == {"done": True, "message": "The refresh has begun."}
    ended(runner)
    assert told.read_text(encoding="utf-8") == str(library.settings.home)
    assert usual.command[1:] == ("-m", "ui", "refresh")


def test_who_else_refreshes_is_told(library: Library) -> None:
    background = BackgroundRefresh(library, runner=Runner(["/nowhere/lfm"]))
    assert background.running() is None
    with refresh_lock(library.settings.home):
        now = background.running()
        assert now
        assert now.holder
        assert now.holder.pid == os.getpid()
        done = act(library, "refresh", {}, background=background)
        assert done["done"] is False
        assert f"process {os.getpid()}" in str(done["message"])
    assert background.running() is None


def test_a_refresh_that_died_is_not_under_way(tmp_path: Path) -> None:
    dead = {"pid": 2**22 + 1, "host": socket.gethostname(), "since": "2026-01-01T00:00:00+00:00"}
    (tmp_path / "refresh.holder.json").write_text(json.dumps(dead), encoding="utf-8")
    assert holder(tmp_path) is None
    elsewhere = {**dead, "host": "another-machine"}
    (tmp_path / "refresh.holder.json").write_text(json.dumps(elsewhere), encoding="utf-8")
    assert holder(tmp_path)
