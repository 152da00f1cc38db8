import math
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kg.errors import ModelError
from search.embedding.base import unit_rows
from search.embedding.batches import batches, pad
from search.embedding.folder import BertFolder
from search.embedding.numpy_bert import NumpyBert, erf, gelu
from search.embedding.open import default_folder
from search.embedding.weights import map_tensors
from tests.support.folders import ROOT

SUBJECTS = [
    "Merging fine-tuned models",
    "Editing facts",
    "模型合并",
    "Слияние моделей",
    "数据蒸馏 🙂",
]
TEXTS = [
    *("", " ", "a", "?", "🙂", "naïve café", "Wie verbindet man Modelle?", "x" * 5000, "\x00\n\t"),
    *(f"{subject} {'without any data ' * (7 * n)}" for subject in SUBJECTS for n in range(18)),
    "[SEP] [MASK] [CLS] [PAD] are words here too",
]


@pytest.fixture(scope="module")
def bert() -> NumpyBert:
    return NumpyBert(default_folder(), "test")


@pytest.mark.model
def test_agrees_with_sentence_transformers(bert: NumpyBert) -> None:
    from sentence_transformers import SentenceTransformer

    texts = TEXTS
    assert len(texts) >= 100
    theirs = SentenceTransformer(str(default_folder()), device="cpu").encode(texts)
    ours = bert.encode(texts)
    assert ours.shape == (len(texts), 384)
    assert ours.dtype == np.float32
    assert (ours * theirs).sum(axis=1).min() >= 0.9999
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.model
def test_a_text_gets_one_vector_whatever_is_beside_it(bert: NumpyBert) -> None:
    together = bert.encode(TEXTS[-30:])
    alone = np.stack([bert.encode_query(text) for text in TEXTS[-30:]])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.model
def test_rows_are_unit_and_no_text_gives_no_row(bert: NumpyBert) -> None:
    np.testing.assert_allclose(np.linalg.norm(bert.encode(TEXTS[:9]), axis=1), 1, atol=1e-6)
    assert bert.encode([]).shape == (0, 384)


@pytest.mark.model
def test_progress_counts_every_text(bert: NumpyBert) -> None:
    done: list[int] = []
    bert.encode(TEXTS[:40], done.append)
    assert sum(done) == 40


@pytest.mark.model
def test_what_follows_256_tokens_is_not_read(bert: NumpyBert) -> None:
    start = time.process_time()
    long = bert.encode_query("model merging " * 800)  # over 10,000 characters
    assert time.process_time() - start < 5  # tenths of a second; a slow machine takes longer
    np.testing.assert_allclose(long, bert.encode_query("model merging " * 127), atol=1e-6)


@pytest.mark.slow
def test_a_question_loads_neither_torch_nor_scipy_nor_tokenizers() -> None:
    script = (
        "import sys\n"
        "import search.embedding.bulk\n"
        "from search.embedding.open import open_embedder\n"
        "open_embedder().encode_query('Which methods merge models?')\n"
        "heavy = {'torch', 'scipy', 'transformers', 'sentence_transformers', 'tokenizers'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.returncode == 0, done.stderr


def test_erf_and_gelu_to_float32() -> None:
    x = np.linspace(-6, 6, 20001).astype(np.float32)
    exact = np.array([math.erf(value) for value in x.tolist()])
    assert np.abs(erf(x) - exact).max() < 5e-7
    normal = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in x.tolist()])
    assert np.abs(gelu(x[None].copy())[0] - x * normal).max() < 2e-6


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(1, 300, 500).tolist()
    groups = list(batches(lengths, 256))
    assert sorted(np.concatenate(groups).tolist()) == list(range(500))
    assert all(len(g) == 1 or len(g) * max(lengths[i] for i in g) <= 256 for g in groups)
    assert list(batches([], 10)) == []


def test_pad_marks_the_padding() -> None:
    ids, mask = pad([[1], [2, 3, 4]], 9)
    assert ids.tolist() == [[1, 9, 9], [2, 3, 4]]
    assert mask.tolist() == [[True, False, False], [True, True, True]]


def test_a_zero_row_stays_zero() -> None:
    assert unit_rows(np.zeros((1, 3))).tolist() == [[0, 0, 0]]


def test_folder_is_read() -> None:
    bert = BertFolder.read(default_folder())
    assert (bert.dim, bert.layers, bert.heads, bert.max_tokens) == (384, 6, 12, 256)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("config.json", '"gelu"', '"relu"'),
        ("config.json", '"hidden_size"', '"other"'),
        (
            "1_Pooling/config.json",
            '"pooling_mode_cls_token": false',
            '"pooling_mode_cls_token": true',
        ),
        ("sentence_bert_config.json", "{", ""),
        ("modules.json", "[", "{"),
    ],
)
def test_another_or_a_broken_model_is_refused(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        NumpyBert(folder, "test")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("without", [(), ("vocab.txt",), ("tokenizer_config.json",)])
def test_a_broken_tokenizer_is_told_when_a_text_needs_it(
    tmp_path: Path, without: Sequence[str]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(default_folder() / "model.safetensors")
    (folder / "tokenizer.json").write_text("}")
    for name in without:
        (folder / name).unlink()
    with pytest.raises(ModelError, match="tokenizer"):
        NumpyBert(folder, "test").encode_query("naïve" if not without else "plain")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 100, b"\x02" + bytes(7) + b"[]"])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        map_tensors(path)


def test_missing_tensors_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    with pytest.raises(ModelError, match=r"lack embeddings\.word_embeddings"):
        NumpyBert(folder, "test")
