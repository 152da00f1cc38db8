"""The default model on PyTorch, tuned for many texts: half precision and next to no padding.

Imports torch, so it is imported where it is used. It does what `search.embedding.numpy_bert` does;
what differs is the precision, the device and, on a CPU, how attention is computed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own custom)

from search.embedding.base import Embedder, Floats
from search.embedding.batches import batches, pad
from search.embedding.devices import best_device, device_name, half_precision
from search.embedding.folder import BertFolder, tensor_names

# Texts tokenised at a time. A CUDA device works on one window while we tokenise the next.
_WINDOW = {"cpu": 1024, "mps": 1024, "cuda": 256}
_BATCH_TOKENS = {"cpu": 2048, "mps": 16384, "cuda": 65536}  # in a batch, padding included


class _Map(Protocol):
    """`map`, in this thread or in several."""

    def __call__(
        self, call: Callable[[list[list[int]]], torch.Tensor], each: list[list[list[int]]], /
    ) -> Iterable[torch.Tensor]: ...


class TorchBert(Embedder):
    """A mean-pooled BERT from a folder, as `search.embedding.numpy_bert.NumpyBert`, for many texts.

    Parameters
    ----------
    device : str, optional
        ``"cuda"``, ``"mps"`` or ``"cpu"``; the best there is if left out.
    dtype : torch.dtype, optional
        Of weights and hidden states; what suits the device if left out.

    """

    def __init__(
        self,
        folder: Path,
        model: str,
        device: str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self._bert = BertFolder.read(folder)
        self._tokenizer = self._bert.tokenizer()
        self._place = torch.device(device) if device else best_device()
        self.model = model
        self.dim = self._bert.dim
        self.device = device_name(self._place)
        self.dtype = dtype or half_precision(self._place)
        self._load()

    def _load(self) -> None:
        # Query, key and value become one matrix; 1 / sqrt(head width) goes into the query.
        found = self._bert.tensors()
        read = {name: torch.from_numpy(found[name].copy()) for name in tensor_names(self._bert)}
        scale = (self.dim // self._bert.heads) ** -0.5
        for layer in range(self._bert.layers):
            name = f"encoder.layer.{layer}.attention.self"
            for kind in ("weight", "bias"):
                query, key, value = (
                    read.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")
                )
                read[f"{name}.{kind}"] = torch.cat([query * scale, key, value])
        self._tensors = {name: tensor.to(self._place, self.dtype) for name, tensor in read.items()}
        # oneDNN lays a matrix out for its own kernels on every call unless it has been done
        # before, and runs GELU within the product; PyTorch's compiler does the same, but would
        # need a C++ compiler here.
        packs = self._place.type == "cpu" and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        self._packed = {
            name.removesuffix(".weight"): torch.ops.mkldnn._reorder_linear_weight(
                self._tensors.pop(name), _BATCH_TOKENS["cpu"]
            )
            for name, tensor in list(self._tensors.items())
            if packs and name.startswith("encoder.") and tensor.dim() == 2
        }

    @torch.inference_mode()
    def knows(self, word: str) -> bool:
        """See `search.embedding.base.Embedder.knows`."""
        return self._tokenizer.token_to_id(word) is not None

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """See `search.embedding.base.Embedder.encode`."""
        vectors = torch.empty((len(texts), self.dim), dtype=torch.float32, device=self._place)
        # Lengths in characters are near enough to tokens to put texts of like length in one window.
        order = np.argsort([-len(text) for text in texts], kind="stable")
        with _workers(self._place) as each:
            size = _WINDOW[self._place.type]
            for start in range(0, len(order), size):
                window = order[start : start + size]
                encodings = self._tokenizer.encode_batch_fast([texts[row] for row in window])
                tokens = [encoding.ids for encoding in encodings]
                budget = _BATCH_TOKENS[self._place.type]
                groups = list(batches([len(ids) for ids in tokens], budget))
                parts = each(self._embed, [[tokens[row] for row in group] for group in groups])
                for group, part in zip(groups, parts, strict=True):
                    vectors[torch.from_numpy(window[group]).to(self._place)] = part
                    if progress:
                        progress(len(group))
        done: Floats = vectors.cpu().numpy()
        return done

    @torch.inference_mode()
    def _embed(self, tokens: list[list[int]]) -> torch.Tensor:
        # ids of some texts -> (texts, dim) float32 unit rows
        ids, mask = (
            torch.from_numpy(array).to(self._place, non_blocking=True)
            for array in pad(tokens, self._bert.pad)
        )
        vectors = self._pool(self._hidden(ids, mask, self._by_exp), mask)
        if self._by_exp and not vectors.isfinite().all():
            vectors = self._pool(self._hidden(ids, mask, False), mask)
        return vectors

    @property
    def _by_exp(self) -> bool:
        return self._place.type == "cpu" and self.dtype == torch.bfloat16

    @staticmethod
    def _pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        total = (hidden.float() * mask.unsqueeze(-1)).sum(dim=1)
        return F.normalize(total, dim=1)

    def _hidden(self, ids: torch.Tensor, mask: torch.Tensor, by_exp: bool) -> torch.Tensor:
        # (texts, tokens) -> (texts, tokens, dim)
        tensors, (texts, tokens) = self._tensors, ids.shape
        x = tensors["embeddings.word_embeddings.weight"][ids]
        x += tensors["embeddings.position_embeddings.weight"][:tokens]
        x += tensors["embeddings.token_type_embeddings.weight"][0]
        x = self._norm("embeddings.LayerNorm", x)
        for layer in range(self._bert.layers):
            name = f"encoder.layer.{layer}"
            joint = self._linear(f"{name}.attention.self", x)
            # The first layer's scores reach 85 and need the careful softmax; the others' stay
            # below 25.
            attend = _attend_by_exp if by_exp and layer else _attend
            seen = attend(joint.view(texts, tokens, 3, self._bert.heads, -1), mask)
            x = x + self._linear(f"{name}.attention.output.dense", seen)
            x = self._norm(f"{name}.attention.output.LayerNorm", x)
            inner = self._linear(f"{name}.intermediate.dense", x, "gelu")
            x = x + self._linear(f"{name}.output.dense", inner)
            x = self._norm(f"{name}.output.LayerNorm", x)
        return x

    def _linear(self, name: str, x: torch.Tensor, then: str = "none") -> torch.Tensor:
        # x W' + b, and then nothing ("none") or "gelu"
        bias = self._tensors[f"{name}.bias"]
        if name in self._packed:
            product = torch.ops.mkldnn._linear_pointwise
            y: torch.Tensor = product(x, self._packed[name], bias, then, [], "none")
            return y
        y = F.linear(x, self._tensors[f"{name}.weight"], bias)
        return F.gelu(y) if then == "gelu" else y

    def _norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return F.layer_norm(x, (self.dim,), weight, bias, self._bert.eps)


def _attend(joint: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    # (texts, tokens, 3, heads, width) -> (texts, tokens, heads * width)
    query, key, value = joint.permute(2, 0, 3, 1, 4)
    seen = F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask[:, None, None, :], scale=1.0
    )
    return seen.transpose(1, 2).flatten(2)


def _attend_by_exp(joint: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    # As `_attend`, about twice as fast on a CPU in bfloat16, where softmax and the fused kernel
    # cost more than the products. The softmax is left undivided, exp(scores), and a column of
    # ones beside the values gives its sum; zero rows of both hide the padding. Without the
    # usual subtraction of the maximum, scores over 88 overflow: the caller looks for that.
    texts, tokens, _, heads, width = joint.shape
    query, key, value = joint.permute(2, 0, 3, 1, 4)
    weights = torch.matmul(query, key.transpose(2, 3)).exp_()
    extended = joint.new_ones(texts, heads, tokens, width + 1)
    extended[..., :width] = value
    extended *= mask[:, None, :, None]
    seen = torch.matmul(weights, extended)
    return (seen[..., :width] / seen[..., width:]).transpose(1, 2).flatten(2)


@contextmanager
def _workers(device: torch.device) -> Iterator[_Map]:
    # On a CPU, one batch a core: cores that share each product wait for each other at its end,
    # hundreds of times a batch, and the longer the busier the machine is.
    threads = torch.get_num_threads()
    if device.type != "cpu" or threads == 1:
        yield map
        return
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
