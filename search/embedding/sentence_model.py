"""Any sentence-transformers model, by name or folder.

Imports sentence-transformers and so PyTorch, seconds of loading: it is imported where it is used.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from kg.errors import ModelError
from search.embedding.base import Embedder, Floats, unit_rows
from search.embedding.devices import best_device, device_name, half_precision

_PROGRESS_STEP = 256  # texts between two reports of progress
_BATCH_TEXTS = {"cpu": 16, "mps": 64, "cuda": 256}  # on a CPU more at once are slower
_HUB_TIMEOUT_S = 10.0  # for the Hub to say whether it has a model
_MAX_REASON_CHARS = 160  # of a library's message that an error of ours repeats


class SentenceModel(Embedder):
    """A sentence-transformers model, with its own prompts for questions and for documents.

    Parameters
    ----------
    source : str
        Name on the Hugging Face Hub, or a folder.
    half : bool
        Whether to compute in half precision where the device is faster at it.

    Raises
    ------
    ModelError
        If there is no such model here or on the Hub, or it cannot be loaded.
    """

    def __init__(self, source: str, model: str, half: bool = False) -> None:
        device = best_device()
        self._net = _load(source, device)
        if half:
            dtype = half_precision(device)
            # float16 overflows in some models (those of the T5 family); bfloat16 in none.
            if device.type == "cuda" and torch.cuda.is_bf16_supported():
                dtype = torch.bfloat16
            self._net.to(dtype)
        self.model = model
        self.device = device_name(device)
        self._batch = _BATCH_TEXTS[device.type]
        self.dim = self._net.get_embedding_dimension() or len(self.encode_query(""))

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Embed questions, after the model's prompt for questions."""
        return unit_rows(
            self._net.encode_query(list(texts), batch_size=self._batch, show_progress_bar=False)
        )

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """Embed texts, after the model's prompt for documents."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        order = np.argsort([-len(text) for text in texts], kind="stable")
        for start in range(0, len(order), _PROGRESS_STEP):
            rows = order[start : start + _PROGRESS_STEP]
            vectors[rows] = unit_rows(
                self._net.encode_document(
                    [texts[row] for row in rows], batch_size=self._batch, show_progress_bar=False
                )
            )
            if progress:
                progress(len(rows))
        return vectors


def _load(source: str, device: torch.device) -> SentenceTransformer:
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of reading the weights
    local = Path(source).is_dir()
    try:
        try:
            # What is here already is used without asking the Hub, so a question stays off the
            # network once the model has been fetched.
            return SentenceTransformer(source, device=str(device), local_files_only=True)
        except Exception:  # whatever it was, the second try says it
            if local:
                raise
            _ask_hub(source)
            return SentenceTransformer(source, device=str(device))
    except Exception as error:  # a dozen kinds, from four libraries
        raise ModelError(
            f"cannot load the embedding model {source} ({_condense(error)})",
            "the folder should hold what sentence-transformers saves"
            if local
            else "check the name and the network, or set a folder that holds the model",
        ) from error


def _ask_hub(name: str) -> None:
    # One request with a time limit; loading would try for over a minute before it gave up.
    hub = HfApi()
    try:
        # Names without an owner are sentence-transformers' own, or old ones of the Hub.
        full = name if "/" in name else f"sentence-transformers/{name}"
        hub.model_info(full, timeout=_HUB_TIMEOUT_S)
    except RepositoryNotFoundError:
        if "/" in name:
            raise
        hub.model_info(name, timeout=_HUB_TIMEOUT_S)


def _condense(error: Exception) -> str:
    # The first line that says something; the libraries add pages of advice.
    if isinstance(error, RepositoryNotFoundError):
        return "the Hugging Face Hub shows no model of that name"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[0] if lines else type(error).__name__
    return reason if len(reason) <= _MAX_REASON_CHARS else reason[: _MAX_REASON_CHARS - 3] + "..."
