"""The command's contract: exit status, one line on stderr, JSON on stdout, nothing lost."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg.records import Paper
from search.ranking.answers import Hit
from search.ranking.strength import HEADLINES, Strength
from tests.support.bundled_counts import papers_under
from ui.cli import command_options, main, render

QUESTIONS = {
    "How can models be merged without any training data?": "model-reuse",
    "average the weights of several fine-tuned models": "model-reuse",
    "Which methods edit a fact in a language model without retraining?": "model-editing",
    "locate and edit factual associations in transformer weights": "model-editing",
    "distil a teacher network when its training data are not available": "model-distillation",
    "knowledge distillation of large language models into small ones": "model-distillation",
    "parameter-efficient fine-tuning with adapters": "model-tuning",
    "soft prompts learned by gradient descent": "model-tuning",
    "meta-learn an initialisation that adapts in a few gradient steps": "meta-learning",
    "data-free meta-learning from black-box models": "meta-learning",
}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An LFM_HOME in which the bundled snapshot is opened once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def lfm(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command in this process: (status, stdout, stderr)."""
    monkeypatch.setenv("LFM_HOME", str(home))

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main.main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def ask(lfm):
    """The results of `lfm ask --json`."""

    def run(*arguments: str) -> list[dict]:
        status, out, err = lfm("ask", *arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)["results"]

    return run


@pytest.mark.model
@pytest.mark.parametrize(("question", "area"), QUESTIONS.items())
def test_answers_belong_to_the_area_asked_for(ask, question: str, area: str):
    found = ask(question, "-k", "5")
    inside = [any(topic.startswith(area) for topic in one["topics"]) for one in found]
    assert len(found) == 5
    assert inside[0]
    assert sum(inside) >= 4


@pytest.mark.model
def test_ask_has_the_contracts_json(lfm):
    status, out, err = lfm("ask", "model soups", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert set(document) == {"question", "took_ms", "strength", "understood", "results"}
    assert document["strength"] == "good"
    assert len(document["results"]) == 10
    expected = "rank id title authors year venue topics categories score url evidence why"
    for rank, result in enumerate(document["results"], 1):
        assert set(expected.split()) <= set(result)
        assert result["rank"] == rank
        assert set(result["why"]) == {"dense", "keyword", "named"}
        assert result["evidence"] is None or isinstance(result["evidence"], str)


@pytest.mark.model
@pytest.mark.parametrize("question", ["how to bake bread", "知识蒸馏", "как испечь хлеб"])
def test_a_question_that_nothing_answers_gets_no_scores(lfm, question: str):
    status, out, err = lfm("ask", question)
    assert (status, err) == (0, "")
    assert out.startswith(HEADLINES[Strength.NONE])
    assert "score" not in out
    assert json.loads(lfm("ask", question, "--json")[1])["strength"] == "none"


@pytest.mark.model
def test_weak_evidence_is_admitted_before_the_papers(lfm):
    question = "editing pizza models"
    out = lfm("ask", question)[1]
    assert out.startswith(HEADLINES[Strength.WEAK])
    assert "pizza" in out.split("\n 1.")[0]
    assert json.loads(lfm("ask", question, "--json")[1])["strength"] == "weak"


@pytest.mark.model
def test_filters_leave_k_results_where_k_exist(ask):
    topic = "model-reuse/model-fusion/straightforward-optimization"
    for k in (15, 50):
        found = ask("merging", "--topic", topic, "-k", str(k))
        assert len(found) == min(k, papers_under(topic)) >= 15
        assert all(topic in one["topics"] for one in found)
    recent = ask("merging", "--since", "2021", "--until", "2022", "-k", "50")
    assert len(recent) == 50
    assert all(2021 <= one["year"] <= 2022 for one in recent)
    by_author = ask("merging", "--author", "hinton")
    assert by_author
    assert all(any("Hinton" in name for name in one["authors"]) for one in by_author)
    assert all("cs.CL" in one["categories"] for one in ask("merging", "--category", "cs.CL"))
    both = ask("merging", "--category", "cs.RO", "--category", "cs.IR")
    assert both
    assert all({"cs.RO", "cs.IR"} & set(one["categories"]) for one in both)


@pytest.mark.model
def test_a_date_is_a_year_a_month_or_a_day(ask, lfm):
    months = ask("merging", "--since", "2024-05", "--until", "2024-06", "-k", "50")
    assert months
    assert all(one["year"] == 2024 for one in months)
    known = [one["id"][:4] for one in months if one["id"][0].isdigit()]
    # What came on the last day of June got its id in July.
    assert {"2405", "2406"} <= set(known) <= {"2405", "2406", "2407"}
    assert ask("merging", "--since", "2024", "-k", "3") == ask(
        "merging", "--since", "2024-01", "-k", "3"
    )
    document = json.loads(lfm("influential", "--since", "2024-05", "--json")[1])
    assert document["since"] == "2024-05"
    assert all(one["paper"]["year"] >= 2024 for one in document["papers"])
    lines = lfm("export", "csv", "--since", "2024-05-17", "--until", "2024-05")[1].splitlines()
    assert 1 < len(lines) < 200


@pytest.mark.model
def test_nothing_found_is_done(lfm):
    status, out, err = lfm("ask", "merging", "--author", "nobody at all")
    assert (status, err) == (0, "")
    assert "No paper" in out


@pytest.mark.model
@pytest.mark.parametrize("mode", ["hybrid", "dense", "keyword"])
def test_any_text_is_a_question(ask, mode: str):
    for text in (
        '"',
        "NEAR(",
        "title:*",
        "a AND",
        "🤖",
        "模型合并",
        "x" * 10_000,
        "a " * 5_000,
        "\\",
    ):
        ask(text, "--mode", mode)


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "paper"),
    [("LoRA", "2106.09685"), ("model soups", "2203.05482"), ("zipit!", "2305.03053")],
)
def test_a_paper_asked_for_by_name_comes_first(ask, name: str, paper: str):
    assert ask(name)[0]["id"] == paper
    assert ask(name, "--mode", "keyword")[0]["id"] == paper


@pytest.mark.slow
def test_topics_counts_include_descendants(lfm):
    status, out, _ = lfm("topics", "--json")
    tree = json.loads(out)["topics"]
    areas = ["model-tuning", "model-distillation", "model-reuse", "meta-learning", "model-editing"]
    assert status == 0
    assert [topic["id"] for topic in tree] == areas

    def check(topic: dict) -> None:
        assert set(topic) == {"id", "name", "papers", "children"}
        if topic["children"]:
            assert topic["papers"] >= max(child["papers"] for child in topic["children"])
        for child in topic["children"]:
            assert child["id"].startswith(topic["id"] + "/")
            check(child)

    for topic in tree:
        assert topic["papers"] > 50
        check(topic)


@pytest.mark.slow
def test_one_topic_lists_as_many_papers_as_it_counts(lfm):
    _, out, _ = lfm("topics", "model-reuse/model-fusion/mode-connectivity", "--json")
    document = json.loads(out)
    assert document["topics"][0]["papers"] == len(document["papers"])
    years = [paper["year"] or 0 for paper in document["papers"]]
    assert years == sorted(years, reverse=True)


@pytest.mark.model
@pytest.mark.parametrize("name", ["2203.05482", "https://arxiv.org/pdf/2203.05482v3"])
def test_paper_shows_facts_and_neighbours(lfm, name: str):
    status, out, _ = lfm("paper", name, "--json")
    page = json.loads(out)
    assert status == 0
    assert page["id"] == "2203.05482"
    assert page["title"].startswith("Model soups")
    assert "model-reuse/model-fusion/weight-interpolation" in page["topics"]
    assert page["citations"]
    assert len(page["similar"]) == 5


@pytest.mark.model
def test_similar_leaves_the_paper_itself_out(lfm):
    _, out, _ = lfm("similar", "2203.05482", "-k", "20", "--json")
    ids = [one["id"] for one in json.loads(out)["results"]]
    assert len(ids) == 20
    assert "2203.05482" not in ids


@pytest.mark.model
def test_similar_reads_an_abstract_from_stdin(home: Path):
    text = "We average the weights of many fine-tuned models and gain accuracy at no cost."
    done = _command(home, "similar", "-", "-k", "3", "--json", stdin=text)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["results"]) == 3


@pytest.mark.model
def test_status_tells_what_there_is(lfm):
    _, out, _ = lfm("status", "--json")
    status = json.loads(out)
    assert status["counts"]["papers"] >= 1200
    assert status["counts"]["placed"] == status["counts"]["papers"]
    assert status["model"] == "all-MiniLM-L6-v2"
    assert status["stale"] == 0
    assert status["device"]


@pytest.mark.slow
def test_export_writes_bibtex_whole_or_not_at_all(lfm, tmp_path: Path):
    target = tmp_path / "soups.bib"
    assert lfm("export", "bibtex", "--topic", "model-editing", "-o", str(target))[0] == 0
    assert target.read_text().count("\n@") > 100
    status, out, err = lfm("export", "bibtex", "-o", str(tmp_path / "missing" / "x.bib"))
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [target]


def test_the_command_alone_says_what_to_try_first(lfm):
    status, out, err = lfm()
    assert (status, err) == (0, "")
    assert len(out.splitlines()) < 15
    tried = re.findall(r"^  lfm (\w+)", out, re.MULTILINE)
    assert tried[0] == "ask"
    assert set(tried) <= set(re.findall(r"^    (\w+)", main.parser().format_help(), re.MULTILINE))


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["ask", ""], 2, "empty"),
        (["ask", "  \n "], 2, "empty"),
        (["ask", "x", "-k", "0"], 2, "1 or more"),
        (["ask", "x", "-k", "many"], 2, "many"),
        (["ask", "x", "--mode", "magic"], 2, "magic"),
        (["ask", "x", "--since", "2024", "--until", "2020"], 2, "2024"),
        (["ask", "x", "--since", "2024-13"], 2, "2024-13"),
        (["ask", "x", "--until", "2024-02-30"], 2, "2024-02-30"),
        (["ask", "x", "--since", "2024-06", "--until", "2024-05-31"], 2, "swap them"),
        (["export", "ris", "--since", "May 2024"], 2, "2024-05-17"),
        (["influential", "--since", "2024-00"], 2, "2024-00"),
        (["ask"], 2, "QUESTION"),
        (["dance"], 2, "dance"),
        (["ask", "x", "--topic", "model-edting"], 1, "model-editing"),
        (["topics", "model-reuse/model-fusoin"], 1, "model-reuse/model-fusion"),
        (["paper", "2203.05483"], 1, "2203.05482"),
        (["paper", "no such paper anywhere zzz"], 1, "no paper"),
        (["similar", "9999.99999"], 1, "no paper"),
        (["export", "docx"], 2, "bibtex"),
        (["read", "missing.md"], 1, "missing.md"),
        (["add", "missing.md"], 1, "missing.md"),
        (["eval", "missing"], 2, "missing"),
    ],
)
def test_bad_usage_gets_one_clear_line(lfm, arguments: list[str], status: int, told: str):
    got, out, err = lfm(*arguments)
    assert got == status
    assert out == ""
    assert err.startswith("lfm: ")
    assert err.count("\n") == 1
    assert told in err


def test_a_title_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]):
    paper = Paper(id="1", title="A\x1b[2J title\x9b1A\u202e here")
    render.similar([Hit(1, 1, paper, (), 0.5, "Evi\x1b]0;x\x07dence", 1, None)])
    out = capsys.readouterr().out
    assert "A[2J title1A here" in out
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(out)


def _command(home: Path, *arguments: str, stdin: str = "", **environment: str):
    return subprocess.run(
        [sys.executable, "-m", "ui", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "LFM_HOME": str(home), **environment},
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LFM_MODEL": "./no/such/model"}, "no/such/model"),
        ({"LFM_INDEX": "magic"}, "exact, ivf or milvus"),
        ({"LFM_WORDS": "magic"}, "use auto, fts5, tantivy or milvus"),
        ({"LFM_HOME": "/dev/null/atlas"}, "LFM_HOME"),
    ],
)
def test_bad_settings_get_one_clear_line(home: Path, environment: dict[str, str], told: str):
    done = _command(home, "ask", "merging", **environment)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


@pytest.mark.slow
def test_a_damaged_catalogue_is_refused_and_kept(tmp_path: Path):
    catalogue = tmp_path / "atlas.sqlite"
    catalogue.write_bytes(b"not a database at all" * 100)
    done = _command(tmp_path, "ask", "merging")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "damaged" in done.stderr
    assert catalogue.read_bytes() == b"not a database at all" * 100


@pytest.mark.model
@pytest.mark.parametrize("kind", ["exact", "faiss"])
def test_a_damaged_index_is_rebuilt(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LFM_INDEX", kind)
    before = _command(tmp_path, "ask", "merging", "--json")
    (index,) = tmp_path.glob(f"cache/*.{kind}")
    whole = index.read_bytes()
    index.write_bytes(whole[: len(whole) // 2])
    after = _command(tmp_path, "ask", "merging", "--json")
    assert after.stderr == ""
    assert json.loads(after.stdout)["results"] == json.loads(before.stdout)["results"]
    assert index.read_bytes() == whole


@pytest.mark.model
def test_a_question_imports_nothing_slow(home: Path):
    code = (
        "import sys; from ui.cli import main; main.main(['ask', 'merging', '--json']);"
        "slow = {'torch', 'transformers', 'sentence_transformers', 'gradio', 'pandas', 'scipy',"
        " 'networkx', 'requests', 'arxiv'} & set(sys.modules); sys.exit(', '.join(slow) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "LFM_HOME": str(home)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# What takes a millisecond or more to import, and no plain question needs once caches are there.
SPARED = (
    "yaml hashlib logging html difflib calendar importlib.resources zipfile platformdirs traceback"
    " getpass shutil tempfile rich tokenizers kg.store.arrivals kg.export.formats kg.taxonomy.file"
    " ui.cli.graph_commands ui.cli.account_commands search.pages.digest.formats"
    " search.pages.comparison.formats"
).split()


@pytest.mark.model
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_second_question_imports_nothing_that_caches_spare(home: Path, options: tuple[str, ...]):
    code = (
        "import sys; before = set(sys.modules); from ui.cli import main;"
        " main.main(['ask', 'How can models be merged without any training data?', *sys.argv[1:]]);"
        f" found = {set(SPARED)} & (set(sys.modules) - before); sys.exit(', '.join(found) or 0)"
    )
    _command(home, "ask", "merging", "--json")
    done = subprocess.run(
        [sys.executable, "-c", code, *options],
        capture_output=True,
        text=True,
        env={**os.environ, "LFM_HOME": str(home)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def _parsers(only: str = "") -> dict[str, argparse.ArgumentParser]:
    (known,) = (one for one in main.parser(only)._actions if isinstance(one.choices, dict))
    return known.choices


@pytest.mark.parametrize("only", ["", "--help", "no-command"])
def test_without_a_command_all_commands_are_known(only: str) -> None:
    assert list(_parsers(only)) == list(command_options.ADDED_BY)


def test_the_parser_of_one_command_is_that_among_all() -> None:
    for name, parser in _parsers().items():
        assert _parsers(name)[name].format_help() == parser.format_help()


def test_to_parse_a_question_no_other_command_is_added() -> None:
    assert list(_parsers("ask")) == ["ask"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "key", "says"),
    [
        (["path", "2203.05482", "2202.05262"], "routes", "cites"),
        (["path", "model-editing", "2203.05482"], "routes", "is under"),
        (["path", "2203.05482", "2203.05482"], "routes", "one and the same"),
        (["related", "2203.05482", "-k", "3"], "related", "cited together"),
        (["related", "2203.05482", "2111.09832", "-k", "3"], "related", "citations are known"),
        (["influential", "--topic", "model-editing", "-k", "3"], "papers", "Modifying Memories"),
        (["lineage", "2106.09685"], "main_path", "LoRA"),
        (["bridges", "model-editing", "model-reuse", "-k", "3"], "papers", "it is placed in"),
        (["timeline"], "topics", "Model Reuse"),
        (["timeline", "model-reuse/model-fusion"], "growth", "Task"),
        (["gaps", "-k", "3"], "gaps", "expected"),
    ],
)
def test_the_graph_answers_in_words_and_in_json(lfm, arguments: list[str], key: str, says: str):
    status, out, err = lfm(*arguments)
    assert (status, err) == (0, "")
    assert says in " ".join(out.split())
    status, out, err = lfm(*arguments, "--json")
    assert (status, err) == (0, "")
    document = json.loads(out)
    assert document[key]
    assert document["took_ms"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["path", "2203.05482", "9999.99999"], 1, "no paper"),
        (["path", "2203.05482", "2202.05262", "-n", "0"], 2, "1 or more"),
        (["related", "9999.99999"], 1, "no paper"),
        (["related", "2203.05482", "-k", "0"], 2, "papers"),
        (["influential", "--topic", "model-editting"], 1, "model-editing"),
        (["lineage", "9999.99999"], 1, "no paper"),
        (["bridges", "model-editing", "nowhere"], 1, "no topic"),
        (["timeline", "nowhere"], 1, "no topic"),
        (["export", "list", "--against", "no-such-file.md"], 1, "no-such-file.md"),
        (["export", "bibtex", "--against", "x.md"], 2, "list only"),
    ],
)
def test_bad_questions_to_the_graph_are_one_line(lfm, arguments: list[str], status: int, says: str):
    found, out, err = lfm(*arguments)
    assert (found, out) == (status, "")
    assert err.count("\n") == 1
    assert says in err
