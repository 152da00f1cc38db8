"""A sentence model of the BERT family in NumPy, so that a question need not wait for PyTorch.

The forward pass is that of BERT (Devlin et al. 2018, arXiv:1810.04805) on the layers of a
Transformer (Vaswani et al. 2017, arXiv:1706.03762), followed by the mean over tokens and the
normalisation of Sentence-BERT (Reimers and Gurevych 2019, arXiv:1908.10084).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from kg.errors import ModelError
from search.embedding.open import Embedder
from search.embedding.weights import map_tensors

Floats = npt.NDArray[np.float32]

WEIGHTS = "model.safetensors"
_FEW = 32  # tokens, up to which a product is cut into pieces: 7 ms for a question, not 16
_UNCOPIED = 1_000_000  # products in a piece
_BATCH_TOKENS = 1024  # tokens, padding included: the widest layer's 6 MB stay in the cache
_GELU_ROWS = 16  # rows of 1,536 float32, three buffers of which fit a core's own cache


@dataclass(frozen=True, slots=True)
class BertFolder:
    """What the JSON files of a sentence-transformers folder say about its model."""

    path: Path
    """The folder."""
    dim: int
    """Width of the hidden states and of the embedding."""
    layers: int
    """Number of layers."""
    heads: int
    """Attention heads in a layer."""
    eps: float
    """Term under the square root of the layer normalisation."""
    pad: int
    """Id of the padding token."""
    max_tokens: int
    """Tokens after which a text is cut off, [CLS] and [SEP] included."""

    @classmethod
    def read(cls, path: Path) -> "BertFolder":
        """Read a folder, and refuse any model but a mean-pooled, normalised BERT.

        Parameters
        ----------
        path : Path
            Folder with `modules.json`.

        Returns
        -------
        BertFolder

        Raises
        ------
        ModelError
            If a file is missing or broken, or the model is of another kind.
        """
        try:
            modules = {
                module["type"].rpartition(".")[2]: path / module["path"]
                for module in _json(path / "modules.json")
            }
            bert = _json(modules["Transformer"] / "config.json")
            pooling = _json(modules["Pooling"] / "config.json")
            sentence = _json(modules["Transformer"] / "sentence_bert_config.json")
            ours = (
                list(modules) == ["Transformer", "Pooling", "Normalize"]
                and bert["model_type"] == "bert"
                and bert["hidden_act"] == "gelu"
                and bert.get("position_embedding_type", "absolute") == "absolute"
                and [mode for mode in pooling if pooling[mode] is True]
                == ["pooling_mode_mean_tokens"]
                and not sentence.get("do_lower_case")
            )
            if not ours:
                raise ModelError(f"{path} is no mean-pooled, normalised BERT")
            return cls(
                path=modules["Transformer"],
                dim=bert["hidden_size"],
                layers=bert["num_hidden_layers"],
                heads=bert["num_attention_heads"],
                eps=bert["layer_norm_eps"],
                pad=bert["pad_token_id"],
                max_tokens=min(
                    sentence.get("max_seq_length") or bert["max_position_embeddings"],
                    bert["max_position_embeddings"],
                ),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{path} is no readable model folder ({type(error).__name__}: {error})"
            ) from error

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Map the weights into memory, by name.

        Raises
        ------
        ModelError
            If the file is missing or broken, or lacks a tensor that the forward pass reads.
        """
        found = map_tensors(self.path / WEIGHTS)
        if missing := next((name for name in tensor_names(self) if name not in found), None):
            raise ModelError(f"the weights in {self.path} lack {missing}")
        return found

    def tokenizer(self) -> Tokenizer:
        """Open the tokenizer: cuts at `max_tokens`, does not pad.

        Raises
        ------
        ModelError
            If `tokenizer.json` is missing or broken.
        """
        try:
            tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        except Exception as error:  # the library raises nothing narrower
            raise ModelError(f"cannot read {self.path / 'tokenizer.json'} ({error})") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


class NumpyBert(Embedder):
    """A mean-pooled BERT from a sentence-transformers folder.

    Parameters
    ----------
    folder : Path
        With `modules.json`, `tokenizer.json` and float32 weights in `model.safetensors`.
    model : str
        The name under which its vectors are kept.

    Attributes
    ----------
    model : str
    dim : int
    device : str

    Raises
    ------
    ModelError
        If the folder holds no such model.
    """

    device = "cpu (NumPy)"

    def __init__(self, folder: Path, model: str) -> None:
        self._bert = BertFolder.read(folder)
        self._tokenizer = self._bert.tokenizer()
        self._tensors = self._bert.tensors()
        self.model = model
        self.dim = self._bert.dim

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """Embed texts.

        Parameters
        ----------
        texts : sequence of str
            Whatever follows the model's longest input is not read; may be empty strings.
        progress : callable, optional
            Called with the number of texts newly done.

        Returns
        -------
        (n, dim) float32, unit rows
        """
        vectors = np.empty((len(texts), self.dim), np.float32)
        # One by one: batches would start the library's threads, which do not survive a fork.
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        for batch in batches([len(ids) for ids in tokens], _BATCH_TOKENS):
            ids, mask = pad([tokens[row] for row in batch], self._bert.pad)
            vectors[batch] = self._pool(self._hidden(ids, mask), mask)
            if progress:
                progress(len(batch))
        return vectors

    @staticmethod
    def _pool(hidden: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
        # The mean over a text's own tokens (arXiv:1908.10084, section 3), at unit length; the
        # division of the mean by the count drops out.
        total = np.einsum("blw,bl->bw", hidden, mask.astype(np.float32))
        return unit_rows(total)

    def _hidden(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_]) -> Floats:
        # (texts, tokens) -> (texts, tokens, dim)
        tensors, (texts, tokens) = self._tensors, ids.shape
        # Fancy indexing copies these rows out of the mapped table, and nothing else of it.
        words = tensors["embeddings.word_embeddings.weight"][ids.reshape(-1)]
        x: Floats = words.reshape(texts, tokens, self.dim)
        x += tensors["embeddings.position_embeddings.weight"][:tokens]
        x += tensors["embeddings.token_type_embeddings.weight"][0]
        x = self._norm("embeddings.LayerNorm", x.reshape(-1, self.dim))
        # exp(-1e9) is 0: nobody looks at padding. Without padding there is nothing to hide.
        hide = None if mask.all() else np.where(mask, 0, -1e9).astype(np.float32)[:, None, None, :]
        for layer in range(self._bert.layers):
            name = f"encoder.layer.{layer}"
            seen = self._attend(f"{name}.attention.self", x, texts, hide)
            x += self._linear(f"{name}.attention.output.dense", seen)
            x = self._norm(f"{name}.attention.output.LayerNorm", x)
            inner = gelu(self._linear(f"{name}.intermediate.dense", x))
            x += self._linear(f"{name}.output.dense", inner)
            x = self._norm(f"{name}.output.LayerNorm", x)
        return x.reshape(texts, tokens, self.dim)

    def _attend(self, name: str, x: Floats, texts: int, hide: Floats | None) -> Floats:
        # Scaled dot-product attention in every head: arXiv:1706.03762, equation 1.
        query, key, value = (
            self._linear(f"{name}.{part}", x)
            .reshape(texts, -1, self._bert.heads, self.dim // self._bert.heads)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores: Floats = query @ key.swapaxes(2, 3)
        scores *= np.float32((self.dim // self._bert.heads) ** -0.5)
        if hide is not None:
            scores += hide
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, self.dim)
        return mixed

    def _linear(self, name: str, x: Floats) -> Floats:
        weight = self._tensors[f"{name}.weight"]
        y: Floats = _product_of_few(weight, x) if len(x) <= _FEW else x @ weight.T
        y += self._tensors[f"{name}.bias"]
        return y

    def _norm(self, name: str, x: Floats) -> Floats:
        # Layer normalisation (Ba et al. 2016, arXiv:1607.06450, equation 4), in place.
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("nw,nw->n", x, x)[:, None] / np.float32(self.dim)
        x /= np.sqrt(variance + np.float32(self._bert.eps))
        x *= self._tensors[f"{name}.weight"]
        x += self._tensors[f"{name}.bias"]
        return x


def _product_of_few(weight: Floats, x: Floats) -> Floats:
    # OpenBLAS copies the whole weight matrix before it multiplies, which takes longer than
    # multiplying by the dozen tokens of a question; below a million products it does not.
    columns = np.ascontiguousarray(x.T)
    y = np.empty((len(weight), len(x)), np.float32)
    step = max(8, _UNCOPIED // columns.size // 8 * 8)
    for start in range(0, len(weight), step):
        rows = slice(start, start + step)
        np.matmul(weight[rows], columns, out=y[rows])
    return np.ascontiguousarray(y.T)


def tensor_names(bert: BertFolder) -> Iterator[str]:
    """Names of the tensors that the forward pass reads.

    Parameters
    ----------
    bert : BertFolder

    Yields
    ------
    str
    """
    yield from (f"embeddings.{kind}_embeddings.weight" for kind in ("word", "position"))
    yield "embeddings.token_type_embeddings.weight"
    parts = ["embeddings.LayerNorm"]
    for layer in range(bert.layers):
        parts += [
            f"encoder.layer.{layer}.{part}"
            for part in (
                *(f"attention.self.{what}" for what in ("query", "key", "value")),
                *("attention.output.dense", "attention.output.LayerNorm"),
                *("intermediate.dense", "output.dense", "output.LayerNorm"),
            )
        ]
    yield from (f"{part}.{kind}" for part in parts for kind in ("weight", "bias"))


def batches(lengths: Sequence[int], budget: int) -> Iterator[npt.NDArray[np.intp]]:
    """Group texts of like length, so that little of a batch is padding.

    Parameters
    ----------
    lengths : sequence of int
        Tokens in each text.
    budget : int
        Most tokens in a batch, padding included; a longer text is a batch of its own.

    Yields
    ------
    (m,) int
        Indices into `lengths`, longest text first; every index comes once.

    Examples
    --------
    >>> [batch.tolist() for batch in batches([3, 9, 4, 8], 18)]
    [[1, 3], [2, 0]]
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def pad(
    tokens: Sequence[Sequence[int]], filler: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Make a rectangle of token ids.

    Parameters
    ----------
    tokens : sequence of sequence of int
        Ids of each text, at least one text.
    filler : int
        Id of the padding token.

    Returns
    -------
    ids : (n, longest) int64
    mask : (n, longest) bool
        True at a text's own tokens.

    Examples
    --------
    >>> pad([[5, 6], [7]], 0)[0].tolist()
    [[5, 6], [7, 0]]
    """
    lengths = np.array([len(ids) for ids in tokens])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, filler, np.int64)
    ids[mask] = np.concatenate([np.asarray(one, np.int64) for one in tokens])
    return ids, mask


def unit_rows(vectors: npt.NDArray[Any]) -> Floats:
    """Scale rows to length 1; a zero row stays as it is.

    Parameters
    ----------
    vectors : (n, dim) float

    Returns
    -------
    (n, dim) float32

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    rows = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.maximum(norms, np.float32(1e-12))
    return unit


# Numerator and denominator of x * P(x^2) / Q(x^2), highest power first: the rational minimax
# approximation of erf on [-4, 4] that Eigen (`generic_fast_erf_float`) and XLA (`ErfImpl32`) use.
_ERF_P = (
    *(-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06),
    *(-5.69250639462346e-05, -7.34990630326855e-04, -2.95459980854025e-03),
    -1.60960333262415e-02,
)
_ERF_Q = (
    *(-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03),
    *(-7.37332916720468e-03, -1.42647390514189e-02),
)


def erf(x: Floats) -> Floats:
    """Error function to float32, within 5e-7 of `math.erf` everywhere.

    The rational approximation of Eigen and XLA; NumPy has none, and importing SciPy's takes
    longer than a question.

    Parameters
    ----------
    x : ndarray of float32

    Returns
    -------
    ndarray of float32

    Examples
    --------
    >>> erf(np.array([0, 9], np.float32)).tolist()
    [0.0, 1.0]
    """
    clipped = np.clip(x, np.float32(-4), np.float32(4))
    square = clipped * clipped
    clipped *= _polynomial(_ERF_P, square)
    clipped /= _polynomial(_ERF_Q, square)
    return clipped


def _polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    value: Floats = x * np.float32(coefficients[0])
    for coefficient in coefficients[1:-1]:
        value += np.float32(coefficient)
        value *= x
    value += np.float32(coefficients[-1])
    return value


def gelu(x: Floats) -> Floats:
    """x Phi(x) with the exact normal distribution function Phi, in place.

    Hendrycks and Gimpel 2016, arXiv:1606.08415: x (1 + erf(x / sqrt 2)) / 2.

    Parameters
    ----------
    x : (n, width) float32
        Overwritten.

    Returns
    -------
    (n, width) float32
        `x` itself.
    """
    for start in range(0, len(x), _GELU_ROWS):
        rows = x[start : start + _GELU_ROWS]
        half = erf(rows * np.float32(0.5**0.5))
        half += np.float32(1)
        half *= np.float32(0.5)
        rows *= half
    return x


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
