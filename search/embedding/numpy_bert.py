"""A sentence model of the BERT family in NumPy, so that a question need not wait for PyTorch.

The forward pass is that of BERT (Devlin et al. 2018, arXiv:1810.04805) on the layers of a
Transformer (Vaswani et al. 2017, arXiv:1706.03762), followed by the mean over tokens and the
normalisation of Sentence-BERT (Reimers and Gurevych 2019, arXiv:1908.10084).
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search.embedding.base import Embedder, Floats, unit_rows
from search.embedding.batches import batches
from search.embedding.folder import BertFolder
from search.embedding.word_pieces import WordPieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAX_CUT_TOKENS = 128  # up to which a product is cut into pieces: 7 ms for a question, not 16
_PIECE_TOKENS = 32  # at most, in a piece
_PIECE_PRODUCTS = 1_000_000  # multiplications in a piece
_BATCH_TOKENS = 1024  # the widest layer's 6 MB stay in the cache
_GELU_ROWS = 16  # rows of 1,536 float32, three buffers of which fit a core's own cache


class NumpyBert(Embedder):
    """A mean-pooled BERT from a sentence-transformers folder.

    Parameters
    ----------
    folder : Path
        With `modules.json`, `tokenizer.json` and float32 weights in `model.safetensors`.
    model : str
        The name under which its vectors are kept.

    Raises
    ------
    ModelError
        If the folder holds no such model.
    """

    device = "cpu (NumPy)"

    def __init__(self, folder: Path, model: str) -> None:
        self._bert = BertFolder.read(folder)
        self._tensors = self._bert.tensors()
        entries = len(self._tensors["embeddings.word_embeddings.weight"])
        self._pieces = WordPieces.read(self._bert.path, entries, self._bert.max_tokens)
        if self._pieces is None:
            self._tokenizer  # noqa: B018  (says what is wrong with it)
        self.model = model
        self.dim = self._bert.dim

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return self._bert.tokenizer()

    def knows(self, word: str) -> bool:
        """See `search.embedding.base.Embedder.knows`."""
        if self._pieces is not None:
            return word in self._pieces
        return self._tokenizer.token_to_id(word) is not None

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """See `search.embedding.base.Embedder.encode`."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        tokens = [self._tokens(text) for text in texts]
        for batch in batches([len(ids) for ids in tokens], _BATCH_TOKENS):
            vectors[batch] = self._pooled([tokens[row] for row in batch])
            if progress:
                progress(len(batch))
        return vectors

    def _tokens(self, text: str) -> list[int]:
        ids = None if self._pieces is None else self._pieces.ids(text)
        # One by one: batches would start the library's threads, which do not survive a fork.
        return self._tokenizer.encode(text).ids if ids is None else ids

    def _pooled(self, texts: Sequence[Sequence[int]]) -> Floats:
        # The tokens of all texts stand one after another, without padding: that would be computed
        # as well, and a text's vector would depend, in its last digits, on what is beside it.
        ends = np.cumsum([len(ids) for ids in texts])
        own = [slice(end - len(ids), end) for ids, end in zip(texts, ends, strict=True)]
        hidden = self._hidden(texts, own)
        # The mean over a text's tokens (arXiv:1908.10084, section 3), at unit length; the division
        # of the mean by the count drops out.
        return unit_rows(np.stack([hidden[rows].sum(axis=0) for rows in own]))

    def _hidden(self, texts: Sequence[Sequence[int]], own: Sequence[slice]) -> Floats:
        # -> (all tokens, dim); `own` are the rows of each text.
        tensors = self._tensors
        ids = np.concatenate([np.asarray(one, np.int64) for one in texts])
        places = np.concatenate([np.arange(len(one)) for one in texts])
        # Fancy indexing copies these rows out of the mapped table, and nothing else of it.
        x: Floats = tensors["embeddings.word_embeddings.weight"][ids]
        x += tensors["embeddings.position_embeddings.weight"][places]
        x += tensors["embeddings.token_type_embeddings.weight"][0]
        x = self._norm("embeddings.LayerNorm", x)
        for layer in range(self._bert.layers):
            name = f"encoder.layer.{layer}"
            seen = self._attend(f"{name}.attention.self", x, own)
            x += self._linear(f"{name}.attention.output.dense", seen)
            x = self._norm(f"{name}.attention.output.LayerNorm", x)
            inner = gelu(self._linear(f"{name}.intermediate.dense", x))
            x += self._linear(f"{name}.output.dense", inner)
            x = self._norm(f"{name}.output.LayerNorm", x)
        return x

    def _attend(self, name: str, x: Floats, own: Sequence[slice]) -> Floats:
        # Scaled dot-product attention in every head, of each text for itself: arXiv:1706.03762,
        # equation 1.
        query, key, value = (
            self._linear(f"{name}.{part}", x).reshape(len(x), self._bert.heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        query *= np.float32((self.dim // self._bert.heads) ** -0.5)
        mixed = np.empty_like(x)
        for rows in own:
            scores: Floats = query[:, rows] @ key[:, rows].swapaxes(1, 2)
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed[rows] = (scores @ value[:, rows]).swapaxes(0, 1).reshape(-1, self.dim)
        return mixed

    def _linear(self, name: str, x: Floats) -> Floats:
        weight = self._tensors[f"{name}.weight"]
        y: Floats = _product_in_pieces(weight, x) if len(x) <= _MAX_CUT_TOKENS else x @ weight.T
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


def _product_in_pieces(weight: Floats, x: Floats) -> Floats:
    y = np.empty((len(x), len(weight)), np.float32)
    pieces = -(-len(x) // _PIECE_TOKENS)
    size = -(-len(x) // pieces)
    for start in range(0, len(x), size):
        _product_of_few(weight, x[start : start + size], y[start : start + size])
    return y


def _product_of_few(weight: Floats, x: Floats, out: Floats) -> None:
    # OpenBLAS copies the whole weight matrix before it multiplies, which takes longer than
    # multiplying by the dozen tokens of a question; below a million products it does not.
    columns = np.ascontiguousarray(x.T)
    y = np.empty((len(weight), len(x)), np.float32)
    step = max(8, _PIECE_PRODUCTS // columns.size // 8 * 8)
    for start in range(0, len(weight), step):
        rows = slice(start, start + step)
        np.matmul(weight[rows], columns, out=y[rows])
    out[:] = y.T


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
    """Overwrite x, (n, width), with x Phi(x), by the exact normal distribution function Phi.

    Hendrycks and Gimpel 2016, arXiv:1606.08415: x (1 + erf(x / sqrt 2)) / 2.
    """
    for start in range(0, len(x), _GELU_ROWS):
        rows = x[start : start + _GELU_ROWS]
        half = erf(rows * np.float32(0.5**0.5))
        half += np.float32(1)
        half *= np.float32(0.5)
        rows *= half
    return x
