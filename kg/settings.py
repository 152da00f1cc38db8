"""Settings: `lfm.yaml` in the home folder, overridden by `LFM_*` environment variables."""

import os
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path

from kg.errors import AtlasError
from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders, model, index, endpoints and keys."""

    home: Path
    """Folder of the catalogue, the index and `lfm.yaml` (`LFM_HOME`)."""
    model: str = "default"
    """Embedding model: ``default``, or a sentence-transformers name or folder (`LFM_MODEL`)."""
    index: str = "auto"
    """Vector index: ``faiss``, ``exact``, ``ivf``, ``milvus``, or ``auto``: by the number of papers
    (`LFM_INDEX`)."""
    milvus_uri: str = field(default="", repr=False)
    """Address of Milvus, or a file of Milvus Lite, relative to `home`, that ends in ``.db``; by
    default such a file in the cache (`LFM_MILVUS_URI`)."""
    milvus_token: str = field(default="", repr=False)
    """``user:password`` or a key, where Milvus asks for one (`LFM_MILVUS_TOKEN`)."""
    words: str = "auto"
    """Index of words: ``fts5``, ``tantivy``, ``milvus``, or ``auto``: ``milvus`` where `index` is,
    else by the number of papers (`LFM_WORDS`)."""
    taxonomy: str = ""
    """Your own taxonomy file, relative to `home`; by default none (`LFM_TAXONOMY`)."""
    arxiv_url: str = "https://export.arxiv.org/api/query"
    """Address of arXiv's API (`LFM_ARXIV_URL`)."""
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    """Address of arXiv's OAI-PMH interface (`LFM_OAI_URL`)."""
    semantic_scholar_url: str = "https://api.semanticscholar.org"
    """Address of Semantic Scholar's API (`LFM_SEMANTIC_SCHOLAR_URL`)."""
    openalex_url: str = "https://api.openalex.org"
    """Address of OpenAlex's API (`LFM_OPENALEX_URL`)."""
    lists_url: str = "https://raw.githubusercontent.com"
    """Address of the awesome lists' files (`LFM_LISTS_URL`)."""
    semantic_scholar_key: str = field(default="", repr=False)
    """Your Semantic Scholar key, if you have one (`LFM_SEMANTIC_SCHOLAR_KEY`)."""
    openalex_key: str = field(default="", repr=False)
    """Your OpenAlex key, if you have one (`LFM_OPENALEX_KEY`)."""
    digest: str = field(default="", repr=False)
    """File or webhook that gets what each refresh brought, relative to `home` (`LFM_DIGEST`)."""
    digest_form: str = ""
    """What a webhook gets: ``slack`` or ``json``; by default by its host (`LFM_DIGEST_FORM`)."""
    digest_empty: str = ""
    """When digests without news go out: ``daily`` (the default), ``always`` or ``never``
    (`LFM_DIGEST_EMPTY`)."""
    contact: str = ""
    """A mail address or link by which operators of servers can reach you (`LFM_CONTACT`)."""
    gate: str = ""
    """Folder by which all processes of the machine share arXiv's rate limit (`LFM_GATE`); by
    default in the system's folder for temporary files."""

    @property
    def catalogue(self) -> Path:
        """The catalogue's file."""
        return self.home / "atlas.sqlite"

    @property
    def users(self) -> Path:
        """File of the accounts; it exists once the first account was made."""
        return self.home / "users.json"

    @property
    def own_taxonomy(self) -> Path | None:
        """The user's own taxonomy file, if any."""
        return Path(self.taxonomy) if self.taxonomy else None

    @property
    def cache(self) -> Path:
        """Folder of what can be rebuilt: indexes and results of checks."""
        return self.home / "cache"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Parameters
    ----------
    environment : mapping of str to str
        Environment variables; ``LFM_HOME`` and ``LFM_<NAME OF A SETTING>`` are read.

    Raises
    ------
    AtlasError
        If `lfm.yaml` cannot be read or names an unknown setting.
    """
    given = environment.get("LFM_HOME")
    try:
        home = (Path(given) if given else _default_home()).expanduser()
    except RuntimeError as error:  # ~somebody, or a user that the system does not know.
        missing = f"there is no folder {given}" if given else "you have no home folder"
        raise AtlasError(missing, "set LFM_HOME to a folder that you may write") from error
    names = [one.name for one in fields(Settings) if one.name != "home"]
    values = _read(home / "lfm.yaml", names)
    for name in names:
        if text := environment.get(f"LFM_{name.upper()}"):
            values[name] = text
    for name in (name for name in values if name.endswith(("_key", "_token"))):
        values[name] = values[name].strip()
        # Never show the key itself: it may be right but for one character.
        if not values[name].isascii() or not values[name].isprintable():
            raise AtlasError(f"{name} is no key", "a key is one line of letters, digits and signs")
    for name in ("taxonomy", "milvus_uri"):
        if name not in values or "://" in values[name]:  # None, or the address of a server.
            continue
        try:
            values[name] = str(home / Path(values[name]).expanduser())
        except RuntimeError as error:  # ~somebody
            mend = f"set LFM_{name.upper()} to another"
            raise AtlasError(f"there is no file {values[name]}", mend) from error
    return Settings(home=home, **values)


def _default_home() -> Path:
    import platformdirs  # Takes longer to import than the settings to read.

    return platformdirs.user_data_path("lfm-atlas", appauthor=False)


def _read(path: Path, names: list[str]) -> dict[str, str]:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise AtlasError(f"cannot read {path}: {error.strerror}") from error
    import yaml  # Slow to import, and few have the file.

    try:
        document = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # 2024-13-01, [[[[...
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise AtlasError(f"{path}{line}: not YAML", "write one `name: value` a line") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise AtlasError(f"{path}: settings must be `name: value` lines")
    for name, value in document.items():
        if name not in names:
            import difflib  # Only errors suggest names.

            nearest = difflib.get_close_matches(str(name), names, n=1) or names
            raise AtlasError(f"{path}: unknown setting {name!r}", f"known: {', '.join(nearest)}")
        if not isinstance(value, str) or not value.strip():
            raise AtlasError(f"{path}: {name} must be text", f'write {name}: "{value}"')
    return dict(document)
