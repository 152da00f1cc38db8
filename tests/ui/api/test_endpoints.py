"""The named endpoints, through `gradio_client`: they answer as the commands do."""

import inspect
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from ingest.embedding import embed_missing
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.folders import ROOT
from tests.support.tool_cases import CASES, QUESTION, SOUPS, Case, command_says, snapshot, timeless
from ui.api import tools
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.slow

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("small"))
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(1, 30)))
        embed_missing(catalogue, HashedWords())
    with Library(settings, HashedWords()) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with in_background(library, Serving(port=0, rate=0)) as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    made = Client(address, verbose=False)
    yield made
    made.close()


@pytest.fixture
def ask(client: Client) -> Ask:
    return lambda name, **arguments: client.predict(**arguments, api_name=f"/{name}")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, unpacked_snapshot: Path) -> Iterator[Client]:
    with (
        snapshot(tmp_path_factory.mktemp("real"), unpacked_snapshot) as opened,
        in_background(opened, Serving(port=0, rate=0)) as address,
    ):
        made = Client(address, verbose=False)
        yield made
        made.close()


@pytest.mark.model
@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.command))
def test_an_endpoint_answers_what_the_command_prints(
    case: Case, real: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    found = real.predict(**case.arguments, api_name=f"/{case.tool}")
    wanted = command_says(case.command, capsys)
    assert (found if isinstance(found, str) else timeless(found)) == wanted


@pytest.mark.model
def test_positions_name_the_arguments_too(real: Client) -> None:
    found = real.predict(QUESTION, 2, api_name="/ask")
    assert [found["question"], len(found["results"])] == [QUESTION, 2]


@pytest.mark.model
def test_a_summary_is_told_with_the_strength_of_its_evidence(real: Client) -> None:
    strengths = {
        question: real.predict(question, summary=True, api_name="/ask")["summary"]["judgement"][
            "strength"
        ]
        for question in (QUESTION, "what will the weather be in Paris")
    }
    assert strengths[QUESTION] == "good"
    assert strengths["what will the weather be in Paris"] == "none"


@pytest.mark.model
def test_papers_are_exported_as_they_are_named(real: Client) -> None:
    for form in ("bibtex", "graphml"):
        text = real.predict(form, ids=[f"https://arxiv.org/abs/{SOUPS}"], api_name="/export")
        assert "Model soups" in text
        assert len(text) < 20_000


def test_every_endpoint_is_described(client: Client) -> None:
    named = client.view_api(print_info=False, return_format="dict")["named_endpoints"]
    assert [name.strip("/") for name in named] == list(tools.NAMES)
    for name, endpoint in named.items():
        assert endpoint["description"].endswith("."), name
        for parameter in endpoint["parameters"]:
            assert parameter["python_type"]["description"], (name, parameter["parameter_name"])
        assert [one["label"] for one in endpoint["returns"]] == ["answer"]


def test_the_atlas_tells_how_much_it_knows(ask: Ask) -> None:
    found = ask("health")
    assert (found["counts"]["papers"], found["model"]) == (29, "hashed-words")
    assert found["last_refresh"] is None


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("ask", {"question": " "}, "the question is empty: ask something, such as 'model merging'"),
        ("ask", {"question": "x" * 2_001}, "question: string should have at most 2000 characters"),
        ("ask", {"question": "x", "k": 0}, "k: input should be greater than or equal to 1"),
        ("ask", {"question": "x", "k": 201}, "k: input should be less than or equal to 200"),
        ("ask", {"question": "x", "k": "ten"}, "k: input should be a valid integer"),
        ("ask", {"question": "x", "mode": "magic"}, "mode: input should be 'hybrid', 'dense'"),
        ("ask", {"question": ["x"]}, "question: input should be a valid string"),
        ("ask", {"question": "x", "since": 2024, "until": 2020}, "no year is since 2024"),
        ("ask", {"question": "x", "since": "2024-13"}, "'2024-13' is in no calendar"),
        ("export", {"format": "ris", "until": "soon"}, "'soon' is no date"),
        ("ask", {"question": "x", "topic": "nowhere"}, "no topic 'nowhere' in the atlas"),
        ("paper", {"id": "2001.99999"}, "no paper '2001.99999' in the atlas: did you mean"),
        ("topics", {"topic": "nowhere"}, "no topic 'nowhere' in the atlas"),
        ("similar", {}, "give a paper or a text: one of `id` and `text`"),
        ("similar", {"id": "2001.00001", "text": "x"}, "give a paper or a text"),
        ("compare", {}, "give names or a question: one of `names` and `question`"),
        ("compare", {"names": ["2001.00001"]}, "one alone cannot be compared"),
        ("path", {"a": "2001.00001", "b": "nowhere"}, "nowhere"),
        ("path", {"a": "2001.00001", "b": "2001.00002", "n": 21}, "n: input should be less than"),
        ("related", {"ids": []}, "the list of papers is empty"),
        ("related", {"ids": ["x"] * 201}, "ids: list should have at most 200 items"),
        ("changes", {"since": "yesterday"}, "'yesterday' is no day: write it as 2026-01-31"),
        ("export", {"format": "word"}, "format: input should be 'bibtex'"),
        ("export", {"format": "ris", "ids": ["2001.00001"], "since": 2020}, "give ids or filters"),
        ("export", {"format": "ris", "ids": []}, "the list of papers is empty"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    name: str, arguments: dict[str, Any], line: str, ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AppError) as caught:
        ask(name, **arguments)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    # What a program does wrong is nothing for the server's log.
    assert "Traceback" not in capfd.readouterr().err


def test_null_means_left_out(ask: Ask) -> None:
    found = ask("ask", question="subject", k=3, topic=None, category=None, author=None)
    assert len(found["results"]) == 3


def test_a_failure_of_ours_names_nothing_of_this_machine(
    ask: Ask,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object) -> None:
        raise OSError(2, "No such file", "/home/somebody/secret")

    monkeypatch.setattr(library, "ask", fails)
    with pytest.raises(AppError) as caught:
        ask("ask", question="x")
    assert str(caught.value) == "this failed: the server's log says how"
    assert "/home/somebody/secret" in capfd.readouterr().err


def test_one_request_without_a_client_is_enough(address: str) -> None:
    def post(path: str, body: object) -> Any:
        request = urllib.request.Request(
            address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    assert post("gradio_api/run/paper", {"data": ["2001.00007"]})["data"][0]["id"] == "2001.00007"
    begun = post("gradio_api/call/v2/similar", {"id": "2001.00007", "k": 2})
    with urllib.request.urlopen(f"{address}gradio_api/call/similar/{begun['event_id']}") as stream:
        event, data = stream.read().decode().split("\n")[:2]
    assert event == "event: complete"
    assert len(json.loads(data.removeprefix("data: "))[0]["results"]) == 2


DOCUMENTATION = ROOT / "docs" / "programs.md"


def test_the_documentation_lists_each_tool() -> None:
    table = DOCUMENTATION.read_text(encoding="utf-8").split("tools -->")[1].splitlines()[3:-1]
    wanted = []
    for name in tools.NAMES:
        tool = getattr(tools.Tools, name)
        parameters = [f"`{one}`" for one in inspect.signature(tool).parameters if one != "self"]
        about = (inspect.getdoc(tool) or "").partition("\n")[0].rstrip(".")
        wanted.append(f"| `{name}` | {', '.join(parameters)} | {about} |")
    assert table == wanted


def test_the_example_of_the_documentation_runs(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(
        r"```python\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL
    )
    space: dict[str, Any] = {}
    exec(example.replace("http://127.0.0.1:7860/", address), space)
    assert len(capsys.readouterr().out.splitlines()) == 3
    space["atlas"].close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_requests_of_the_documentation_are_answered(address: str) -> None:
    (shown, begun) = re.findall(
        r"```sh\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL
    )

    def run(command: str) -> str:
        command = command.replace("http://127.0.0.1:7860/", address).replace(SOUPS, "2001.00007")
        return subprocess.run(
            command, shell=True, check=True, capture_output=True, text=True
        ).stdout

    assert json.loads(run(shown))["data"][0]["id"] == "2001.00007"
    first, second = begun.strip().rsplit("\n", 1)
    event = json.loads(run(first))["event_id"]
    assert run(second.replace("EVENT_ID", event)).startswith("event: complete\n")
