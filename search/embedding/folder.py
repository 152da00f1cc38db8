"""A sentence-transformers folder of a BERT model: its configuration, weights and tokenizer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from kg.errors import ModelError
from kg.values import dataclass
from search.embedding.weights import map_tensors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS = "model.safetensors"
"""Name of the file of weights."""


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
        """Read a folder with `modules.json`; refuse any but a mean-pooled, normalised BERT.

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

    def tokenizer(self) -> "Tokenizer":
        """Open the tokenizer: cuts at `max_tokens`, does not pad.

        Raises
        ------
        ModelError
            If `tokenizer.json` is missing or broken.
        """
        from tokenizers import Tokenizer  # Most questions need no more than `WordPieces`.

        try:
            tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        except Exception as error:  # the library raises nothing narrower
            raise ModelError(f"cannot read {self.path / 'tokenizer.json'} ({error})") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def tensor_names(bert: BertFolder) -> Iterator[str]:
    """Names of the tensors that the forward pass reads."""
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


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
